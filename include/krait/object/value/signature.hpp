// signature: a function's parameters, with defaults, *rest and **more, as Python's def has them.
//
//     krait::function_with("area", {{"width", "height"}, {1}},
//                          [](const callable&, arguments a) { return a[0] * a[1]; })
//
// What is given by position and by name is sorted into one place a parameter; rest gets a tuple, more a dict. What does
// not fit is a type_error in CPython's words, found in CPython's order: names first, then too many, then too few.
#pragma once

#include <initializer_list>
#include <vector>

#include <krait/object/make.hpp>
#include <krait/object/value/instance.hpp>

namespace krait {

class signature {
  public:
    // The defaults are those of the last names.
    signature(std::initializer_list<str> parameters, std::initializer_list<object> defaults = {}, bool rest = false,
              bool more = false)
        : signature(std::vector<str>(parameters), std::vector<object>(defaults), rest, more) {}
    signature(std::vector<str> parameters, std::vector<object> defaults, bool rest, bool more);

    // How many places there are.
    std::size_t size() const noexcept { return names_.size() + rest_ + more_; }

    std::vector<object> sorted(const str& function, arguments given) const;

  private:
    std::size_t place_of(const str& name) const;
    [[noreturn]] static void fail(const str& function, const std::string& what);
    [[noreturn]] void fail_many(const str& function, std::size_t given) const;
    [[noreturn]] static void fail_few(const str& function, const std::vector<std::string>& missing);

    std::vector<str> names_;
    std::vector<object> defaults_;
    bool rest_, more_;
    KRAIT_FIELDS(names_, defaults_);
};

// A function value whose code gets one value a parameter.
callable function_with(std::string_view name, signature parameters, native code, object closure = tuple());

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/signature.hpp>
#endif
