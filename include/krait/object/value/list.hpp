// list: |links|head| size 8 | items 8 | allocated 8 |: 56 bytes, and 8 for each item that there is room for.
//
//   0 <= size <= allocated; the items' block has room for `allocated`. It is -1 while the list is sorted, until
//   somebody makes room
//   room grows as CPython's: by an eighth and 6, in fours; it shrinks when less than half is used
// Tracked from birth. A free list keeps up to 80.
#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <span>

#include <krait/object/value/protocol.hpp>
#include <krait/object/value/tuple.hpp>

namespace krait {
namespace detail {

struct list_body {
    std::int64_t size;
    object* items;
    std::int64_t allocated;

    static constexpr std::int64_t most_room = PTRDIFF_MAX / sizeof(object);

    std::size_t count() const noexcept { return static_cast<std::size_t>(size); }
    template <class F>
    void each(F&& f) {
        for (std::size_t i = 0; i < count(); ++i) f(items[i]);
    }
    template <class F>
    void each_reached(F&& f) {
        for (std::size_t i = count(); i-- > 0;) f(items[i]);
    }
    // The list is empty before the first item goes, the last first.
    void clear() noexcept {
        if (items == nullptr) return;
        object* const gone = std::exchange(items, nullptr);
        std::size_t left = static_cast<std::size_t>(std::exchange(size, 0));
        allocated = 0;
        while (left-- > 0) gone[left].~object();
        free_table(gone);
    }
    // Throws memory_error, std::bad_alloc.
    void set_room(std::int64_t room) {
        if (room < 0 || room > most_room) throw memory_error();
        if (room == 0) {
            if (items != nullptr) free_table(items);
            items = nullptr;
        } else {
            items = static_cast<object*>(resize_table(items, static_cast<std::size_t>(room) * sizeof(object)));
        }
        allocated = room;
    }
    // The places of new items are unset; those of lost ones must be.
    void resize(std::int64_t wanted) {
        if (wanted > most_room) throw memory_error();
        if (allocated < wanted || wanted < allocated / 2) {
            std::int64_t room = (wanted + wanted / 8 + 6) / 4 * 4;
            if (wanted - size > room - wanted) room = (wanted + 3) / 4 * 4;
            set_room(wanted == 0 ? 0 : room);
        }
        for (; size < wanted; ++size) ::new (items + size) object();
        size = wanted;
    }
    // Where there is room.
    void place(object&& item) noexcept { ::new (items + size++) object(std::move(item)); }
    void append(object&& item) {
        if (size >= allocated) [[unlikely]]
            return append_slowly(std::move(item));
        place(std::move(item));
    }
    void append(const object& item) {
        if (size >= allocated) [[unlikely]]
            return append_slowly(item);
        ::new (items + size++) object(item);
    }
    // By value: it may be one of these items.
    [[gnu::noinline]] void append_slowly(object item) {
        resize(size + 1);
        items[size - 1].swap(item);
    }
};

inline constexpr type_record list_blocks = parking_record("list", container_offset + sizeof(list_body), 80);
inline constinit thread_local parking parked_lists{};

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
[[noreturn]] inline hash_type hash_never(const object& o) { fail_unhashable(o); }
inline std::size_t size_of_list(const void* body) noexcept {
    return sizeof(object_head) + sizeof(list_body) +
           static_cast<std::size_t>(static_cast<const list_body*>(body)->allocated) * sizeof(object);
}
inline void tables_of_list(const void* body, table_visitor& visitor) {
    const auto* const l = static_cast<const list_body*>(body);
    if (l->items != nullptr) visitor.table(l->items, static_cast<std::size_t>(l->allocated) * sizeof(object), true);
}
constexpr value_record make_list_record() {
    value_record record = container_record<list_body>(value_kind::list, "list", destroy_list,
                                                      {hash_never, equal_list, repr_list, size_of_list});
    record.tables = tables_of_list;
    return record;
}
inline constexpr value_record list_record = make_list_record();

inline object new_list(std::size_t room = 0) {
    void* block = parked_lists.take(list_blocks);
    if (block == nullptr) block = new_container_block(container_offset + sizeof(list_body));
    auto* const l = begin_container<list_body>(block, list_record);
    *l = {0, nullptr, 0};
    object made = adopt(l);
    if (room != 0) l->set_room(static_cast<std::int64_t>(room));
    track(l);
    return made;
}

} // namespace detail

// Iterates by position, as Python does: items appended meanwhile are seen.
class list_iterator {
  public:
    struct end {};
    explicit list_iterator(const object& list) noexcept : kept_(list) {}
    // Throws index_error if the list has become too short.
    object operator*() const {
        if (at_ >= body()->count()) throw index_error("list index out of range");
        return body()->items[at_];
    }
    list_iterator& operator++() noexcept {
        ++at_;
        return *this;
    }
    friend bool operator==(const list_iterator& i, end) noexcept { return i.at_ >= i.body()->count(); }

  private:
    const detail::list_body* body() const noexcept { return detail::body<const detail::list_body>(kept_); }
    object kept_;
    std::size_t at_ = 0;
};

class list : public object {
  public:
    list() : object(detail::new_list()) {}
    // With room for exactly these, as a list display has.
    list(std::initializer_list<detail::displayed> items) : object(detail::new_list(items.size())) {
        for (const detail::displayed& item : items) body()->place(std::move(item.value));
    }
    list(const object* items, std::size_t count) : object(detail::new_list(count)) {
        for (std::size_t i = 0; i < count; ++i) body()->place(object(items[i]));
    }
    // [item] * count
    static list repeat(const object& item, std::size_t count) {
        list made(object(detail::new_list(count)), 0);
        for (std::size_t i = 0; i < count; ++i) made.body()->place(object(item));
        return made;
    }
    // list(range(first, last)): the room for what a range says that it has, rounded up to two.
    static list of_range(std::int64_t first, std::int64_t last) {
        std::int64_t distance;
        if (__builtin_sub_overflow(std::max(first, last), first, &distance)) throw memory_error();
        const auto count = static_cast<std::size_t>(distance);
        list made(object(detail::new_list(count + count % 2)), 0);
        for (std::int64_t i = first; i < last; ++i) made.body()->append(i);
        return made;
    }
    // The list that the object is. Throws type_error.
    static list of(const object& o) {
        if (o.kind() != value_kind::list) throw type_error("expected list, got " + detail::type_name_of(o));
        return list(o, 0);
    }

    std::size_t size() const noexcept { return body()->count(); }
    bool empty() const noexcept { return size() == 0; }
    list_iterator begin() const noexcept { return list_iterator(*this); }
    list_iterator::end end() const noexcept { return {}; }

    // Negative indices count from the end. Throws index_error.
    object operator[](std::int64_t index) const { return body()->items[place(index, "list index out of range")]; }
    void set(std::int64_t index, object item) const {
        body()->items[place(index, "list assignment index out of range")].swap(item);
    }
    void append(const object& item) const { body()->append(item); }
    void append(object&& item) const { body()->append(std::move(item)); }
    std::span<const object> view() const noexcept { return {body()->items, body()->count()}; }
    void extend(const list& other) const {
        detail::list_body *const l = body(), *const from = other.body();
        const std::int64_t old = l->size, more = from->size;
        if (more == 0) return;
        if (l->items == nullptr) l->set_room(more + more % 2);
        l->resize(old + more);
        for (std::int64_t i = 0; i < more; ++i) l->items[old + i] = from->items[i];
    }
    void insert(std::int64_t index, const object& item) const {
        detail::list_body* const l = body();
        const object kept = item;
        const std::int64_t old = l->size;
        if (index < 0) index = std::max<std::int64_t>(index + old, 0);
        index = std::min(index, old);
        l->resize(old + 1);
        std::rotate(l->items + index, l->items + old, l->items + old + 1);
        l->items[index] = kept;
    }
    // Throws index_error.
    object pop(std::int64_t index = -1) const {
        detail::list_body* const l = body();
        if (l->size == 0) throw index_error("pop from empty list");
        const auto at = static_cast<std::int64_t>(place(index, "pop index out of range"));
        object gone;
        std::rotate(l->items + at, l->items + at + 1, l->items + l->size);
        gone.swap(l->items[l->size - 1]);
        l->resize(l->size - 1);
        return gone;
    }
    void erase(std::int64_t index) const {
        const std::int64_t at = static_cast<std::int64_t>(place(index, "list assignment index out of range"));
        const object gone = pop(at);
    }
    void clear() const noexcept { body()->clear(); }
    void reverse() const noexcept { std::reverse(body()->items, body()->items + body()->size); }
    list slice(std::int64_t first, std::int64_t last) const {
        const auto n = static_cast<std::int64_t>(size());
        const auto clamp = [&](std::int64_t i) { return i < 0 ? std::max<std::int64_t>(i + n, 0) : std::min(i, n); };
        const std::int64_t begin = clamp(first), end = std::max(clamp(last), begin);
        return part(begin, end - begin);
    }
    // The items at begin, begin + step and so on; fewer if a finalizer, which the new list may set off, takes some.
    list part(std::int64_t begin, std::int64_t count, std::int64_t step = 1) const {
        list made(object(detail::new_list(static_cast<std::size_t>(count))), 0);
        const detail::list_body* const from = body();
        detail::list_body* const to = made.body();
        object* end = to->items;
        for (std::int64_t at = begin; count > 0; --count, at += step)
            if (at < from->size) ::new (end++) object(from->items[at]);
        to->size = end - to->items;
        return made;
    }
    bool contains(const object& item) const {
        const object item_held = item;
        for (const object& o : *this)
            if (detail::same_or_equal(o, item_held)) return true;
        return false;
    }

  private:
    list(const object& o, int) : object(o) {}
    detail::list_body* body() const noexcept { return detail::body<detail::list_body>(*this); }
    std::size_t place(std::int64_t index, const char* error) const {
        const std::int64_t at = index < 0 ? index + body()->size : index;
        if (at < 0 || at >= body()->size) throw index_error(error);
        return static_cast<std::size_t>(at);
    }
};

} // namespace krait
