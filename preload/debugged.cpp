// What libkrait_debug.so has besides: its start and end, whose operators the process has, and libraries that close.
#include "debugged.hpp"

#include "debug/life.hpp"
#include "debug/stacks.hpp"
#include "export.hpp"
#include "os/code_object.hpp"
#include "os/loaded_library.hpp"
#include "os/loader.hpp"
#include "owner.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

namespace {

[[gnu::constructor(102)]] void start() { krait::debug::at_start(); }
[[gnu::destructor(102)]] void finish() { krait::debug::at_exit(); }

constexpr std::array every_operator{
    "_Znwm",
    "_Znam",
    "_ZnwmRKSt9nothrow_t",
    "_ZnamRKSt9nothrow_t",
    "_ZnwmSt11align_val_t",
    "_ZnamSt11align_val_t",
    "_ZnwmSt11align_val_tRKSt9nothrow_t",
    "_ZnamSt11align_val_tRKSt9nothrow_t",
    "_ZdlPv",
    "_ZdaPv",
    "_ZdlPvm",
    "_ZdaPvm",
    "_ZdlPvRKSt9nothrow_t",
    "_ZdaPvRKSt9nothrow_t",
    "_ZdlPvSt11align_val_t",
    "_ZdaPvSt11align_val_t",
    "_ZdlPvmSt11align_val_t",
    "_ZdaPvmSt11align_val_t",
    "_ZdlPvSt11align_val_tRKSt9nothrow_t",
    "_ZdaPvSt11align_val_tRKSt9nothrow_t",
};

bool find_owner_of_operators() noexcept {
    if (!krait::debug::tells_mismatches() || !krait::owns_malloc() || !krait::owns_free() ||
        !krait::owns_aligned_alloc())
        return false;
    const krait::os::code_object self =
        krait::os::code_object_at(reinterpret_cast<std::uintptr_t>(&krait::debugged::owns_every_operator));
    return std::all_of(every_operator.begin(), every_operator.end(), [&](const char* name) {
        return self.holds(reinterpret_cast<std::uintptr_t>(krait::os::first_definition(name)));
    });
}

} // namespace

bool krait::debugged::owns_every_operator() noexcept {
    enum class answer : std::uint8_t { unknown, no, yes };
    constinit static std::atomic<answer> known{answer::unknown};
    if (KRAIT_UNLIKELY(known.load(std::memory_order_relaxed) == answer::unknown))
        known.store(find_owner_of_operators() ? answer::yes : answer::no, std::memory_order_relaxed);
    return known.load(std::memory_order_relaxed) == answer::yes;
}

extern "C" KRAIT_EXPORT int dlclose(void* handle) noexcept {
    const int result = krait::os::next_dlclose()(handle);
    krait::debug::library_closed();
    return result;
}
