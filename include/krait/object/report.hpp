// How the layer speaks: one function that the program may replace.
//
// Errors that have no caller to go to (an exception in a finalizer or a callback, a type that reports a reference
// twice, a forgotten field) are described in one line each and handed to the unraisable hook, named after
// CPython's sys.unraisablehook. The default writes the line to stderr. Misuse that would corrupt memory, found by
// the checks of debug builds, goes to the same hook and then aborts.
#pragma once

#include <atomic>
#include <string_view>

#include <krait/object/separate.hpp>

// Checks that cost something: owner of a heap, cursors, forgotten fields. On unless NDEBUG; all code of a program that
// shares objects must agree, because cursor<T> is larger with checks.
#ifndef KRAIT_CHECKED
#ifdef NDEBUG
#define KRAIT_CHECKED 0
#else
#define KRAIT_CHECKED 1
#endif
#endif

namespace krait::gc {

using unraisable_hook = void (*)(std::string_view message);

} // namespace krait::gc

namespace krait::detail {

inline constexpr bool checked = KRAIT_CHECKED != 0;

void write_to_stderr(std::string_view message);

inline std::atomic<gc::unraisable_hook> current_unraisable_hook{write_to_stderr};

void report(std::string_view message) noexcept;

// Describes the exception being handled: to be called in a catch block.
void report_exception(std::string_view where, std::string_view type) noexcept;

[[noreturn]] void fail(std::string_view message) noexcept;

void report_about(std::string_view before, std::string_view type, std::string_view after) noexcept;

} // namespace krait::detail

namespace krait::gc {

// Replaces the hook and returns the old one; null restores the default. Thread-safe. The hook may be called by any
// thread, in the middle of a collection: it should not touch objects.
inline unraisable_hook set_unraisable_hook(unraisable_hook hook) noexcept {
    return detail::current_unraisable_hook.exchange(hook ? hook : detail::write_to_stderr);
}

} // namespace krait::gc

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/impl/report.hpp>
#endif
