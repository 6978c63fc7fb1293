// names: a namespace, which binds names to objects. Assignment binds the name to the object; it never copies.
//
//     krait::names n;
//     n["x"] = krait::list{200};
//     n["y"] = n["x"];            // two names for one object
//     n.del("x");
#pragma once

#include <krait/object/value/dict.hpp>

namespace krait {

class names {
  public:
    class name {
      public:
        // Throws name_error.
        operator object() const { return value_of(of_, text_); }
        const name& operator=(const object& value) const {
            of_.set(text_, value);
            return *this;
        }
        const name& operator=(const name& other) const { return *this = object(other); } // NOLINT

      private:
        friend names;
        name(dict of, str text) : of_(std::move(of)), text_(std::move(text)) {}
        dict of_;
        str text_;
    };

    name operator[](const str& text) const { return name(bound_, intern(text)); }
    object at(const str& text) const { return value_of(bound_, text); }
    void del(const str& text) const;
    bool contains(const str& text) const { return bound_.contains(text); }
    // The dict that has the bindings.
    const dict& bindings() const noexcept { return bound_; }

  private:
    static object value_of(const dict& of, const str& text);
    dict bound_;
    KRAIT_FIELDS(bound_);
};

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/names.hpp>
#endif
