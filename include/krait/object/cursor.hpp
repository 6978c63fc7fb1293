// cursor<T>: a reference that does not count. As cheap as a pointer, and not one the collector sees: for parents,
// iterators, the things whose lifetime is known. In checked builds it watches its object through a weak reference and
// aborts with a message if it is used after the object's death; with NDEBUG it is a plain pointer.
#pragma once

#include <concepts>
#include <string>

#include <krait/object/weak.hpp>

namespace krait {

template <class T>
class cursor {
  public:
    using element_type = T;

    constexpr cursor() noexcept = default;
    constexpr cursor(std::nullptr_t) noexcept {}
    template <class U>
    requires std::convertible_to<U*, T*> cursor(const ref<U>& object)
        : object_(detail::convert<U, T>(object.get())), watch_(object) {}

    T* get() const noexcept {
        watch_.check(object_);
        return object_;
    }
    T& operator*() const noexcept { return *get(); }
    T* operator->() const noexcept { return get(); }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    friend bool operator==(const cursor& a, const cursor& b) noexcept { return a.object_ == b.object_; }

    // A counted reference.
    ref<T> lock() const noexcept { return detail::ref_access::copy(get()); }

  private:
    struct watched {
        weak<T> object;
        watched() = default;
        template <class U>
        explicit watched(const ref<U>& r) : object(r) {}
        KRAIT_FIELDS(object); // for hand_over()
        void check(const T* expected) const noexcept {
            if (expected != nullptr && object.expired())
                detail::report_about("a cursor to a dead ", detail::type_name<T>(), " was used"), std::abort();
        }
    };
    struct unwatched {
        unwatched() = default;
        template <class U>
        explicit unwatched(const ref<U>&) noexcept {}
        void check(const T*) const noexcept {}
        KRAIT_FIELDS();
    };

    T* object_ = nullptr;
    [[no_unique_address]] std::conditional_t<detail::checked, watched, unwatched> watch_;
    KRAIT_FIELDS(watch_);
};

} // namespace krait
