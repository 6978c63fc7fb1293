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
inline constexpr auto tuple_blocks = [] {
    std::array<type_record, parked_tuple_lengths> records{};
    for (std::size_t i = 0; i < records.size(); ++i)
        records[i] = parking_record("tuple", tuple_block_size(i + 1), 2000);
    return records;
}();
inline constinit thread_local std::array<parking, parked_tuple_lengths> parked_tuples{};

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
constexpr value_record make_tuple_record() {
    value_record record = container_record<tuple_body>(value_kind::tuple, "tuple", destroy_tuple,
                                                       {hash_tuple, equal_tuple, repr_tuple, size_of_tuple});
    record.untracks = untracks_tuple;
    return record;
}
inline constexpr value_record tuple_record = make_tuple_record();

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
    if (length > (PTRDIFF_MAX - tuple_block_size(0)) / sizeof(object)) throw memory_error();
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
    static tuple of(const object& o) {
        if (o.kind() != value_kind::tuple) throw type_error("expected tuple, got " + detail::type_name_of(o));
        return tuple(o, 0);
    }

    std::size_t size() const noexcept { return body()->count(); }
    const object* begin() const noexcept { return body()->items(); }
    const object* end() const noexcept { return begin() + size(); }
    // Negative indices count from the end. Throws index_error.
    const object& operator[](std::int64_t index) const {
        const std::int64_t at = index < 0 ? index + body()->size : index;
        if (at < 0 || at >= body()->size) throw index_error("tuple index out of range");
        return begin()[at];
    }

  private:
    tuple(const object& o, int) : object(o) {}
    const detail::tuple_body* body() const noexcept { return detail::body<const detail::tuple_body>(*this); }
};

} // namespace krait
