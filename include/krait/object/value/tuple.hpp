// tuple: |links| head| size 8 | item 8 ...: 40 bytes and 8 an item. () exists once.
//
// Tracked at birth, as it may hold anything; a run that finds it with untracked items only lets it leave the lists.
// Free lists keep up to 2000 of each length to 20.
#pragma once

#include <array>
#include <initializer_list>

#include <krait/object/value/hash.hpp>
#include <krait/object/value/protocol.hpp>

namespace krait {
namespace detail {

struct tuple_body {
    std::int64_t size;

    object* items() noexcept { return static_cast<object*>(static_cast<void*>(this + 1)); }
    const object* items() const noexcept { return const_cast<tuple_body*>(this)->items(); }
    std::size_t count() const noexcept { return static_cast<std::size_t>(size); }

    template <class F>
    void each(F&& f) {
        for (std::size_t i = 0; i < count(); ++i) f(items()[i]);
    }
    template <class F>
    void each_reached(F&& f) {
        for (std::size_t i = count(); i-- > 0;) f(items()[i]);
    }
    void clear() noexcept {
        for (std::size_t i = count(); i-- > 0;) items()[i].reset();
    }
};

inline constexpr std::size_t parked_tuple_lengths = 20;
constexpr std::size_t tuple_block_size(std::size_t length) noexcept {
    return container_offset + sizeof(tuple_body) + length * sizeof(object);
}
extern const std::array<type_record, parked_tuple_lengths> tuple_blocks;
inline constinit thread_local std::array<parking, parked_tuple_lengths> parked_tuples{};

extern const value_record tuple_record;

struct alignas(16) static_tuple {
    gc_links links;
    object_head head;
    tuple_body body;
    static_tuple() noexcept : links{nullptr, nullptr}, head{}, body{0} { write_static_head(&head, tuple_record); }
};
[[gnu::visibility("default")]] inline static_tuple empty_tuple{};

// item(i) makes each item; what it throws is passed on, and nothing is left behind. Throws memory_error, too.
template <class F>
object tuple_of(std::size_t length, F&& item) {
    if (length == 0) return single(&empty_tuple.body);
    if (length > (PTRDIFF_MAX - tuple_block_size(0)) / sizeof(object)) fail_room();
    void* block = length <= parked_tuple_lengths ? parked_tuples[length - 1].take(tuple_blocks[length - 1]) : nullptr;
    if (block == nullptr) block = new_container_block(tuple_block_size(length));
    auto* const t = begin_container<tuple_body>(block, tuple_record);
    t->size = 0;
    if constexpr (noexcept(item(std::size_t{0}))) {
        for (std::size_t i = 0; i < length; ++i) ::new (t->items() + i) object(item(i));
        t->size = static_cast<std::int64_t>(length);
        track(t);
        return adopt(t);
    } else {
        for (std::size_t i = 0; i < length; ++i) ::new (t->items() + i) object();
        t->size = static_cast<std::int64_t>(length);
        object made = adopt(t); // has no more than it has been given, should an item throw
        for (std::size_t i = 0; i < length; ++i) {
            object next = item(i);
            t->items()[i].swap(next);
        }
        track(t);
        return made;
    }
}

} // namespace detail

class tuple : public object {
  public:
    tuple() : object(detail::single(&detail::empty_tuple.body)) {}
    tuple(std::initializer_list<detail::displayed> items)
        : object(detail::tuple_of(items.size(),
                                  [&](std::size_t i) noexcept { return std::move(items.begin()[i].value); })) {}
    tuple(const object* items, std::size_t count)
        : object(detail::tuple_of(count, [&](std::size_t i) noexcept { return items[i]; })) {}
    // Throws type_error.
    static tuple of(const object& o);

    std::size_t size() const noexcept { return body()->count(); }
    const object* begin() const noexcept { return body()->items(); }
    const object* end() const noexcept { return begin() + size(); }
    // Negative indices count from the end. Throws index_error.
    const object& operator[](std::int64_t index) const {
        const std::int64_t at = index < 0 ? index + body()->size : index;
        if (at < 0 || at >= body()->size) detail::fail_index("tuple index out of range");
        return begin()[at];
    }

  private:
    tuple(const object& o, int) : object(o) {}
    const detail::tuple_body* body() const noexcept { return detail::body<const detail::tuple_body>(*this); }
};

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/tuple.hpp>
#endif
