// weakref: a weak reference to a value, for the kinds that CPython allows: instances, classes, functions, sets, and
// objects of C++ types; not to numbers, strings, bytes, tuples, lists, dicts.
#pragma once

#include <krait/object/value/instance.hpp>
#include <krait/object/weak.hpp>

namespace krait {

class weakref {
  public:
    weakref() noexcept = default;
    // Throws type_error.
    explicit weakref(const object& to) : weak_(checked(to)) {}
    // f(weakref&) is called when the object is gone, if a copy of the weakref is alive and not part of the same
    // garbage.
    template <std::invocable<weakref&> F>
    weakref(const object& to, F f)
        : weak_(checked(to), [f = std::move(f)](weak<void>& w) mutable {
              weakref self;
              self.weak_ = w;
              f(self);
          }) {}

    // The object, or None once it is gone.
    object operator()() const;
    friend bool operator==(const weakref& a, const weakref& b) noexcept { return a.weak_ == b.weak_; }

  private:
    static const ref<void>& checked(const object& to);
    weak<void> weak_;
    KRAIT_FIELDS(weak_);
};

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/weakref.hpp>
#endif
