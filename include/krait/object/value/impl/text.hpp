// What str and bytes have in common for their methods: characters at places, searches, classes, cases.
//
//   text        the characters of a str or the bytes of a bytes: at(i) of either
//   piece(i, j) a new value of the same type with the characters in [i, j)
// Small and capital letters beyond ASCII are those of glibc's C.UTF-8; the other classes, and cases that are more than
// one character or differ by place, are in unicode_classes.hpp.
#pragma once

#include <algorithm>
#include <clocale>
#include <cstring>
#include <cwctype>

#include <krait/object/value/impl/items.hpp>
#include <krait/object/value/unicode_classes.hpp>

namespace krait::detail {

// Where the character is, or the end. Most are near, and a call takes as long as a dozen steps.
template <class C>
[[gnu::always_inline]] inline const C* find_character(const C* at, const C* end, C c) noexcept {
    const C* const near = sizeof(C) > 1 || end - at <= 16 ? end : at + 16;
    for (; at != near; ++at)
        if (*at == c) return at;
    if (at == end) return end;
    const void* const found = std::memchr(at, static_cast<int>(c), static_cast<std::size_t>(end - at) * sizeof(C));
    return found == nullptr ? end : static_cast<const C*>(found);
}

struct text {
    const object& of;
    const char* data;
    std::size_t size;
    std::uint8_t width;
    bool is_bytes;
    bool is_ascii = false;

    explicit text(const object& o) : of(o), is_bytes(o.kind() == value_kind::bytes) {
        if (is_bytes) {
            const std::string_view view = body<const bytes_body>(o)->view();
            data = view.data();
            size = view.size();
            width = 1;
        } else {
            const auto* const s = body<const str_body>(o);
            data = s->chars();
            size = s->size();
            width = s->width;
            is_ascii = s->ascii;
        }
    }
    // Calls f with the characters as what they are.
    template <class F>
    auto with_characters(F&& f) const {
        const void* const all = data;
        return width == 1   ? f(static_cast<const std::uint8_t*>(all))
               : width == 2 ? f(static_cast<const std::uint16_t*>(all))
                            : f(static_cast<const std::uint32_t*>(all));
    }
    std::uint32_t at(std::size_t i) const noexcept {
        const auto number = [&]<class T>(T n) {
            __builtin_memcpy(&n, data + i * sizeof n, sizeof n);
            return static_cast<std::uint32_t>(n);
        };
        return width == 1 ? number(std::uint8_t{}) : width == 2 ? number(std::uint16_t{}) : number(std::uint32_t{});
    }
    bool matches(std::size_t i, const text& other) const noexcept {
        if (width == other.width) return __builtin_memcmp(data + i * width, other.data, other.size * width) == 0;
        for (std::size_t k = 0; k < other.size; ++k)
            if (at(i + k) != other.at(k)) return false;
        return true;
    }
    bool has(std::uint32_t c) const noexcept {
        for (std::size_t i = 0; i < size; ++i)
            if (at(i) == c) return true;
        return false;
    }
    object piece(std::size_t begin, std::size_t end) const {
        if (begin == 0 && end == size) return of;
        if (is_bytes) return bytes(std::string_view(data + begin, end - begin));
        if (is_ascii) return string_of_ascii(data + begin, end - begin);
        return piece_of_wide(begin, end - begin);
    }
    // As wide as its own largest character.
    object piece_of_wide(std::size_t begin, std::size_t length) const {
        return with_characters([&](const auto* all) {
            const auto* const from = all + begin;
            std::uint32_t any = 0; // has the bits of all: enough to tell their width
            for (std::size_t i = 0; i < length; ++i) any |= from[i];
            return string_of_characters(length, any, [&](std::size_t i) { return std::uint32_t{from[i]}; });
        });
    }
    // The first match in [begin, end), or npos; the last one.
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    std::size_t find(const text& what, std::size_t begin, std::size_t end) const noexcept {
        if (begin > end || end - begin < what.size || (what.width > width && what.size != 0)) return npos;
        if (what.size == 0) return begin;
        return with_characters([&](const auto* all) {
            const auto first = static_cast<std::remove_cvref_t<decltype(*all)>>(what.at(0));
            const auto *const last = all + (end - what.size + 1), *at = all + begin;
            for (; (at = find_character(at, last, first)) != last; ++at)
                if (const auto i = static_cast<std::size_t>(at - all); what.size == 1 || matches(i, what)) return i;
            return npos;
        });
    }
    std::size_t rfind(const text& what, std::size_t begin, std::size_t end) const noexcept {
        if (begin > end || end - begin < what.size || (what.width > width && what.size != 0)) return npos;
        if (what.size == 0) return end;
        return with_characters([&](const auto* all) {
            const std::uint32_t first = what.at(0);
            for (std::size_t i = end - what.size + 1; i-- > begin;)
                if (all[i] == first && (what.size == 1 || matches(i, what))) return i;
            return npos;
        });
    }
};

// Characters one after the other, for a new value.
struct text_builder {
    std::u32string characters;
    std::uint32_t largest = 0;

    void add(std::uint32_t c) {
        characters += static_cast<char32_t>(c);
        largest = std::max(largest, c);
    }
    void add(const text& t, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) add(t.at(i));
    }
    void add(const text& t) { add(t, 0, t.size); }
    object made(bool is_bytes) const {
        if (is_bytes) return bytes(std::string(characters.begin(), characters.end()));
        return string_of_characters(characters.size(), largest,
                                    [&](std::size_t i) { return static_cast<std::uint32_t>(characters[i]); });
    }
};

inline locale_t unicode() noexcept {
    static const locale_t made = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return made;
}
inline bool in_ascii(std::uint32_t c, char first, char last) noexcept {
    return c >= static_cast<std::uint32_t>(first) && c <= static_cast<std::uint32_t>(last);
}
// Of bytes only ASCII counts.
struct classes {
    bool is_bytes;
    bool ascii(std::uint32_t c) const noexcept { return is_bytes || c < 128; }

    bool lower(std::uint32_t c) const noexcept {
        return ascii(c)
                   ? in_ascii(c, 'a', 'z')
                   : c == 0xaa || c == 0xba || (!title(c) && unicode() != nullptr && iswlower_l(c, unicode()) != 0);
    }
    bool upper(std::uint32_t c) const noexcept {
        return ascii(c) ? in_ascii(c, 'A', 'Z') : !title(c) && unicode() != nullptr && iswupper_l(c, unicode()) != 0;
    }
    bool title(std::uint32_t c) const noexcept { return !ascii(c) && is_between(title_ends, c); }
    bool cased(std::uint32_t c) const noexcept { return lower(c) || upper(c) || title(c); }
    // Letters that this one may follow within a word are small in titles.
    bool joins(std::uint32_t c) const noexcept { return ascii(c) ? cased(c) : is_between(cased_ends, c); }
    bool alpha(std::uint32_t c) const noexcept {
        return ascii(c) ? in_ascii(c, 'a', 'z') || in_ascii(c, 'A', 'Z') : is_between(alpha_ends, c);
    }
    bool decimal(std::uint32_t c) const noexcept { return ascii(c) ? in_ascii(c, '0', '9') : digit_of(c) >= 0; }
    bool digit(std::uint32_t c) const noexcept { return decimal(c) || (!ascii(c) && is_between(digit_ends, c)); }
    bool numeric(std::uint32_t c) const noexcept { return digit(c) || (!ascii(c) && is_between(numeric_ends, c)); }
    bool begins_name(std::uint32_t c) const noexcept {
        return c == '_' || (alpha(c) && !is_between(not_first_ends, c)) || is_between(first_ends, c);
    }
    bool continues_name(std::uint32_t c) const noexcept {
        return begins_name(c) || decimal(c) || (!ascii(c) && is_between(continued_ends, c));
    }
    bool alnum(std::uint32_t c) const noexcept { return alpha(c) || numeric(c); }
    bool space(std::uint32_t c) const noexcept {
        if (c == ' ' || (c >= 9 && c <= 13)) return true;
        if (is_bytes) return false;
        return (c >= 0x1c && c <= 0x1f) || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
               c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
    }
    bool ends_line(std::uint32_t c) const noexcept {
        if (c == '\n' || c == '\r') return true;
        return !is_bytes &&
               (c == 0x0b || c == 0x0c || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029);
    }
    std::uint32_t to_lower(std::uint32_t c) const noexcept {
        if (ascii(c)) return in_ascii(c, 'A', 'Z') ? c + 32 : c;
        return unicode() != nullptr ? static_cast<std::uint32_t>(towlower_l(c, unicode())) : c;
    }
    std::uint32_t to_upper(std::uint32_t c) const noexcept {
        if (ascii(c)) return in_ascii(c, 'a', 'z') ? c - 32 : c;
        return unicode() != nullptr ? static_cast<std::uint32_t>(towupper_l(c, unicode())) : c;
    }
};

} // namespace krait::detail
