// str: text, in 1, 2 or 4 bytes a character, whichever is the least that holds them all. bytes is in bytes.hpp.
//
//   |head| length 8 | hash 8 | state 8 | next 8 | characters, one 0 |              ASCII only: 48 bytes and the text
//   |head| length 8 | hash 8 | state 8 | next 8 | utf8 8 | utf8 size 8 | 8 | characters, one 0 |           others: 72
//   hash == -1   <=> nobody has asked for it yet
//   next         in the thread's table of interned strings; CPython's word there is a legacy representation
//   utf8         others' text in UTF-8, made when it is asked for; CPython has one word more there, the length of the
//                legacy representation, and so have we, to no use
// '' and the 256 Latin-1 characters exist once. An interned string is mortal: it leaves the table as it dies.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <krait/object/value/int.hpp>

namespace krait {
namespace detail {

struct str_body {
    std::int64_t length;
    hash_type hash;
    std::uint8_t width; // bytes a character
    bool ascii;
    bool interned;
    std::uint8_t unused[5];
    str_body* next;

    std::size_t size() const noexcept { return static_cast<std::size_t>(length); }
    void* data() noexcept;
    const void* data() const noexcept { return const_cast<str_body*>(this)->data(); }
    const char* chars() const noexcept { return static_cast<const char*>(data()); }
    // The characters of one that is ASCII.
    char* ascii_data() noexcept { return static_cast<char*>(static_cast<void*>(this + 1)); }
    const char* ascii_data() const noexcept { return const_cast<str_body*>(this)->ascii_data(); }
    std::uint32_t at(std::size_t i) const noexcept {
        switch (width) {
        case 1:
            return static_cast<const std::uint8_t*>(data())[i];
        case 2:
            return static_cast<const std::uint16_t*>(data())[i];
        default:
            return static_cast<const std::uint32_t*>(data())[i];
        }
    }
    void put(std::size_t i, std::uint32_t c) noexcept {
        switch (width) {
        case 1:
            static_cast<std::uint8_t*>(data())[i] = static_cast<std::uint8_t>(c);
            break;
        case 2:
            static_cast<std::uint16_t*>(data())[i] = static_cast<std::uint16_t>(c);
            break;
        default:
            static_cast<std::uint32_t*>(data())[i] = c;
        }
    }
};
struct wide_str_body : str_body {
    char* utf8;
    std::size_t utf8_size;
    std::size_t legacy;
};
inline void* str_body::data() noexcept {
    return ascii ? static_cast<void*>(this + 1) : static_cast<void*>(static_cast<wide_str_body*>(this) + 1);
}
static_assert(sizeof(str_body) == 32 && sizeof(wide_str_body) == 56);

constexpr std::size_t str_block_size(std::size_t length, std::size_t width, bool ascii) noexcept {
    return atom_offset + (ascii ? sizeof(str_body) : sizeof(wide_str_body)) + (length + 1) * width;
}

// The interned strings of one thread: chains through the strings themselves.
struct intern_table {
    std::vector<str_body*> buckets = std::vector<str_body*>(64);
    std::size_t size = 0;

    str_body*& bucket(hash_type hash) noexcept {
        return buckets[static_cast<std::size_t>(hash) & (buckets.size() - 1)];
    }
    void insert(str_body* s) {
        if (size >= buckets.size()) grow();
        str_body*& first = bucket(s->hash);
        s->next = first;
        first = s;
        s->interned = true;
        ++size;
    }
    void remove(str_body* s) noexcept {
        str_body** link = &bucket(s->hash);
        while (*link != s) link = &(*link)->next;
        *link = s->next;
        s->interned = false;
        --size;
    }
    void grow();
    ~intern_table();
};
inline constinit thread_local intern_table* interned_strings = nullptr;
inline constinit thread_local bool interning_ended = false;

struct intern_table_owner {
    intern_table table;
    intern_table_owner() { interned_strings = &table; }
    intern_table_owner(const intern_table_owner&) = delete;
    intern_table_owner& operator=(const intern_table_owner&) = delete;
    ~intern_table_owner() {
        interned_strings = nullptr;
        interning_ended = true;
    }
};
// Null at the thread's end.
intern_table* find_intern_table();

inline hash_type hash_of_str(str_body* s) noexcept {
    if (s->hash == -1) s->hash = hash_of_bytes(s->data(), s->size() * s->width);
    return s->hash;
}
inline bool equal_strs(const str_body* a, const str_body* b) noexcept {
    return a->length == b->length && a->width == b->width &&
           std::memcmp(a->data(), b->data(), a->size() * a->width) == 0;
}
void repr_str(const object& o, std::string& out);
extern const value_record str_record;

// Null if the object is no string.
inline str_body* as_str(const object& o) noexcept {
    if (!o || address_in<const void>(head_of(o.get())->word) != static_cast<const type_record*>(&str_record))
        return nullptr;
    return body<str_body>(o);
}

inline void start_str(str_body* s, std::size_t length, std::uint8_t width, bool ascii) noexcept {
    s->length = static_cast<std::int64_t>(length);
    s->hash = -1;
    s->width = width;
    s->ascii = ascii;
    s->interned = false;
    s->next = nullptr;
    if (ascii) {
        s->ascii_data()[length] = 0;
        return;
    }
    auto* const wide = static_cast<wide_str_body*>(s);
    wide->utf8 = nullptr;
    wide->utf8_size = wide->legacy = 0;
    s->put(length, 0);
}

struct alignas(16) static_str {
    object_head head;
    char body[sizeof(wide_str_body) + 2];
    str_body* get() noexcept { return static_cast<str_body*>(static_cast<void*>(body)); }
};
struct str_singletons {
    std::array<static_str, 256> characters;
    static_str empty;

    str_singletons() noexcept;
    static void write(static_str& s, std::size_t length, std::uint32_t c) noexcept {
        write_static_head(&s.head, str_record);
        start_str(s.get(), length, 1, c < 128);
        if (length != 0) s.get()->put(0, c);
        hash_of_str(s.get()); // now: threads share the object
    }
};
[[gnu::visibility("default")]] inline str_singletons single_strings{};

inline bool is_static(const str_body* s) noexcept { return is_immortal(head_of(s)); }
inline object latin1_character(std::uint32_t c) noexcept { return single(single_strings.characters[c].get()); }
inline object empty_string() noexcept { return single(single_strings.empty.get()); }

// Room for text of more than one character, which is not written yet.
[[gnu::always_inline]] inline str_body* new_str(std::size_t length, std::uint8_t width, bool ascii) {
    auto* const s = begin_atom<str_body>(new_block(str_block_size(length, width, ascii)), str_record);
    start_str(s, length, width, ascii);
    return s;
}
// Of at least as many bytes as a Part has, and at most twice as many.
template <class Part>
[[gnu::always_inline]] inline void copy_ends(char* to, const char* from, std::size_t size) noexcept {
    Part first, last; // they may overlap
    __builtin_memcpy(&first, from, sizeof first);
    __builtin_memcpy(&last, from + size - sizeof last, sizeof last);
    __builtin_memcpy(to, &first, sizeof first);
    __builtin_memcpy(to + size - sizeof last, &last, sizeof last);
}
// memcpy, which takes longer to call than words take to copy.
[[gnu::always_inline]] inline void copy_bytes(char* to, const char* from, std::size_t size) noexcept {
    if (size > 16) {
        std::memcpy(to, from, size);
    } else if (size >= 8) {
        copy_ends<std::uint64_t>(to, from, size);
    } else if (size >= 4) {
        copy_ends<std::uint32_t>(to, from, size);
    } else if (size != 0) {
        const char middle = from[size / 2], last = from[size - 1];
        to[0] = from[0];
        to[size / 2] = middle;
        to[size - 1] = last;
    }
}
inline object string_of_ascii(const char* text, std::size_t size) {
    if (size == 0) return empty_string();
    if (size == 1) return latin1_character(static_cast<unsigned char>(*text));
    str_body* const s = new_str(size, 1, true);
    copy_bytes(s->ascii_data(), text, size);
    return adopt(s);
}
// Characters whose largest is known.
template <class F>
object string_of_characters(std::size_t length, std::uint32_t largest, F&& character) {
    if (length == 0) return empty_string();
    if (length == 1 && largest < 256) return latin1_character(character(0));
    str_body* const s = new_str(length, largest < 0x100 ? 1 : largest < 0x10000 ? 2 : 4, largest < 0x80);
    for (std::size_t i = 0; i < length; ++i) s->put(i, character(i));
    return adopt(s);
}

[[noreturn, gnu::cold]] void fail_utf8(std::string_view text, std::size_t position);

// One character from UTF-8; advances `at`.
std::uint32_t next_character(std::string_view text, std::size_t& at);
inline bool is_ascii(std::string_view text) noexcept {
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + i, 8);
        if ((word & 0x8080808080808080) != 0) return false;
    }
    for (; i < text.size(); ++i)
        if (static_cast<signed char>(text[i]) < 0) return false;
    return true;
}

void append_utf8(std::string& out, std::uint32_t c);
void append_text(std::string& out, const str_body* s);

// What repr shows as it is.
bool is_printable(std::uint32_t c) noexcept;

} // namespace detail

class str : public object {
  public:
    str() : object(detail::empty_string()) {}
    str(const char* utf8) : object(detail::string_of(utf8)) {}
    str(std::string_view utf8) : object(detail::string_of(utf8)) {}
    str(const std::string& utf8) : object(detail::string_of(utf8)) {}
    // Throws type_error.
    explicit str(const object& o) : object(o) {
        if (o.kind() != value_kind::string) detail::fail_kind("str", o);
    }

    std::size_t size() const noexcept { return body()->size(); }
    std::string utf8() const;
    // The text, if it is ASCII; undefined otherwise.
    std::string_view ascii() const noexcept { return {body()->chars(), body()->size()}; }
    bool is_ascii() const noexcept { return body()->ascii; }

    // Negative indices count from the end. Throws index_error.
    str operator[](std::int64_t index) const;
    // s[first:last], with Python's meaning of negative and too large bounds.
    str slice(std::int64_t first, std::int64_t last) const;

    // Of an object that is a string.
    static str trusted(object&& o) noexcept { return str(std::move(o), 0); }

    friend str operator+(const str& a, const str& b) { return sum(a, b); }
    // The texts one after the other, this one between them. Throws type_error.
    str join(std::span<const object> texts) const;
    template <class Range>
    str join(const Range& texts) const {
        std::vector<object> all;
        for (const object& text : texts) all.push_back(text);
        return join(std::span<const object>(all));
    }

  private:
    static str sum(const str& a, const str& b);
    str(object&& o, int) noexcept : object(std::move(o)) {}
    const detail::str_body* body() const noexcept { return detail::body<const detail::str_body>(*this); }

    [[noreturn, gnu::cold]] static void fail_join(const object& text, std::size_t place);
    // One character in all, which may exist once: as it is in the only text that is not empty.
    str joined_character(std::span<const object> texts) const;
    void write_ascii(char* to, std::span<const object> texts) const;
    void write_wide(detail::str_body* sum, std::span<const object> texts) const;
};

// sys.intern: the thread's one string with this text, the argument or an older one. It must be kept to stay.
str intern(const str& text);
inline bool is_interned(const str& text) noexcept {
    const auto* const s = detail::body<const detail::str_body>(text);
    return s->interned || detail::is_static(s);
}

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/str.hpp>
#endif
