// shared<T>: a reference that threads may copy and drop at the same time. One word, atomic counts.
//
// What a T holds must be safe to share as well: no ref and no weak inside, only values and other shared, and no cycles
// (acyclic_v<T>, which follows shared, too), because no thread's collector looks after shared objects. The exception is
// what freeze_deep() froze: shared<const T>(frozen) is allowed for any T, and writes to no count; nor does copying a ref
// inside of the graph.
#pragma once

#include <atomic>
#include <concepts>
#include <type_traits>
#include <utility>

#include <krait/object/immortal.hpp>
#include <krait/object/make.hpp>

namespace krait {

namespace detail {

inline void retain_shared(object_head* head) noexcept {
    const std::atomic_ref count(head->count);
    if (is_immortal(count.load(std::memory_order_relaxed))) return;
    if (count.fetch_add(1, std::memory_order_relaxed) >= most_references) [[unlikely]]
        count.store(immortal_count, std::memory_order_relaxed);
}

inline void release_shared(object_head* head) noexcept {
    const std::atomic_ref count(head->count);
    if (is_immortal(count.load(std::memory_order_relaxed))) return;
    if (count.fetch_sub(1, std::memory_order_acq_rel) == 1) die(head);
}

template <class List>
inline constexpr bool all_shared = false;
template <class... R>
inline constexpr bool all_shared<type_list<R...>> = (is_shared<R> && ...);

} // namespace detail

template <class T>
class shared {
  public:
    using element_type = T;

    constexpr shared() noexcept = default;
    constexpr shared(std::nullptr_t) noexcept {}
    shared(const shared& other) noexcept : object_(other.object_) {
        if (object_ != nullptr) detail::retain_shared(detail::head_of(object_));
    }
    shared(shared&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <class U>
    requires(!std::same_as<U, T> && std::convertible_to<U*, T*>) shared(const shared<U>& other)
    noexcept : shared(detail::convert<U, T>(other.get())) {
        if (object_ != nullptr) detail::retain_shared(detail::head_of(object_));
    }

    // Of an immortal object: what freeze_deep() has reached. Aborts with a message if the object is mortal.
    template <class U>
    requires(std::is_const_v<T>&& std::convertible_to<U*, T*>) explicit shared(const ref<U>& frozen) noexcept
        : shared(detail::convert<U, T>(frozen.get())) {
        if (object_ != nullptr && !detail::is_immortal(detail::head_of(object_)))
            detail::fail("shared<const T> of an object that freeze_deep() has not frozen");
    }

    shared& operator=(shared other) noexcept {
        swap(other);
        return *this;
    }
    ~shared() {
        if (object_ != nullptr) detail::release_shared(detail::head_of(object_));
    }

    void swap(shared& other) noexcept { std::swap(object_, other.object_); }
    void reset() noexcept { shared().swap(*this); }
    T* get() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }
    T* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    friend bool operator==(const shared& a, const shared& b) noexcept { return a.object_ == b.object_; }

    // How many shared<T> there are at this moment; 0 for null; more than 2^31 for an immortal object.
    std::size_t use_count() const noexcept {
        if (object_ == nullptr) return 0;
        return detail::references_in(std::atomic_ref(detail::head_of(object_)->count).load(std::memory_order_relaxed));
    }

  private:
    template <class U, class... A>
    friend shared<U> make_shared(A&&... arguments);

    explicit shared(T* object) noexcept : object_(object) {}

    T* object_ = nullptr;
};

// Makes a T that threads may share. Throws as make<T>() does.
template <class T, class... A>
shared<T> make_shared(A&&... arguments) {
    static_assert(detail::all_shared<detail::held_t<T>>,
                  "krait: an object that threads share must not hold ref, weak or std::shared_ptr to objects of one "
                  "thread: hold krait::shared, or freeze the graph with freeze_deep()");
    static_assert(acyclic_v<T>, "krait: no collector looks after shared objects, so their types must not form a cycle");
    ref<T> made = make<T>(std::forward<A>(arguments)...);
    T* const object = detail::ref_access::detach(made);                           // its count is taken over
    detail::head_of(object)->word &= ~(~std::uint64_t{0} << detail::owner_shift); // no thread's own
    return shared<T>(object);
}

} // namespace krait

template <class T>
struct std::hash<krait::shared<T>> {
    std::size_t operator()(const krait::shared<T>& reference) const noexcept {
        return std::hash<const volatile void*>{}(reference.get());
    }
};
