// What is said of any value: its repr and its size.
#pragma once

#include <krait/object/value/protocol.hpp>

namespace krait {
namespace detail {

KRAIT_OBJECT_DECL void fail_unhashable(const object& o) {
    throw type_error("unhashable type: '" + type_name_of(o) + "'");
}
KRAIT_OBJECT_DECL void fail_unset() { throw type_error("an unset object is no value"); }
KRAIT_OBJECT_DECL void fail_kind(const char* expected, const object& o) {
    throw type_error(std::string("expected ") + expected + ", got " + type_name_of(o));
}
KRAIT_OBJECT_DECL void fail_index(const char* what) { throw index_error(what); }
KRAIT_OBJECT_DECL void fail_changed(const char* what) { throw state_error(what); }
KRAIT_OBJECT_DECL void fail_room() { throw memory_error(); }
[[gnu::noinline]] KRAIT_OBJECT_DECL bool equals_unasked(const object& a, const object& b) {
    return a.kind() != value_kind::instance &&
           static_cast<const value_record*>(record_of(head_of(b.get())))->equal(b, a);
}
KRAIT_OBJECT_DECL void append_address(std::string& out, const void* address) {
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
KRAIT_OBJECT_DECL void append_repr(const object& o, std::string& out) {
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
KRAIT_OBJECT_DECL void append_plain_repr(const object& o, std::string& out) {
    const value_record* const record = value_record_of(o);
    if (record != nullptr && record->never_waits && record->repr != nullptr)
        record->repr(o, out);
    else
        ((out += '<') += o ? record_of(head_of(o.get()))->name : "unset") += '>';
}

} // namespace detail

KRAIT_OBJECT_DECL std::string repr(const object& o) {
    std::string out;
    detail::append_repr(o, out);
    return out;
}
KRAIT_OBJECT_DECL std::size_t getsizeof(const object& o) {
    if (!o) throw type_error("getsizeof() of an unset object");
    const detail::type_record* const record = detail::record_of(detail::head_of(o.get()));
    if (const detail::value_record* const value = detail::value_record_of(o); value != nullptr && value->size_of)
        return value->size_of(o.get()) + (record->cyclic ? sizeof(detail::gc_links) : 0);
    return record->offset + record->size;
}

} // namespace krait
