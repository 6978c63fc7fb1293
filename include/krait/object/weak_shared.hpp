// weak_shared<T>: a reference to a shared object that does not keep it alive. One word, for any thread.
//
// The object dies with its last shared<T>; its block stays until the last weak_shared<T> has gone. While the object's
// finalizer runs, lock() succeeds and brings it back, as in CPython. There are no callbacks: nobody could say in which
// thread.
#pragma once

#include <concepts>
#include <utility>

#include <krait/object/shared.hpp>

namespace krait {

template <class T>
class weak_shared {
  public:
    using element_type = T;

    constexpr weak_shared() noexcept = default;
    constexpr weak_shared(std::nullptr_t) noexcept {}
    template <class U>
    requires std::convertible_to<U*, T*> weak_shared(const shared<U>& object)
    noexcept : object_(detail::convert<U, T>(object.get())) { retain(); }

    weak_shared(const weak_shared& other) noexcept : object_(other.object_) { retain(); }
    weak_shared(weak_shared&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <class U>
    requires(!std::same_as<U, T> && std::convertible_to<U*, T*>) weak_shared(const weak_shared<U>& other)
    noexcept : weak_shared(other.lock()) {} // a dead object cannot be asked where its base class is

    weak_shared& operator=(weak_shared other) noexcept {
        swap(other);
        return *this;
    }
    ~weak_shared() {
        if (object_ != nullptr) detail::drop_weak(detail::head_of(object_));
    }

    void swap(weak_shared& other) noexcept { std::swap(object_, other.object_); }
    void reset() noexcept { weak_shared().swap(*this); }

    // The object, or null if it is dead or dying: the only way to it.
    shared<T> lock() const noexcept {
        if (object_ == nullptr || !detail::retain_if_alive(detail::head_of(object_))) return {};
        return detail::shared_access::adopt(object_);
    }
    // Whether it is dead at this moment; other threads may let it die at any time.
    bool expired() const noexcept {
        if (object_ == nullptr) return true;
        return detail::counts_the_dead(
            detail::shared_count(detail::head_of(object_)->count).load(std::memory_order_relaxed));
    }

    // Whether both refer to one object, alive or not. Usable as a key.
    friend bool operator==(const weak_shared& a, const weak_shared& b) noexcept { return a.object_ == b.object_; }
    std::size_t hash() const noexcept { return std::hash<const volatile void*>{}(object_); }

  private:
    void retain() noexcept {
        if (object_ != nullptr) detail::retain_weak(detail::head_of(object_));
    }

    T* object_ = nullptr;
};

template <class T>
weak_shared(const shared<T>&) -> weak_shared<T>;

} // namespace krait

template <class T>
struct std::hash<krait::weak_shared<T>> {
    std::size_t operator()(const krait::weak_shared<T>& reference) const noexcept { return reference.hash(); }
};
