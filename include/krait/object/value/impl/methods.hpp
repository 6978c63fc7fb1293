// Methods of the built-in types, by name, as CPython's: call_method(o, "split", ","), find_method(o, "append"), and
// methods_of(kind) for a list of them. docs/values.md says which there are.
//
//   method    a name, how many arguments it takes, their names if they may be given by name, the code; and how many may
//             be given by position, where that is less
//   code      gets the object, the arguments sorted into places (unset: not given), and the call as it was
// The tables are in the files of the types beside this one, ordered by name; builtins.hpp there includes them all.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include <krait/object/value/impl/items.hpp>
#include <krait/object/value/method_name.hpp>

namespace krait::detail {

inline constexpr std::size_t any_number = 255;
inline constexpr std::size_t most_places = 4;

struct method {
    method_name name;
    std::uint8_t least, most;
    // Names, a space between; no name: that one by position only. Empty: all of them.
    std::string_view parameters;
    object (*code)(const object& self, const object* given, const arguments& all);
    std::uint8_t by_position = any_number;
};

template <std::size_t N>
constexpr bool is_ordered(const method (&table)[N]) {
    for (std::size_t i = 1; i < N; ++i)
        if (table[i - 1].name >= table[i].name) return false;
    return true;
}
// What the thread has looked for: a program calls few methods, often. Places by the names' numbers.
inline constinit thread_local std::array<const method*, 64> methods_found{};

inline const method* find_in_table(std::span<const method> table, const method_name& name) noexcept {
    const std::uint64_t first = name.first;
    const auto is_it = [&](const method& m) {
        return m.name.first == first && m.name.size() == name.size() && (name.size() <= 8 || m.name == name);
    };
    const method*& recent = methods_found[(first ^ table.size()) * 0x9e3779b97f4a7c15 >> 58];
    const bool is_here = recent >= table.data() && recent < table.data() + table.size();
    if (is_here && is_it(*recent)) return recent;
    auto found = std::lower_bound(table.begin(), table.end(), first,
                                  [](const method& m, std::uint64_t n) { return m.name.first < n; });
    for (; found != table.end() && found->name.first == first; ++found)
        if (is_it(*found)) return recent = &*found;
    return nullptr;
}

// find, index, count, startswith and their like of texts: what is sought, and two bounds.
inline bool finds_text(const method& m, const object& self) noexcept {
    return (self.kind() == value_kind::string || self.kind() == value_kind::bytes) && m.least == 1 && m.most == 3 &&
           m.name != "maketrans";
}

// In CPython's words, which depend on how a method takes its arguments.
[[noreturn, gnu::cold]] inline void fail_count(const method& m, const object& self, std::size_t given) {
    const std::string name(m.name), got = std::to_string(given);
    const auto so_many = [](std::size_t n) { return std::to_string(n) + (n == 1 ? " argument" : " arguments"); };
    if (finds_text(m, self))
        throw type_error(name + (given < 1 ? "() takes at least 1 argument (" : "() takes at most 3 arguments (") +
                         got + " given)");
    if (m.most == 0) throw type_error(type_name_of(self) + "." + name + "() takes no arguments (" + got + " given)");
    if (m.least == 1 && m.most == 1)
        throw type_error(type_name_of(self) + "." + name + "() takes exactly one argument (" + got + " given)");
    const std::string bound = m.least == m.most ? "" : given < m.least ? "at least " : "at most ";
    throw type_error(name + " expected " + bound + so_many(given < m.least ? m.least : m.most) + ", got " + got);
}
inline std::string_view first_name(std::string_view names) noexcept { return names.substr(0, names.find(' ')); }
// Arguments of a method with names: too many, or too many or too few by position.
inline void check_counts(const method& m, const arguments& given) {
    const std::size_t by_position = given.size(), all = by_position + given.by_name().size();
    const std::size_t most = std::min(m.by_position, m.most), least = m.parameters.starts_with(' ') ? 1u : 0u;
    const auto fail = [&](const char* bound, std::size_t count, const char* what, std::size_t got) {
        throw type_error(std::string(m.name) + "() takes " + bound + std::to_string(count) + what + " argument" +
                         (count == 1 ? "" : "s") + " (" + std::to_string(got) + " given)");
    };
    if (all > m.most) fail("at most ", m.most, by_position == 0 ? " keyword" : "", all);
    if (by_position > most && most == 0) throw type_error(std::string(m.name) + "() takes no positional arguments");
    if (by_position > most) fail("at most ", most, " positional", by_position);
    if (by_position < least) fail("at least ", least, " positional", by_position);
}
// With arguments by name, with any number of them, or with a wrong one.
[[gnu::noinline]] inline object call_by_name(const method& m, const object& self, const arguments& given) {
    if (!given.by_name().empty() && m.parameters.empty()) {
        const bool bare = finds_text(m, self) || m.most == any_number; // CPython's older way of calling
        throw type_error((bare ? "" : type_name_of(self) + ".") + std::string(m.name) +
                         "() takes no keyword arguments");
    }
    if (m.most == any_number) {
        if (given.size() < m.least) fail_count(m, self, given.size());
        return m.code(self, given.data(), given);
    }
    object places[most_places];
    if (!m.parameters.empty())
        check_counts(m, given);
    else if (given.size() < m.least || given.size() > m.most)
        fail_count(m, self, given.size());
    for (std::size_t i = 0; i < given.size(); ++i) places[i] = given[i];
    bool missing = given.size() < m.least;
    for (const named& n : given.by_name()) missing = missing && n.name.utf8() != first_name(m.parameters);
    if (missing)
        throw type_error(std::string(m.name) + "() missing required argument '" +
                         std::string(first_name(m.parameters)) + "' (pos 1)");
    for (const named& n : given.by_name()) {
        const std::string wanted = n.name.utf8();
        std::size_t i = 0;
        for (std::string_view rest = m.parameters;; ++i) {
            const std::size_t end = rest.find(' ');
            if (rest.substr(0, end) == wanted) break;
            if (end == rest.npos)
                throw type_error("'" + wanted + "' is an invalid keyword argument for " + std::string(m.name) + "()");
            rest.remove_prefix(end + 1);
        }
        if (places[i])
            throw type_error("argument for " + std::string(m.name) + "() given by name ('" + wanted +
                             "') and position (" + std::to_string(i + 1) + ")");
        places[i] = n.value;
    }
    return m.code(self, places, given);
}
inline object call_in_table(const method& m, const object& o, const arguments& given) {
    const object self = o; // code of others may drop it, and the arguments
    const std::size_t count = given.size();
    if (!given.by_name().empty() || m.most == any_number || count < m.least || count > std::min(m.by_position, m.most))
        return call_by_name(m, self, given);
    object places[most_places];
    for (std::size_t i = 0; i < count; ++i) places[i] = given[i];
    return m.code(self, places, given);
}

inline bool can_walk(const object& o) {
    try {
        return static_cast<bool>(iter(o));
    } catch (const type_error&) {
        return false;
    }
}
inline std::int64_t number_or(const object& o, std::int64_t otherwise) { return o ? number_of(o) : otherwise; }
inline std::int64_t short_number_or(const object& o, std::int64_t otherwise) {
    return o ? short_number_of(o) : otherwise;
}
// In CPython's words about an argument of the wrong type: None by its own name.
inline std::string what_is_given(const object& o) { return is_none(o) ? "None" : type_name_of(o); }
inline bool is_given(const object& o) noexcept { return o && !is_none(o); }
// Bounds as slices have them, from two arguments that may be absent or None.
struct part_of {
    std::size_t begin, end;
    bool fits; // begin <= end as given: an empty text is found only then
    part_of(std::size_t size, const object& first, const object& last) {
        const auto n = static_cast<std::int64_t>(size);
        const slice wanted{first ? first : krait::none(), last ? last : krait::none(), krait::none()};
        const auto clamp = [&](const object& o, std::int64_t otherwise) {
            if (is_none(o)) return otherwise;
            (void)slice{o, krait::none(), krait::none()}.of(size); // its errors
            if (!body<const int_body>(o)->is_short())
                return body<const int_body>(o)->size < 0 ? std::int64_t{0} : n + 1;
            const std::int64_t i = word_of(o);
            return i < 0 ? std::max<std::int64_t>(i + n, 0) : i;
        };
        const std::int64_t b = clamp(wanted.first, 0), e = std::min(clamp(wanted.last, n), n);
        fits = b <= e;
        begin = static_cast<std::size_t>(std::min(b, n));
        end = static_cast<std::size_t>(std::max<std::int64_t>(e, 0));
    }
};

} // namespace krait::detail
