// class_: a type made at run time; instance: an object of one, with attributes by name.
//
//   instance: |links|head| class 8 | values 8 | dict 8 |: 56 bytes, CPython's 3.11 with another order of its words
//   values    the attributes, by the entries of keys that all instances of the class share; null before the first
//   dict      the attributes, once somebody has asked for instance.dict() or there were more than 30: values is null
//   At most one of values and dict is not null.
//
// A class whose objects have fixed fields is a C++ struct of objects: krait::make<point>(1, 2) has 32 bytes and 8 for
// each field, as an instance of a class with __slots__ has.
//
// Special methods, looked up in the class: __init__, __del__ (once, with the object whole; it may bring it back),
// __call__, __eq__, __ne__, __hash__, __repr__, __str__, __len__, __bool__, __index__, and the operators' (ops.hpp).
// Who answers NotImplemented leaves the question to the other operand.
#pragma once

#include <limits>

#include <krait/object/value/function.hpp>

namespace krait {

class class_;

namespace detail {

struct type_body {
    str name;
    object base; // a class or unset
    object attributes;
    dict_keys* shared;
    bool has_finalizer; // of its own
    bool has_special;   // of its own, any other method between underscores but __init__

    template <class F>
    void each(F&& f) {
        f(base);
        f(attributes);
    }
    void clear() noexcept {
        base.reset();
        attributes.reset();
    }
};

struct instance_body {
    object type;
    split_values* values;
    object dict;

    // Null once the collector has taken the instance apart.
    type_body* of() const noexcept { return body<type_body>(type); }

    template <class F>
    void each(F&& f) {
        f(type);
        f(dict);
        if (values != nullptr)
            for (std::size_t i = 0; i < values->room; ++i) f(values->items()[i]);
    }
    void clear() noexcept;

    // What find() finds where most look: a name that is the same object as the class's, in its first place. Null if it
    // is elsewhere, or nowhere.
    object* find_first(const object& name) noexcept {
        if (values == nullptr) return nullptr;
        constexpr std::size_t size = std::size_t{1} << shared_log2;
        const char* const indices = of()->shared->indices();
        const auto i =
            static_cast<std::uint8_t>(indices[static_cast<std::size_t>(body<const str_body>(name)->hash) % size]);
        if (i >= values->room) return nullptr; // those below 0 are large here
        const auto* const entries = static_cast<const str_entry*>(static_cast<const void*>(indices + size));
        if (!entries[i].key.is(name)) return nullptr;
        object* const place = values->items() + i;
        return *place ? place : nullptr;
    }
    object* find(const object& name) noexcept;
    void set(const object& name, const object& item);
    bool erase(const object& name);
    // The attributes as a dict, which has them from now on.
    const object& own_dict();
};

object find_in_class(const object& type, const object& name);

// Whether the class or a base of it has one: a base may get it later than the class is made.
inline bool has_in_bases(const object& type, bool type_body::*one) noexcept {
    for (const object* t = &type; *t; t = &body<type_body>(*t)->base)
        if (body<type_body>(*t)->*one) return true;
    return false;
}

extern const type_record instance_blocks;
inline constinit thread_local parking parked_instances{};

struct special_names {
    str init = fixed("__init__"), del = fixed("__del__"), call = fixed("__call__"), eq = fixed("__eq__"),
        ne = fixed("__ne__"), index = fixed("__index__"), hash = fixed("__hash__"), repr = fixed("__repr__"),
        str_ = fixed("__str__"), len = fixed("__len__"), bool_ = fixed("__bool__"), dict = fixed("__dict__"),
        class_ = fixed("__class__");
    static str fixed(const char* name) { return intern(str(name)); }
    // A thread's own, as all strings are.
    static const special_names& get() {
        const special_names* const names = of_thread;
        return names != nullptr ? *names : make();
    }

  private:
    static inline constinit thread_local const special_names* of_thread = nullptr;
    // They outlive the last collection, whose finalizers are looked up. Those of a thread that asks when its heap is
    // closed, in the destructor of a static, stay.
    static const special_names& make();
};

object special_method(const object& o, const str special_names::*name);
template <class... A>
object call_special(const object& method, const A&... a) {
    return callable::of(method)(object(a)...);
}
bool truth_of(const object& o);

bool is_of_subclass(const object& b, const object& a);
// The int that an instance's __index__ says; unset if the object is no instance, or its class has none.
object index_said(const object& o);
// The same, and anything else as it is.
object indexed(const object& o);
// An argument that counts something.
std::int64_t number_of(const object& o);
// One that CPython keeps in 32 bits.
std::int64_t short_number_of(const object& o);
// What a special method answers that must be a string.
object text_said(object said, const char* name);

extern const value_record type_record_of_classes;
extern const value_record instance_record;
extern const value_record finalized_instance_record;

object new_instance(const object& type);
// a != b, where one of them is an instance.
bool differ_as_said(const object& a, const object& b);

} // namespace detail

// Python's a != b, which is not always the opposite of ==: instances may have a __ne__.
inline bool operator!=(const object& a, const object& b) {
    if (a.kind() != value_kind::instance && b.kind() != value_kind::instance) return !(a == b);
    return detail::differ_as_said(a, b);
}

class instance : public object {
  public:
    // The instance that the object is. Throws type_error.
    static instance of(const object& o);
    class_ type() const;
    // The attributes as a dict, which has them from now on.
    krait::dict dict() const;

  private:
    explicit instance(const object& o) : object(o) {}
};

class class_ : public object {
  public:
    explicit class_(std::string_view name, object base = {});
    // Throws type_error.
    static class_ of(const object& o);

    // A method: its first argument is the instance.
    const class_& def(std::string_view name, native code, object closure = tuple()) const;
    object get(const str& name) const { return detail::find_in_class(*this, name); }
    void set(const str& name, const object& value) const;
    // An instance, initialised by __init__ if there is one. Throws type_error if there are arguments for nobody.
    instance operator()(arguments given) const;
    template <class... A>
    requires(std::convertible_to<A, object>&&...) instance operator()(A&&... a) const {
        const std::array<object, sizeof...(A)> given{object(std::forward<A>(a))...};
        return (*this)(arguments(given));
    }
    str name() const { return body()->name; }
    object base() const { return body()->base; }
    bool is_subclass_of(const class_& other) const;

  private:
    class_(const object& o, int) : object(o) {}
    detail::type_body* body() const noexcept { return detail::body<detail::type_body>(*this); }
};

namespace detail {
object call_bound(const callable& self, arguments given);
[[noreturn, gnu::cold]] void fail_attribute(const object& o, const str& name);
} // namespace detail

// Attributes of instances and classes. Unset if there is none; a method of the class comes bound to the instance.
object find_attribute(const object& o, const str& name);
// Throws attribute_error.
inline object getattr(const object& o, const str& name) {
    if (o.kind() == value_kind::instance) [[likely]]
        if (const object* const own = detail::body<detail::instance_body>(o)->find_first(name)) [[likely]]
            return *own;
    object found = find_attribute(o, name);
    if (!found) detail::fail_attribute(o, name);
    return found;
}
namespace detail {
void set_attribute(const object& o, const str& name, const object& value);
} // namespace detail
inline void setattr(const object& o, const str& name, const object& value) {
    if (o.kind() == value_kind::instance && value) [[likely]]
        if (object* const own = detail::body<detail::instance_body>(o)->find_first(name)) [[likely]] {
            object old = value;
            own->swap(old);
            return;
        }
    detail::set_attribute(o, name, value);
}
void delattr(const object& o, const str& name);
// __dict__ is an attribute of instances only.
bool hasattr(const object& o, const str& name);

// An attribute that a piece of code reads or writes again and again: it is looked for first where it was last among a
// class's names, as CPython's specialised instructions do. Names of a class never move, so a look at the name there is
// enough.
//
//     static thread_local const krait::attribute width("width");
//     width.set(o, width.get(o) + 1);
class attribute {
  public:
    explicit attribute(const str& name) : name_(intern(name)) {}
    const str& name() const noexcept { return name_; }

    // Throws attribute_error.
    object get(const object& o) const {
        const object* const place = here(o);
        return place != nullptr && *place ? *place : slow_get(o);
    }
    void set(const object& o, const object& value) const {
        if (object* const place = here(o); place != nullptr && *place && value) {
            object old = value;
            place->swap(old);
        } else {
            slow_set(o, value);
        }
    }

  private:
    // Null if it is elsewhere.
    object* here(const object& o) const noexcept {
        if (o.kind() != value_kind::instance) return nullptr;
        auto* const body = detail::body<detail::instance_body>(o);
        const detail::split_values* const values = body->values;
        if (values == nullptr || entry_ >= values->room) return nullptr;
        return body->of()->shared->strings()[entry_].key.is(name_) ? body->values->items() + entry_ : nullptr;
    }
    void learn(const object& o) const noexcept;
    object slow_get(const object& o) const;
    void slow_set(const object& o, const object& value) const;

    str name_;
    mutable std::int64_t entry_ = std::numeric_limits<std::int64_t>::max();
    KRAIT_FIELDS(name_);
};

// Of functions, classes, and instances whose class has __call__. Throws type_error for others.
object call(const object& o, arguments given);
template <class... A>
requires(std::convertible_to<A, object>&&...) object call(const object& o, A&&... a) {
    const std::array<object, sizeof...(A)> given{object(std::forward<A>(a))...};
    return call(o, arguments(given));
}

object call(const object& o, std::initializer_list<object> given, std::initializer_list<named> by_name);

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/instance.hpp>
#endif
