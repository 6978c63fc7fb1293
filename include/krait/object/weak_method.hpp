// weak_method<R(A...)>: a method of an object, to be called as long as the object lives, without keeping it alive.
//
//     krait::weak_method<void(int)> told(window, &window_type::on_size);
//     if (auto method = told.lock()) method(5);
//
// CPython's WeakMethod. Methods of any class with the same signature are of one type, so that a list of observers is a
// std::vector<krait::weak_method<void(const event&)>>. It may have a callback, f(weak_method&), under weak's rules.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <krait/object/weak.hpp>

namespace krait {

template <class Signature>
class weak_method;

template <class R, class... A>
class weak_method<R(A...)> {
    // A pointer to a member function: two words.
    struct method {
        alignas(void*) std::array<std::byte, 2 * sizeof(void*)> pointer{};
        R (*call)(const method&, const void* object, A&&... arguments) = nullptr;
        friend bool operator==(const method&, const method&) = default;
    };
    template <class T, class M>
    static method bind(M member) noexcept {
        static_assert(std::is_member_function_pointer_v<M> && sizeof(M) <= sizeof(method::pointer));
        method bound;
        std::memcpy(bound.pointer.data(), &member, sizeof member);
        bound.call = [](const method& self, const void* object, A&&... arguments) -> R {
            M member_of;
            std::memcpy(&member_of, self.pointer.data(), sizeof member_of);
            T& target = *static_cast<T*>(const_cast<void*>(object));
            return (target.*member_of)(std::forward<A>(arguments)...);
        };
        return bound;
    }
    template <class T, class M>
    static constexpr bool fits = std::is_member_function_pointer_v<M>&& std::is_invocable_r_v<R, M, T&, A...>;

  public:
    // The method with its object, which it keeps alive.
    class bound {
      public:
        bound() = default;
        explicit operator bool() const noexcept { return static_cast<bool>(object_); }
        R operator()(A... arguments) const {
            return method_.call(method_, object_.get(), std::forward<A>(arguments)...);
        }

      private:
        friend weak_method;
        bound(ref<const void> object, const method& m) noexcept : object_(std::move(object)), method_(m) {}
        ref<const void> object_;
        method method_;
        KRAIT_FIELDS(object_);
    };

    weak_method() = default;
    // Throws std::bad_alloc.
    template <class T, class M>
    requires fits<T, M> weak_method(const ref<T>& object, M member)
        : object_(ref<const void>(object)), address_(object.get()), method_(bind<T>(member)) {}
    template <class T, class M, std::invocable<weak_method&> F>
    requires fits<T, M> weak_method(const ref<T>& object, M member, F&& callback)
        : address_(object.get()), method_(bind<T>(member)) {
        object_ = weak<const void>(ref<const void>(object), [f = std::forward<F>(callback), address = address_,
                                                             bound_to = method_](weak<const void>& gone) mutable {
            weak_method self;
            self.object_ = gone;
            self.address_ = address;
            self.method_ = bound_to;
            f(self);
        });
    }

    // The method, or an empty one if the object is dead or dying.
    bound lock() const noexcept {
        ref<const void> object = object_.lock();
        return object ? bound(std::move(object), method_) : bound();
    }
    bool expired() const noexcept { return object_.expired(); }

    // As CPython's: while their objects live, those of one object and one method are equal; afterwards, copies are.
    friend bool operator==(const weak_method& a, const weak_method& b) noexcept {
        const bool same = a.expired() || b.expired() ? a.object_ == b.object_ : a.address_ == b.address_;
        return same && a.method_ == b.method_;
    }
    std::size_t hash() const noexcept { return std::hash<const void*>{}(address_); }

  private:
    weak<const void> object_;
    const void* address_ = nullptr;
    method method_;
    KRAIT_FIELDS(object_);
};

} // namespace krait

template <class Signature>
struct std::hash<krait::weak_method<Signature>> {
    std::size_t operator()(const krait::weak_method<Signature>& method) const noexcept { return method.hash(); }
};
