// Python's errors, as C++ exceptions, in Python's words.
#pragma once

#include <stdexcept>
#include <string>

#include <krait/object/separate.hpp>

namespace krait {

// What all of them derive from. kind() is Python's name for it.
class error : public std::runtime_error {
  public:
    error(const char* kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
    const char* kind() const noexcept { return kind_; }

  private:
    const char* kind_;
};

struct type_error : error {
    explicit type_error(const std::string& message) : error("TypeError", message) {}
};
struct value_error : error {
    explicit value_error(const std::string& message) : error("ValueError", message) {}
};
struct key_error : error {
    explicit key_error(const std::string& message) : error("KeyError", message) {}
};
struct index_error : error {
    explicit index_error(const std::string& message) : error("IndexError", message) {}
};
struct name_error : error {
    explicit name_error(const std::string& message) : error("NameError", message) {}
};
struct attribute_error : error {
    explicit attribute_error(const std::string& message) : error("AttributeError", message) {}
};
struct overflow_error : error {
    explicit overflow_error(const std::string& message) : error("OverflowError", message) {}
};
struct zero_division_error : error {
    explicit zero_division_error(const std::string& message) : error("ZeroDivisionError", message) {}
};
// A size that nothing can hold. What the system refuses is std::bad_alloc.
struct memory_error : error {
    memory_error() : error("MemoryError", "") {}
};
// A container changed size while it was iterated, and the like.
struct state_error : error {
    explicit state_error(const std::string& message) : error("RuntimeError", message) {}
};
struct recursion_error : error {
    explicit recursion_error(const std::string& message) : error("RecursionError", message) {}
};

namespace detail {

inline constexpr int recursion_limit = 1000;
inline constinit thread_local int recursion_depth = 0;

[[noreturn, gnu::cold]] void fail_recursion(const char* where);
// One level of repr, of a comparison, of a hash. Throws recursion_error at the thousandth.
class recursion_guard {
  public:
    explicit recursion_guard(const char* where) {
        if (recursion_depth >= recursion_limit) fail_recursion(where);
        ++recursion_depth;
    }
    recursion_guard(const recursion_guard&) = delete;
    recursion_guard& operator=(const recursion_guard&) = delete;
    ~recursion_guard() { --recursion_depth; }
};

} // namespace detail
} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/errors.hpp>
#endif
