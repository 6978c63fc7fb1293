// What every value can be asked: hash, equality, repr, size, truth.
#pragma once

#include <bit>
#include <functional>
#include <string>

#include <krait/object/value/block.hpp>

namespace krait {
namespace detail {

// CPython's _Py_HashPointer: the low bits of an address say nothing.
inline hash_type hash_of_address(const void* address) noexcept {
    const auto hash = static_cast<hash_type>(std::rotr(reinterpret_cast<std::uintptr_t>(address), 4));
    return hash == -1 ? -2 : hash;
}

[[noreturn, gnu::cold]] void fail_unhashable(const object& o);

[[noreturn, gnu::cold]] void fail_unset();
// For an object of another kind than is expected.
[[noreturn, gnu::cold]] void fail_kind(const char* expected, const object& o);
[[noreturn, gnu::cold]] void fail_index(const char* what);
[[noreturn, gnu::cold]] void fail_changed(const char* what);
[[noreturn, gnu::cold]] void fail_room();

// Throws type_error for what is unhashable, and for an unset object.
inline hash_type hash_of(const object& o) {
    const value_record* const record = value_record_of(o);
    if (record != nullptr && record->hash != nullptr) return record->hash(o);
    if (!o) fail_unset();
    return hash_of_address(o.get());
}

// Whether b, an instance, says that it equals a value that does not know b.
bool equals_unasked(const object& a, const object& b);
// Without the look at identity that containers take first: nan != nan.
inline bool equal_values(const object& a, const object& b) {
    const value_record* const record = value_record_of(a);
    if (record != nullptr && record->equal != nullptr ? record->equal(a, b) : a.is(b)) return true;
    return b.kind() == value_kind::instance && equals_unasked(a, b);
}
inline bool same_or_equal(const object& a, const object& b) { return a.is(b) || equal_values(a, b); }

void append_address(std::string& out, const void* address);

void append_repr(const object& o, std::string& out);

// As repr, of what has no code of the program in it; of others the type.
void append_plain_repr(const object& o, std::string& out);

// The containers whose repr is under way in this thread: one inside itself is an ellipsis.
struct repr_under_way {
    static inline constinit thread_local repr_under_way* innermost = nullptr;
    const void* body;
    repr_under_way* outer;

    explicit repr_under_way(const void* b) noexcept : body(b), outer(innermost) { innermost = this; }
    repr_under_way(const repr_under_way&) = delete;
    repr_under_way& operator=(const repr_under_way&) = delete;
    ~repr_under_way() { innermost = outer; }
    static bool of(const void* b) noexcept {
        for (const auto* entry = innermost; entry != nullptr; entry = entry->outer)
            if (entry->body == b) return true;
        return false;
    }
};

inline constexpr const char* while_repr = " while getting the repr of an object";
inline constexpr const char* in_comparison = " in comparison";

} // namespace detail

inline bool operator==(const object& a, const object& b) { return detail::equal_values(a, b); }

// Python's hash(): equal values have equal hashes, whatever their types. Throws type_error for lists, dicts and sets.
inline std::int64_t hash(const object& o) { return detail::hash_of(o); }

std::string repr(const object& o);

// Shallow, as sys.getsizeof: the value's block with its links, and the tables that it alone owns.
std::size_t getsizeof(const object& o);

} // namespace krait

template <>
struct std::hash<krait::object> {
    std::size_t operator()(const krait::object& o) const { return static_cast<std::size_t>(krait::hash(o)); }
};

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/protocol.hpp>
#endif
