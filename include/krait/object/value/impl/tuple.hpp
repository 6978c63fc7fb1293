// What tuples are asked.
#pragma once

#include <bit>

#include <krait/object/value/tuple.hpp>

namespace krait {
namespace detail {

inline object_head* destroy_tuple(object_head* head) noexcept {
    auto* const t = static_cast<tuple_body*>(object_of(head));
    const std::size_t length = t->count();
    for (std::size_t i = length; i-- > 0;) t->items()[i].~object(); // the last first, as CPython does
    void* const block = block_of_container(head);
    if (length > parked_tuple_lengths || length == 0 || !parked_tuples[length - 1].put(block))
        free_container_block(block);
    return nullptr;
}
inline untracking untracks_tuple(const void* body, moment of_run) noexcept {
    if (of_run == moment::end_of_full_run) return untracking::stays; // it was asked
    const auto* const t = static_cast<const tuple_body*>(body);
    for (std::size_t i = 0; i < t->count(); ++i)
        if (may_be_tracked(t->items()[i])) return untracking::stays;
    return untracking::leaves;
}
inline hash_type hash_tuple(const object& o) {
    constexpr std::uint64_t prime1 = 11400714785074694791u, prime2 = 14029467366897019727u,
                            prime5 = 2870177450012600261u;
    const recursion_guard guard("");
    const object held = o; // code of others may drop it
    const auto* const t = body<const tuple_body>(o);
    std::uint64_t mixed = prime5;
    for (std::size_t i = 0; i < t->count(); ++i) {
        mixed += static_cast<std::uint64_t>(hash_of(t->items()[i])) * prime2;
        mixed = std::rotl(mixed, 31) * prime1;
    }
    mixed += static_cast<std::uint64_t>(t->size) ^ (prime5 ^ 3527539u);
    return mixed == ~std::uint64_t{0} ? 1546275796 : static_cast<hash_type>(mixed);
}
inline bool equal_tuple(const object& a, const object& b) {
    if (b.kind() != value_kind::tuple) return false;
    const auto *const x = body<const tuple_body>(a), *const y = body<const tuple_body>(b);
    if (x->size != y->size) return false;
    const recursion_guard guard(in_comparison);
    const object a_held = a, b_held = b; // a comparison may drop them
    for (std::size_t i = 0; i < x->count(); ++i)
        if (!same_or_equal(x->items()[i], y->items()[i])) return false;
    return true;
}
inline void repr_tuple(const object& o, std::string& out) {
    const auto* const t = body<const tuple_body>(o);
    if (repr_under_way::of(t)) {
        out += "(...)";
        return;
    }
    const recursion_guard guard(while_repr);
    const object held = o;
    const repr_under_way here(t);
    out += '(';
    for (std::size_t i = 0; i < t->count(); ++i) {
        if (i != 0) out += ", ";
        append_repr(t->items()[i], out);
    }
    out += t->size == 1 ? ",)" : ")";
}
inline std::size_t size_of_tuple(const void* body) noexcept {
    return sizeof(object_head) + sizeof(tuple_body) + static_cast<const tuple_body*>(body)->count() * sizeof(object);
}

} // namespace detail

KRAIT_OBJECT_DECL tuple tuple::of(const object& o) {
    if (o.kind() != value_kind::tuple) detail::fail_kind("tuple", o);
    return tuple(o, 0);
}

namespace detail {

KRAIT_OBJECT_DECL constinit const std::array<type_record, parked_tuple_lengths> tuple_blocks = [] {
    std::array<type_record, parked_tuple_lengths> records{};
    for (std::size_t i = 0; i < records.size(); ++i)
        records[i] = parking_record("tuple", tuple_block_size(i + 1), 2000);
    return records;
}();
constexpr value_record make_tuple_record() {
    value_record record = container_record<tuple_body>(value_kind::tuple, "tuple", destroy_tuple,
                                                       {hash_tuple, equal_tuple, repr_tuple, size_of_tuple});
    record.untracks = untracks_tuple;
    return record;
}
KRAIT_OBJECT_DECL constinit const value_record tuple_record = make_tuple_record();

} // namespace detail

} // namespace krait
