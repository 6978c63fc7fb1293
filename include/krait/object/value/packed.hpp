// packed<T>: Python's array.array: numbers in one block, without an object each.
//
//   |head| size 8 | items 8 | allocated 8 |, and sizeof(T) for each number that there is room for: room grows as
//   CPython's, by a sixteenth and 7. It holds no references, so it is never tracked; CPython's has 40 bytes more.
#pragma once

#include <span>

#include <krait/object/value/protocol.hpp>

namespace krait {
namespace detail {

template <class T>
struct packed_body {
    std::int64_t size;
    T* items;
    std::int64_t allocated;
};
template <class T>
object_head* destroy_packed(object_head* head) noexcept {
    auto* const p = static_cast<packed_body<T>*>(object_of(head));
    if (p->items != nullptr) free_table(p->items);
    free_block(head);
    return nullptr;
}
template <class T>
std::size_t size_of_packed(const void* body) noexcept {
    return sizeof(object_head) + sizeof(packed_body<T>) +
           static_cast<std::size_t>(static_cast<const packed_body<T>*>(body)->allocated) * sizeof(T);
}
template <class T>
void repr_packed(const object& o, std::string& out) {
    const auto* const p = body<packed_body<T>>(o);
    out += "packed([";
    for (std::int64_t i = 0; i < p->size; ++i) {
        if (i != 0) out += ", ";
        append_repr(object(p->items[i]), out);
    }
    out += "])";
}
[[noreturn]] inline hash_type hash_never_packed(const object& o) { fail_unhashable(o); }
template <class T>
bool equal_packed(const object& a, const object& b);
template <class T>
void tables_of_packed(const void* body, table_visitor& visitor) {
    const auto* const p = static_cast<const packed_body<T>*>(body);
    if (p->items != nullptr) visitor.table(p->items, static_cast<std::size_t>(p->allocated) * sizeof(T), true);
}
template <class T>
constexpr value_record make_packed_record() {
    value_record record = atom_record(value_kind::packed, "array.array", sizeof(packed_body<T>), destroy_packed<T>,
                                      {hash_never_packed, equal_packed<T>, repr_packed<T>, size_of_packed<T>});
    record.tables = tables_of_packed<T>;
    return record;
}
template <class T>
inline constexpr value_record packed_record = make_packed_record<T>();

} // namespace detail

template <class T>
requires std::is_arithmetic_v<T>
class packed : public object {
  public:
    packed() : object(make()) {}
    template <class Range>
    requires(!std::convertible_to<Range, object>) explicit packed(const Range& numbers) : packed() {
        for (const auto& number : numbers) append(static_cast<T>(number));
    }
    // So many zeros, with room for no more. Throws memory_error, std::bad_alloc.
    static packed zeros(std::size_t count) {
        if (count > PTRDIFF_MAX / sizeof(T)) detail::fail_room();
        packed made;
        detail::packed_body<T>* const p = made.body();
        p->items = static_cast<T*>(detail::resize_table(nullptr, (count != 0 ? count : 1) * sizeof(T)));
        p->allocated = p->size = static_cast<std::int64_t>(count);
        for (std::size_t i = 0; i < count; ++i) p->items[i] = T();
        return made;
    }
    void append(T number) const {
        detail::packed_body<T>* const p = body();
        if (p->size == p->allocated) {
            const std::int64_t wanted = p->size + 1;
            const std::int64_t room = (wanted >> 4) + (p->size < 8 ? 3 : 7) + wanted;
            p->items = static_cast<T*>(detail::resize_table(p->items, static_cast<std::size_t>(room) * sizeof(T)));
            p->allocated = room;
        }
        p->items[p->size++] = number;
    }
    std::span<T> items() const noexcept { return {body()->items, static_cast<std::size_t>(body()->size)}; }
    std::size_t size() const noexcept { return items().size(); }
    // Throws index_error.
    T& operator[](std::int64_t index) const {
        const std::int64_t at = index < 0 ? index + body()->size : index;
        if (at < 0 || at >= body()->size) detail::fail_index("array index out of range");
        return body()->items[at];
    }

  private:
    static object make() {
        void* const block = detail::new_block(detail::atom_offset + sizeof(detail::packed_body<T>));
        auto* const p = detail::begin_atom<detail::packed_body<T>>(block, detail::packed_record<T>);
        *p = {0, nullptr, 0};
        return detail::adopt(p);
    }
    detail::packed_body<T>* body() const noexcept { return detail::body<detail::packed_body<T>>(*this); }
};

namespace detail {
template <class T>
bool equal_packed(const object& a, const object& b) {
    if (record_of(head_of(b.get())) != &packed_record<T>) return false;
    const auto *const x = body<packed_body<T>>(a), *const y = body<packed_body<T>>(b);
    if (x->size != y->size) return false;
    for (std::int64_t i = 0; i < x->size; ++i)
        if (!(x->items[i] == y->items[i])) return false;
    return true;
}
} // namespace detail

} // namespace krait
