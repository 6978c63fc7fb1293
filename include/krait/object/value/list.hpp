// list: |links|head| size 8 | items 8 | allocated 8 |: 56 bytes, and 8 for each item that there is room for.
//
//   0 <= size <= allocated; the items' block has room for `allocated`. It is -1 while the list is sorted, until
//   somebody makes room
//   room grows as CPython's: by an eighth and 6, in fours; it shrinks when less than half is used
// Tracked from birth. A free list keeps up to 80.
#pragma once

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
    void clear() noexcept;
    // Throws memory_error, std::bad_alloc.
    [[gnu::always_inline]] void set_room(std::int64_t room) {
        if (room < 0 || room > most_room) fail_room();
        if (room == 0) {
            if (items != nullptr) free_table(items);
            items = nullptr;
        } else {
            items = static_cast<object*>(resize_table(items, static_cast<std::size_t>(room) * sizeof(object)));
        }
        allocated = room;
    }
    // The places of new items are unset; those of lost ones must be.
    void resize(std::int64_t wanted);
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

extern const type_record list_blocks;
inline constinit thread_local parking parked_lists{};

[[noreturn]] hash_type hash_never(const object& o);
extern const value_record list_record;

[[gnu::always_inline]] inline object new_list(std::size_t room = 0) {
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
        if (at_ >= body()->count()) detail::fail_index("list index out of range");
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
    [[gnu::always_inline]] list(std::initializer_list<detail::displayed> items)
        : object(detail::new_list(items.size())) {
        for (const detail::displayed& item : items) body()->place(std::move(item.value));
    }
    list(const object* items, std::size_t count) : object(detail::new_list(count)) {
        for (std::size_t i = 0; i < count; ++i) body()->place(object(items[i]));
    }
    // [item] * count
    static list repeat(const object& item, std::size_t count);
    // list(range(first, last)): the room for what a range says that it has, rounded up to two.
    static list of_range(std::int64_t first, std::int64_t last);
    // The list that the object is. Throws type_error.
    static list of(const object& o);

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
    void extend(const list& other) const;
    void insert(std::int64_t index, const object& item) const;
    // Throws index_error.
    object pop(std::int64_t index = -1) const;
    void erase(std::int64_t index) const;
    void clear() const noexcept { body()->clear(); }
    void reverse() const noexcept;
    list slice(std::int64_t first, std::int64_t last) const;
    // The items at begin, begin + step and so on; fewer if a finalizer, which the new list may set off, takes some.
    list part(std::int64_t begin, std::int64_t count, std::int64_t step = 1) const;
    bool contains(const object& item) const;

  private:
    list(const object& o, int) : object(o) {}
    detail::list_body* body() const noexcept { return detail::body<detail::list_body>(*this); }
    std::size_t place(std::int64_t index, const char* error) const {
        const std::int64_t at = index < 0 ? index + body()->size : index;
        if (at < 0 || at >= body()->size) detail::fail_index(error);
        return static_cast<std::size_t>(at);
    }
};

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/list.hpp>
#endif
