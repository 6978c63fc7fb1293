// Texts: UTF-8, repr, parts, and the thread's table of interned ones.
#pragma once

#include <algorithm>
#include <cstring>

#include <krait/object/value/str.hpp>
#include <krait/object/value/unicode_printable.hpp>

namespace krait {
namespace detail {

KRAIT_OBJECT_DECL void intern_table::grow() {
    std::vector<str_body*> larger(buckets.size() * 2);
    buckets.swap(larger);
    for (str_body* s : larger)
        while (s != nullptr) {
            str_body* const next = s->next;
            str_body*& first = bucket(s->hash);
            s->next = first;
            first = s;
            s = next;
        }
}
KRAIT_OBJECT_DECL intern_table::~intern_table() {
    for (str_body* s : buckets)
        for (; s != nullptr; s = s->next) s->interned = false;
}
[[gnu::noinline]] KRAIT_OBJECT_DECL intern_table* find_intern_table() {
    if (interning_ended) return nullptr;
    static thread_local intern_table_owner owner;
    return &owner.table;
}
inline object_head* destroy_str(object_head* head) noexcept {
    auto* const s = static_cast<str_body*>(object_of(head));
    if (s->interned) interned_strings->remove(s);
    if (!s->ascii) [[unlikely]]
        if (auto* const wide = static_cast<wide_str_body*>(s); wide->utf8 != nullptr) std::free(wide->utf8);
    free_block(head);
    return nullptr;
}
inline hash_type hash_str(const object& o) { return hash_of_str(body<str_body>(o)); }
inline bool equal_str(const object& a, const object& b) {
    return b.kind() == value_kind::string && equal_strs(body<const str_body>(a), body<const str_body>(b));
}
inline std::size_t size_of_str(const void* body) noexcept {
    const auto* const s = static_cast<const str_body*>(body);
    std::size_t size = str_block_size(s->size(), s->width, s->ascii);
    if (!s->ascii)
        if (const auto* const wide = static_cast<const wide_str_body*>(s); wide->utf8 != nullptr)
            size += wide->utf8_size + 1;
    return size;
}
KRAIT_OBJECT_DECL str_singletons::str_singletons() noexcept {
    write(empty, 0, 0);
    for (std::uint32_t c = 0; c < 256; ++c) write(characters[c], 1, c);
}
KRAIT_OBJECT_DECL void fail_utf8(std::string_view text, std::size_t position) {
    std::string byte;
    constexpr char digits[] = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(text[position]);
    byte += digits[value / 16];
    byte += digits[value % 16];
    throw error("UnicodeDecodeError", "'utf-8' codec can't decode byte 0x" + byte + " in position " +
                                          std::to_string(position) + ": invalid sequence");
}
KRAIT_OBJECT_DECL std::uint32_t next_character(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t first = byte(at);
    if (first < 0x80) return text[at++], first;
    const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || at + more >= text.size()) fail_utf8(text, at);
    std::uint32_t c = first & (0x3fu >> more);
    for (std::size_t i = 1; i <= more; ++i) {
        if ((byte(at + i) & 0xc0) != 0x80) fail_utf8(text, at);
        c = c << 6 | (byte(at + i) & 0x3f);
    }
    constexpr std::uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) fail_utf8(text, at);
    at += more + 1;
    return c;
}
KRAIT_OBJECT_DECL object string_of(std::string_view utf8) {
    if (is_ascii(utf8)) return string_of_ascii(utf8.data(), utf8.size());
    std::size_t length = 0;
    std::uint32_t largest = 0;
    for (std::size_t at = 0; at < utf8.size(); ++length) {
        const std::uint32_t c = next_character(utf8, at);
        if (c > largest) largest = c;
    }
    std::size_t at = 0;
    return string_of_characters(length, largest, [&](std::size_t) { return next_character(utf8, at); });
}
KRAIT_OBJECT_DECL void append_utf8(std::string& out, std::uint32_t c) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
        put(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            put(0xe0 | c >> 12);
        } else {
            put(0xf0 | c >> 18);
            put(0x80 | (c >> 12 & 0x3f));
        }
        put(0x80 | (c >> 6 & 0x3f));
    }
    put(0x80 | (c & 0x3f));
}
KRAIT_OBJECT_DECL void append_text(std::string& out, const str_body* s) {
    if (s->ascii)
        out.append(s->chars(), s->size());
    else
        for (std::size_t i = 0; i < s->size(); ++i) append_utf8(out, s->at(i));
}
KRAIT_OBJECT_DECL bool is_printable(std::uint32_t c) noexcept {
    return c < 0x7f ? c >= 0x20 : is_between(printable_ends, c);
}
KRAIT_OBJECT_DECL void repr_str(const object& o, std::string& out) {
    const auto* const s = body<const str_body>(o);
    bool single = false, twofold = false;
    for (std::size_t i = 0; i < s->size(); ++i) {
        single |= s->at(i) == '\'';
        twofold |= s->at(i) == '"';
    }
    const char quote = single && !twofold ? '"' : '\'';
    const auto hexadecimal = [&](char letter, std::uint32_t c, int digits) {
        (out += '\\') += letter;
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[c >> shift & 15];
    };
    out += quote;
    for (std::size_t i = 0; i < s->size(); ++i) {
        const std::uint32_t c = s->at(i);
        if (c == static_cast<std::uint32_t>(quote) || c == '\\')
            (out += '\\') += static_cast<char>(c);
        else if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (is_printable(c))
            append_utf8(out, c);
        else if (c < 0x100)
            hexadecimal('x', c, 2);
        else if (c < 0x10000)
            hexadecimal('u', c, 4);
        else
            hexadecimal('U', c, 8);
    }
    out += quote;
}

} // namespace detail

KRAIT_OBJECT_DECL std::string str::utf8() const {
    std::string out;
    detail::append_text(out, body());
    return out;
}
KRAIT_OBJECT_DECL str str::operator[](std::int64_t index) const {
    const auto n = static_cast<std::int64_t>(size());
    if (index < 0) index += n;
    if (index < 0 || index >= n) throw index_error("string index out of range");
    return slice(index, index + 1);
}
KRAIT_OBJECT_DECL str str::slice(std::int64_t first, std::int64_t last) const {
    const auto n = static_cast<std::int64_t>(size());
    const auto clamp = [&](std::int64_t i) { return i < 0 ? (i + n < 0 ? 0 : i + n) : i > n ? n : i; };
    const auto begin = static_cast<std::size_t>(clamp(first)), end = static_cast<std::size_t>(clamp(last));
    if (begin == 0 && end == size()) return *this;
    if (end <= begin) return str();
    if (is_ascii()) return trusted(detail::string_of_ascii(body()->chars() + begin, end - begin));
    std::uint32_t largest = 0;
    for (std::size_t i = begin; i < end; ++i) largest = std::max(largest, body()->at(i));
    const detail::str_body* const from = body();
    return str(detail::string_of_characters(end - begin, largest, [&](std::size_t i) { return from->at(begin + i); }));
}
KRAIT_OBJECT_DECL str str::sum(const str& a, const str& b) {
    const detail::str_body *const x = a.body(), *const y = b.body();
    if (x->length == 0) return b;
    if (y->length == 0) return a;
    if (x->ascii && y->ascii) {
        detail::str_body* const sum = detail::new_str(x->size() + y->size(), 1, true);
        detail::copy_bytes(sum->ascii_data(), x->ascii_data(), x->size());
        detail::copy_bytes(sum->ascii_data() + x->size(), y->ascii_data(), y->size());
        return trusted(detail::adopt(sum));
    }
    const object both[] = {a, b};
    return str().join(std::span<const object>(both));
}
KRAIT_OBJECT_DECL str str::join(std::span<const object> texts) const {
    std::size_t length = 0;
    std::uint8_t width = 1;
    bool ascii = true;
    const auto count = [&](const detail::str_body* s) {
        length += s->size();
        width = std::max(width, s->width);
        ascii &= s->ascii;
    };
    for (const object& text : texts) {
        if (text.kind() != value_kind::string) fail_join(text, static_cast<std::size_t>(&text - texts.data()));
        count(detail::body<const detail::str_body>(text));
    }
    if (texts.size() == 1) return trusted(object(texts[0]));
    if (length == 0 && (texts.empty() || size() == 0)) return str();
    length += size() * (texts.size() - 2); // and once more by count()
    count(body());
    if (length == 1) return joined_character(texts);
    detail::str_body* const sum = detail::new_str(length, width, ascii);
    ascii ? write_ascii(sum->ascii_data(), texts) : write_wide(sum, texts);
    return trusted(detail::adopt(sum));
}
KRAIT_OBJECT_DECL void str::fail_join(const object& text, std::size_t place) {
    throw type_error("sequence item " + std::to_string(place) + ": expected str instance, " +
                     detail::type_name_of(text) + " found");
}
KRAIT_OBJECT_DECL str str::joined_character(std::span<const object> texts) const {
    for (const object& text : texts)
        if (detail::body<const detail::str_body>(text)->length != 0) return trusted(object(text));
    return *this;
}
KRAIT_OBJECT_DECL void str::write_ascii(char* to, std::span<const object> texts) const {
    const auto add = [&to](const detail::str_body* s) {
        detail::copy_bytes(to, s->ascii_data(), s->size());
        to += s->size();
    };
    const detail::str_body* const between = body();
    const bool is_character = between->length == 1;
    add(detail::body<const detail::str_body>(texts[0]));
    for (const object& text : texts.subspan(1)) {
        if (is_character)
            *to++ = *between->ascii_data();
        else
            add(between);
        add(detail::body<const detail::str_body>(text));
    }
}
[[gnu::noinline]] KRAIT_OBJECT_DECL void str::write_wide(detail::str_body* sum, std::span<const object> texts) const {
    std::size_t at = 0;
    const auto add = [&](const detail::str_body* s) {
        if (s->width == sum->width)
            std::memcpy(static_cast<char*>(sum->data()) + at * s->width, s->data(), s->size() * s->width);
        else
            for (std::size_t i = 0; i < s->size(); ++i) sum->put(at + i, s->at(i));
        at += s->size();
    };
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i != 0) add(body());
        add(detail::body<const detail::str_body>(texts[i]));
    }
}
KRAIT_OBJECT_DECL str intern(const str& text) {
    auto* const s = detail::body<detail::str_body>(text);
    if (s->interned || detail::is_static(s)) return text;
    detail::intern_table* const table = detail::find_intern_table();
    if (table == nullptr) return text;
    detail::hash_of_str(s);
    for (const detail::str_body* other = table->bucket(s->hash); other != nullptr; other = other->next)
        if (other->hash == s->hash && detail::equal_strs(other, s)) return str::trusted(detail::share(other));
    table->insert(s);
    return text;
}

namespace detail {

KRAIT_OBJECT_DECL constinit const value_record str_record =
    atom_record(value_kind::string, "str", sizeof(str_body), destroy_str, {hash_str, equal_str, repr_str, size_of_str});

} // namespace detail

} // namespace krait
