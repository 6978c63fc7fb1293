// What is rare about lists, and what they are asked.
#pragma once

#include <algorithm>
#include <cstring>

#include <krait/object/value/list.hpp>

namespace krait {
namespace detail {

KRAIT_OBJECT_DECL void list_body::clear() noexcept {
    if (items == nullptr) return;
    object* const gone = std::exchange(items, nullptr);
    std::size_t left = static_cast<std::size_t>(std::exchange(size, 0));
    allocated = 0;
    while (left-- > 0) gone[left].~object();
    free_table(gone);
}
KRAIT_OBJECT_DECL void list_body::resize(std::int64_t wanted) {
    if (wanted > most_room) throw memory_error();
    if (allocated < wanted || wanted < allocated / 2) {
        std::int64_t room = (wanted + wanted / 8 + 6) / 4 * 4;
        if (wanted - size > room - wanted) room = (wanted + 3) / 4 * 4;
        set_room(wanted == 0 ? 0 : room);
    }
    for (; size < wanted; ++size) ::new (items + size) object();
    size = wanted;
}
inline object_head* destroy_list(object_head* head) noexcept {
    static_cast<list_body*>(object_of(head))->clear();
    void* const block = block_of_container(head);
    if (!parked_lists.put(block)) free_container_block(block);
    return nullptr;
}
inline bool equal_list(const object& a, const object& b) {
    if (b.kind() != value_kind::list) return false;
    const auto *const x = body<const list_body>(a), *const y = body<const list_body>(b);
    if (x->size != y->size) return false;
    const recursion_guard guard(in_comparison);
    const object a_held = a, b_held = b;                             // a comparison may drop them
    for (std::size_t i = 0; i < x->count() && i < y->count(); ++i) { // a comparison may change the lists
        const object p = x->items[i], q = y->items[i];
        if (!same_or_equal(p, q)) return false;
    }
    return x->size == y->size;
}
inline void repr_list(const object& o, std::string& out) {
    const auto* const l = body<const list_body>(o);
    if (repr_under_way::of(l)) {
        out += "[...]";
        return;
    }
    const recursion_guard guard(while_repr);
    const object held = o; // code of others may drop it
    const repr_under_way here(l);
    out += '[';
    for (std::size_t i = 0; i < l->count(); ++i) {
        if (i != 0) out += ", ";
        append_repr(object(l->items[i]), out);
    }
    out += ']';
}
KRAIT_OBJECT_DECL hash_type hash_never(const object& o) { fail_unhashable(o); }
inline std::size_t size_of_list(const void* body) noexcept {
    return sizeof(object_head) + sizeof(list_body) +
           static_cast<std::size_t>(static_cast<const list_body*>(body)->allocated) * sizeof(object);
}
inline void tables_of_list(const void* body, table_visitor& visitor) {
    const auto* const l = static_cast<const list_body*>(body);
    if (l->items != nullptr) visitor.table(l->items, static_cast<std::size_t>(l->allocated) * sizeof(object), true);
}

} // namespace detail

KRAIT_OBJECT_DECL list list::repeat(const object& item, std::size_t count) {
    list made(object(detail::new_list(count)), 0);
    for (std::size_t i = 0; i < count; ++i) made.body()->place(object(item));
    return made;
}
KRAIT_OBJECT_DECL list list::of_range(std::int64_t first, std::int64_t last) {
    std::int64_t distance;
    if (__builtin_sub_overflow(std::max(first, last), first, &distance)) throw memory_error();
    const auto count = static_cast<std::size_t>(distance);
    list made(object(detail::new_list(count + count % 2)), 0);
    for (std::int64_t i = first; i < last; ++i) made.body()->append(i);
    return made;
}
KRAIT_OBJECT_DECL list list::of(const object& o) {
    if (o.kind() != value_kind::list) detail::fail_kind("list", o);
    return list(o, 0);
}
KRAIT_OBJECT_DECL void list::extend(const list& other) const {
    detail::list_body *const l = body(), *const from = other.body();
    const std::int64_t old = l->size, more = from->size;
    if (more == 0) return;
    if (l->items == nullptr) l->set_room(more + more % 2);
    l->resize(old + more);
    for (std::int64_t i = 0; i < more; ++i) l->items[old + i] = from->items[i];
}
KRAIT_OBJECT_DECL void list::insert(std::int64_t index, const object& item) const {
    detail::list_body* const l = body();
    const object kept = item;
    const std::int64_t old = l->size;
    if (index < 0) index = std::max<std::int64_t>(index + old, 0);
    index = std::min(index, old);
    l->resize(old + 1);
    std::rotate(l->items + index, l->items + old, l->items + old + 1);
    l->items[index] = kept;
}
KRAIT_OBJECT_DECL object list::pop(std::int64_t index) const {
    detail::list_body* const l = body();
    if (l->size == 0) throw index_error("pop from empty list");
    const auto at = static_cast<std::int64_t>(place(index, "pop index out of range"));
    object gone;
    std::rotate(l->items + at, l->items + at + 1, l->items + l->size);
    gone.swap(l->items[l->size - 1]);
    l->resize(l->size - 1);
    return gone;
}
KRAIT_OBJECT_DECL void list::erase(std::int64_t index) const {
    const std::int64_t at = static_cast<std::int64_t>(place(index, "list assignment index out of range"));
    const object gone = pop(at);
}
KRAIT_OBJECT_DECL void list::reverse() const noexcept { std::reverse(body()->items, body()->items + body()->size); }
KRAIT_OBJECT_DECL list list::slice(std::int64_t first, std::int64_t last) const {
    const auto n = static_cast<std::int64_t>(size());
    const auto clamp = [&](std::int64_t i) { return i < 0 ? std::max<std::int64_t>(i + n, 0) : std::min(i, n); };
    const std::int64_t begin = clamp(first), end = std::max(clamp(last), begin);
    return part(begin, end - begin);
}
KRAIT_OBJECT_DECL list list::part(std::int64_t begin, std::int64_t count, std::int64_t step) const {
    list made(object(detail::new_list(static_cast<std::size_t>(count))), 0);
    const detail::list_body* const from = body();
    detail::list_body* const to = made.body();
    object* end = to->items;
    for (std::int64_t at = begin; count > 0; --count, at += step)
        if (at < from->size) ::new (end++) object(from->items[at]);
    to->size = end - to->items;
    return made;
}
KRAIT_OBJECT_DECL bool list::contains(const object& item) const {
    const object item_held = item;
    for (const object& o : *this)
        if (detail::same_or_equal(o, item_held)) return true;
    return false;
}

namespace detail {

KRAIT_OBJECT_DECL constinit const type_record list_blocks =
    parking_record("list", container_offset + sizeof(list_body), 80);
constexpr value_record make_list_record() {
    value_record record = container_record<list_body>(value_kind::list, "list", destroy_list,
                                                      {hash_never, equal_list, repr_list, size_of_list});
    record.tables = tables_of_list;
    return record;
}
KRAIT_OBJECT_DECL constinit const value_record list_record = make_list_record();

} // namespace detail

} // namespace krait
