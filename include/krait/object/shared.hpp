// shared<T>: a reference that threads may copy and drop at the same time. One word, atomic counts.
//
// What a T holds must be safe to share as well: no ref and no weak inside, only values and other shared, and no cycles
// (acyclic_v<T>, which follows shared, too), because no thread's collector looks after shared objects. The exception is
// what freeze_deep() froze: shared<const T>(frozen) is allowed for any T, and writes to no count; nor does copying a
// ref inside of the graph. weak_shared<T> does not keep its object alive; what several threads read and replace is an
// atomic_shared<T>.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <krait/object/immortal.hpp>
#include <krait/object/shared_life.hpp>

namespace krait {

namespace detail {

template <class List>
inline constexpr bool all_shared = false;
template <class... R>
inline constexpr bool all_shared<type_list<R...>> = (is_shared<R> && ...);

struct shared_access {
    // The reference takes over a count that its maker already added.
    template <class T>
    static shared<T> adopt(T* object) noexcept {
        return shared<T>(object);
    }
    template <class T>
    static T* detach(shared<T>& reference) noexcept {
        return std::exchange(reference.object_, nullptr);
    }
};

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

    // How many shared<T> there are at this moment, with those that an atomic_shared has in store; 0 for null; more than
    // 2^31 for an immortal object.
    std::size_t use_count() const noexcept {
        if (object_ == nullptr) return 0;
        return detail::references_in(std::atomic_ref(detail::head_of(object_)->count).load(std::memory_order_relaxed));
    }

  private:
    friend detail::shared_access;

    explicit shared(T* object) noexcept : object_(object) {}

    T* object_ = nullptr;
};

// Makes a T that threads may share. Throws as make<T>() does.
template <class T, class... A>
shared<T> make_shared(A&&... arguments) {
    static_assert(detail::all_shared<detail::held_t<T>>,
                  "krait: an object that threads share must not hold ref, weak or std::shared_ptr to objects of one "
                  "thread: hold krait::shared, or freeze the graph with freeze_deep()");
    static_assert(acyclic_v<T>,
                  "krait: no collector looks after shared objects, so their types must not form a cycle: hold a "
                  "krait::weak_shared on the way back, or say `using krait_acyclic = void;` in a type whose objects "
                  "never form one");
    ref<T> made = make<T>(std::forward<A>(arguments)...);
    detail::begin_sharing<T>(detail::head_of(made.get())); // may throw: while it is a ref
    return detail::shared_access::adopt(detail::ref_access::detach(made));
}

// A new reference to a shared object, from the object itself: shared_to(*this). As for ref_to(), it is too late for
// this in the destructor; in the constructor, where the object is not shared yet, it is too early. Aborts with a
// message if the object is not make_shared()'s, nor immortal and const.
template <class T>
shared<T> shared_to(T& object) noexcept {
    detail::check_made(std::addressof(object));
    detail::object_head* const head = detail::head_of(std::addressof(object));
    if (std::is_const_v<T> && detail::is_immortal_shared(head)) return detail::shared_access::adopt(&object);
    if (detail::record_of(head)->free_block == nullptr)
        detail::fail("shared_to() of an object that make_shared() did not make, or whose constructor is running");
    detail::retain_shared(head);
    return detail::shared_access::adopt(std::addressof(object));
}

} // namespace krait

template <class T>
struct std::hash<krait::shared<T>> {
    std::size_t operator()(const krait::shared<T>& reference) const noexcept {
        return std::hash<const volatile void*>{}(reference.get());
    }
};
