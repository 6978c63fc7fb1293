// ref<T>: a counted reference to an object made by make<T>(), or to nothing. One word.
//
// Copying adds one to a plain counter, so a ref and the object stay with the thread that made the object (checked in
// debug builds; shared<T> crosses threads). The object dies with its last reference, at once, unless it is part of a
// cycle: then the collector finds it. A ref may live anywhere: on the stack, in globals, in any container, in lambdas.
// The object is modifiable through a const ref<T>, as with a pointer; ref<const T> makes it read-only.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include <krait/object/heap.hpp>
#include <krait/object/made.hpp>
#include <krait/object/type_list.hpp>

namespace krait {

template <class T>
class ref;

namespace detail {

void die(object_head* head) noexcept;

// One reference more than can be counted: from now on none is, and the object stays for ever.
[[gnu::cold, gnu::noinline]] inline void saturate(object_head* head) noexcept {
    if (!is_immortal(head)) head->count = immortal_count;
}

// An immortal object's count is read, not written: its pages stay shared with forked children, and threads may copy
// and drop references to it at the same time. The price: copying is four instructions and a branch never taken, where
// one would do that wraps.
inline void retain(object_head* head) noexcept {
    check_owner(head);
    const std::uint32_t more = head->count + 1;
    if (is_immortal(more)) [[unlikely]]
        return saturate(head);
    head->count = more;
}

inline void release_last(object_head* head) noexcept {
    if (!is_immortal(head)) die(head);
}

inline void release(object_head* head) noexcept {
    check_owner(head);
    const std::uint32_t fewer = head->count - 1;
    if (static_cast<std::int32_t>(fewer) <= 0) return release_last(head); // the last one, or an immortal object's
    head->count = fewer;
}

// As release(), for a caller who buries the object himself: whether this was its last reference.
inline bool drops_last(object_head* head) noexcept {
    check_owner(head);
    const std::uint32_t fewer = head->count - 1;
    if (static_cast<std::int32_t>(fewer) <= 0) return !is_immortal(head);
    head->count = fewer;
    return false;
}

// A place for a T that is never made: only addresses in it are compared.
template <class T>
union probe_storage {
    char none;
    T object;
    constexpr probe_storage() noexcept : none() {}
    constexpr ~probe_storage() {}
};
template <class T>
inline probe_storage<T> probe{};

// Whether a From starts with its To, so that both have the same head. Cannot be computed for abstract types: they are
// checked when the reference is converted.
template <class To, class From>
consteval bool starts_with() {
    if constexpr (std::is_void_v<To> || std::is_same_v<To, From>) {
        return true;
    } else if constexpr (std::is_abstract_v<From>) {
        return true;
    } else {
        return static_cast<const volatile void*>(static_cast<const To*>(&probe<From>.object)) ==
               static_cast<const volatile void*>(&probe<From>.object);
    }
}

// acyclic.hpp
template <class To, class From>
struct unseen;

template <class From, class To>
To* convert(From* from) noexcept {
    using source = std::remove_cv_t<From>;
    using target = std::remove_cv_t<To>;
    static_assert(starts_with<target, source>(),
                  "krait: only a base class at the start of the object can be referred to: hold a ref to the derived "
                  "class, or make this base the first one");
    using unseen_targets = typename unseen<target, source>::type;
    static_assert(none<unseen_targets>,
                  "krait: the derived class leads to objects that the base class does not lead to, and cycles through "
                  "them could go unnoticed: say `using krait_cyclic = void;` in the base class, or `using "
                  "krait_acyclic = void;` in the classes of those objects if they are never part of a cycle");
    To* const to = from;
    if (static_cast<const volatile void*>(to) != static_cast<const volatile void*>(from))
        fail("a reference was converted to a base class that is not at the start of the object");
    return to;
}

struct adopt_t {}; // the reference takes over a count that its maker already added

struct ref_access {
    template <class T>
    static ref<T> adopt(T* object) noexcept {
        return ref<T>(object, adopt_t{});
    }
    template <class T>
    static ref<T> copy(T* object) noexcept {
        if (object != nullptr) retain(head_of(object));
        return ref<T>(object, adopt_t{});
    }
    // Of an object that may not be make()'s: checked builds look.
    template <class T>
    static ref<T> checked_copy(T* object) noexcept {
        check_made(object);
        return copy(object);
    }
    template <class T>
    static T* detach(ref<T>& reference) noexcept {
        T* const object = reference.object_;
        reference.object_ = nullptr;
        return object;
    }
    template <class T>
    static void drop(ref<T>& reference) noexcept {
        T* const object = reference.object_;
        reference.object_ = nullptr;
        if (object != nullptr) release(head_of(object));
    }
    template <class T>
    static object_head* head(const ref<T>& reference) noexcept {
        return reference.object_ ? head_of(reference.object_) : nullptr;
    }
};

} // namespace detail

template <class T>
class ref {
  public:
    using element_type = T;

    constexpr ref() noexcept = default;
    constexpr ref(std::nullptr_t) noexcept {}

    ref(const ref& other) noexcept : object_(other.object_) {
        if (object_ != nullptr) detail::retain(detail::head_of(object_));
    }
    // Moves are written out: each std::exchange or std::swap is one more function for each T that the compiler reads.
    ref(ref&& other) noexcept : object_(other.object_) { other.object_ = nullptr; }

    template <class U>
    requires(!std::same_as<U, T> && std::convertible_to<U*, T*>) ref(const ref<U>& other)
    noexcept : ref(ref<U>(other)) {}

    template <class U>
    requires(!std::same_as<U, T> && std::convertible_to<U*, T*>) ref(ref<U>&& other)
    noexcept : object_(detail::convert<U, T>(detail::ref_access::detach(other))) {}

    // Assignment drops the old object last: its destructor already sees the new value.
    ref& operator=(const ref& other) noexcept {
        if (other.object_ != nullptr) detail::retain(detail::head_of(other.object_));
        return become(other.object_);
    }
    ref& operator=(ref&& other) noexcept {
        T* const object = other.object_;
        other.object_ = nullptr;
        return become(object);
    }

    // constexpr, so that a class whose destructor is implicit can be told from others: tail.hpp.
    constexpr ~ref() {
        if (object_ != nullptr) detail::release(detail::head_of(object_));
        if constexpr (detail::checked) detail::mark_destroyed(object_);
    }

    void reset() noexcept { detail::ref_access::drop(*this); }
    void swap(ref& other) noexcept {
        T* const object = object_;
        object_ = other.object_;
        other.object_ = object;
    }
    friend void swap(ref& a, ref& b) noexcept { a.swap(b); }

    T* get() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

    std::add_lvalue_reference_t<T> operator*() const noexcept requires(!std::is_void_v<T>) { return *object_; }
    T* operator->() const noexcept requires(!std::is_void_v<T>) { return object_; }

    // The number of references to the object, this one included; 0 for a null reference; more than 2^31 for an immortal
    // object, whose references are not counted.
    std::size_t use_count() const noexcept {
        return object_ ? detail::references_in(detail::head_of(object_)->count) : 0;
    }

  private:
    template <class>
    friend class ref;
    friend detail::ref_access;

    constexpr ref(T* object, detail::adopt_t) noexcept : object_(object) {}

    // Takes over a reference that is counted already.
    ref& become(T* object) noexcept {
        T* const old = object_;
        object_ = object;
        if (old != nullptr) detail::release(detail::head_of(old));
        return *this;
    }

    T* object_ = nullptr;
};

// Identity, as for pointers.
template <class T, class U>
bool operator==(const ref<T>& a, const ref<U>& b) noexcept {
    return a.get() == b.get();
}
template <class T>
bool operator==(const ref<T>& a, std::nullptr_t) noexcept {
    return a.get() == nullptr;
}
template <class T, class U>
std::strong_ordering operator<=>(const ref<T>& a, const ref<U>& b) noexcept {
    return std::compare_three_way{}(static_cast<const volatile void*>(a.get()),
                                    static_cast<const volatile void*>(b.get()));
}

// A new reference to an object that make() made, from the object itself: ref_to(*this). Undefined for an object that
// make() did not make, which checked builds tell. In the object's destructor it is too late: such a reference must not
// outlive the destructor. In a base class, *this may be of a derived class that does not convert to it: this is not
// checked, and leaks cycles.
template <class T>
ref<T> ref_to(T& object) noexcept {
    return detail::ref_access::checked_copy(std::addressof(object));
}

// A cast to a base class is a conversion; of the others, checked builds tell whether they lead to the start of the
// object.
template <class T, class U>
ref<T> static_ref_cast(const ref<U>& from) noexcept {
    if constexpr (std::is_convertible_v<U*, T*>)
        return from;
    else
        return detail::ref_access::checked_copy(static_cast<T*>(from.get()));
}
template <class T, class U>
ref<T> const_ref_cast(const ref<U>& from) noexcept {
    return detail::ref_access::copy(const_cast<T*>(from.get()));
}
// Null if the object is not a T.
template <class T, class U>
ref<T> dynamic_ref_cast(const ref<U>& from) noexcept {
    if constexpr (std::is_convertible_v<U*, T*>)
        return from;
    else
        return detail::ref_access::checked_copy(dynamic_cast<T*>(from.get()));
}

} // namespace krait

template <class T>
struct std::hash<krait::ref<T>> {
    std::size_t operator()(const krait::ref<T>& reference) const noexcept {
        return std::hash<const volatile void*>{}(reference.get());
    }
};
