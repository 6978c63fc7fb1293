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

[[noreturn, gnu::cold]] inline void fail_unhashable(const object& o) {
    throw type_error("unhashable type: '" + type_name_of(o) + "'");
}

[[noreturn, gnu::cold]] inline void fail_unset() { throw type_error("an unset object is no value"); }

// Throws type_error for what is unhashable, and for an unset object.
inline hash_type hash_of(const object& o) {
    const value_record* const record = value_record_of(o);
    if (record != nullptr && record->hash != nullptr) return record->hash(o);
    if (!o) fail_unset();
    return hash_of_address(o.get());
}

// Whether b, an instance, says that it equals a value that does not know b.
[[gnu::noinline]] inline bool equals_unasked(const object& a, const object& b) {
    return a.kind() != value_kind::instance &&
           static_cast<const value_record*>(record_of(head_of(b.get())))->equal(b, a);
}
// Without the look at identity that containers take first: nan != nan.
inline bool equal_values(const object& a, const object& b) {
    const value_record* const record = value_record_of(a);
    if (record != nullptr && record->equal != nullptr ? record->equal(a, b) : a.is(b)) return true;
    return b.kind() == value_kind::instance && equals_unasked(a, b);
}
inline bool same_or_equal(const object& a, const object& b) { return a.is(b) || equal_values(a, b); }

inline void append_address(std::string& out, const void* address) {
    constexpr char digits[] = "0123456789abcdef";
    char text[16];
    int n = 0;
    auto value = reinterpret_cast<std::uintptr_t>(address);
    do {
        text[n++] = digits[value % 16];
        value /= 16;
    } while (value != 0);
    out += "0x";
    while (n > 0) out += text[--n];
}

inline void append_repr(const object& o, std::string& out) {
    if (const value_record* const record = value_record_of(o); record != nullptr && record->repr != nullptr)
        return record->repr(o, out);
    if (!o) {
        out += "<unset>";
        return;
    }
    out += '<';
    out += type_name_of(o);
    out += " object at ";
    append_address(out, o.get());
    out += '>';
}

// As repr, of what has no code of the program in it; of others the type.
inline void append_plain_repr(const object& o, std::string& out) {
    const value_record* const record = value_record_of(o);
    if (record != nullptr && record->never_waits && record->repr != nullptr)
        record->repr(o, out);
    else
        ((out += '<') += o ? record_of(head_of(o.get()))->name : "unset") += '>';
}

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

inline std::string repr(const object& o) {
    std::string out;
    detail::append_repr(o, out);
    return out;
}

// Shallow, as sys.getsizeof: the value's block with its links, and the tables that it alone owns.
inline std::size_t getsizeof(const object& o) {
    if (!o) throw type_error("getsizeof() of an unset object");
    const detail::type_record* const record = detail::record_of(detail::head_of(o.get()));
    if (const detail::value_record* const value = detail::value_record_of(o); value != nullptr && value->size_of)
        return value->size_of(o.get()) + (record->cyclic ? sizeof(detail::gc_links) : 0);
    return record->offset + record->size;
}

} // namespace krait

template <>
struct std::hash<krait::object> {
    std::size_t operator()(const krait::object& o) const { return static_cast<std::size_t>(krait::hash(o)); }
};
