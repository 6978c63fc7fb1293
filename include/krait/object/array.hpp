// array<T>: an object that consists of as many T's as make<T[]>() was told, in one block with its head.
//
//     auto row = krait::make<cell[]>(80);          // krait::ref<krait::array<cell>>
//     for (cell& c : *row) c.letter = ' ';
//
//   | links, head | size 8 | T ... T |      sizeof(array<T>) ends where the elements begin
// The size never changes. The elements are fields like any others: what they refer to is traced. The array's finalizer
// is that of its elements, the first one first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>

#include <krait/object/lifetime.hpp>
#include <krait/object/make.hpp>

namespace krait {

namespace detail {
struct array_maker;
}

template <class T>
class alignas(std::max(alignof(T), alignof(std::size_t))) array {
  public:
    using value_type = T;
    using size_type = std::size_t;
    using iterator = T*;
    using const_iterator = const T*;

    array(const array&) = delete;
    array& operator=(const array&) = delete;
    ~array() {
        while (size_ != 0) std::destroy_at(data() + --size_);
    }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    T* data() noexcept { return reinterpret_cast<T*>(this + 1); }
    const T* data() const noexcept { return reinterpret_cast<const T*>(this + 1); }
    T* begin() noexcept { return data(); }
    T* end() noexcept { return data() + size_; }
    const T* begin() const noexcept { return data(); }
    const T* end() const noexcept { return data() + size_; }

    T& operator[](std::size_t index) noexcept { return data()[index]; }
    const T& operator[](std::size_t index) const noexcept { return data()[index]; }
    // Throws std::out_of_range.
    T& at(std::size_t index) { return data()[checked(index)]; }
    const T& at(std::size_t index) const { return data()[checked(index)]; }

    // The collector's and the last reference's, as of any object: once, with all elements and neighbours intact.
    void krait_finalize() requires detail::has_finalizer<T> {
        for (T& element : *this) {
            try {
                access::finalize(element);
            } catch (...) {
                detail::report_exception("the finalizer", detail::type_name<T>());
            }
        }
    }

  private:
    friend detail::array_maker;
    array() = default;

    std::size_t checked(std::size_t index) const {
        if (index >= size_) throw std::out_of_range("no such element in a krait::array");
        return index;
    }

    std::size_t size_ = 0; // elements that are alive
};

namespace detail {

// Blocks of many sizes: nothing is kept.
template <class T>
struct freelist<array<T>> {
    using record = record_for<array<T>>;
    static constexpr bool aligned = record::alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

    static void* take(std::size_t elements) {
        if (elements > (static_cast<std::size_t>(-1) / 2 - record::block_size) / sizeof(T))
            throw std::bad_array_new_length();
        const std::size_t size = record::block_size + elements * sizeof(T);
        if constexpr (aligned)
            return ::operator new (size, std::align_val_t{record::alignment});
        else
            return ::operator new(size);
    }
    static void put(void* block) noexcept {
        if constexpr (aligned)
            ::operator delete (block, std::align_val_t{record::alignment});
        else
            ::operator delete(block);
    }
};

struct array_maker {
    // make_element(place, index) makes each element; what it throws is passed on, and nothing is left behind.
    template <class T, class F>
    static ref<array<T>> make(std::size_t size, F&& make_element) {
        static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T> && !std::is_volatile_v<T>,
                      "krait: make<T[]>() makes elements of complete, unqualified, non-array types");
        static_assert(std::is_nothrow_destructible_v<T>, "krait: the destructor must be noexcept");
        static_cast<void>(sizeof(check_words<T>)); // of the elements, which are made here, too
        using seen [[maybe_unused]] = decltype(check_inside<array<T>, T>());
        using record = record_for<array<T>>;
        [[maybe_unused]] static const bool known = [] {
            keep_loaded(&detail::record<array<T>>);
            know(&detail::record<array<T>>);
            return true;
        }();
        heap& h = started_heap();
        void* const block = freelist<array<T>>::take(size);
        void* const place = static_cast<char*>(block) + record::offset;
        object_head* const head = head_of(place);
        *head = {1, 0, reinterpret_cast<std::uintptr_t>(&detail::record<array<T>>) | place_mask | owner_bits(h)};
        auto* const made = ::new (place) array<T>();
        try {
            for (; made->size_ < size; ++made->size_) make_element(made->end(), made->size_);
        } catch (...) {
            made->~array();
            freelist<array<T>>::put(block);
            throw;
        }
        if constexpr (record::cyclic) h.adopt(head);
        return ref_access::adopt(made);
    }
};

template <class T>
concept unbounded_array = std::is_unbounded_array_v<T>;

} // namespace detail

// An array of so many elements, T(). Throws what their constructors throw, std::bad_alloc, std::bad_array_new_length.
template <detail::unbounded_array T>
ref<array<std::remove_extent_t<T>>> make(std::size_t size) {
    using element = std::remove_extent_t<T>;
    return detail::array_maker::make<element>(size, [](element* place, std::size_t) { ::new (place) element(); });
}
// So many copies of an element.
template <detail::unbounded_array T>
ref<array<std::remove_extent_t<T>>> make(std::size_t size, const std::remove_extent_t<T>& value) {
    using element = std::remove_extent_t<T>;
    return detail::array_maker::make<element>(size, [&](element* place, std::size_t) { ::new (place) element(value); });
}
// The elements of a list, of a container.
template <detail::unbounded_array T>
ref<array<std::remove_extent_t<T>>> make(std::initializer_list<std::remove_extent_t<T>> elements) {
    using element = std::remove_extent_t<T>;
    return detail::array_maker::make<element>(
        elements.size(), [&](element* place, std::size_t i) { ::new (place) element(elements.begin()[i]); });
}
template <detail::unbounded_array T, class Container>
requires requires(const Container& c) {
    std::size(c);
    std::begin(c);
}
ref<array<std::remove_extent_t<T>>> make(const Container& elements) {
    using element = std::remove_extent_t<T>;
    auto next = std::begin(elements);
    return detail::array_maker::make<element>(std::size(elements),
                                              [&](element* place, std::size_t) { ::new (place) element(*next++); });
}

} // namespace krait
