// The life of libkrait_debug.so in a process.
//
//   first request   whether there is anything to do: not where krait steps aside (Valgrind, sanitizers)
//   start           options are read, stacks and the quarantine begin; blocks made before have all but these two
//   end             all blocks are looked at
#pragma once

#include <atomic>
#include <cstdint>

namespace krait::debug {

enum class service : std::uint8_t { undecided, aside, serves };
extern constinit std::atomic<service> the_service;

// Decides. Whoever comes first, or at once, comes to the same.
[[gnu::cold, gnu::noinline]] bool decide_service() noexcept;

// Whether blocks are decorated: the same for the whole life of the process.
inline bool is_serving() noexcept {
    const service now = the_service.load(std::memory_order_relaxed);
    return __builtin_expect(now == service::serves, 1) || (now == service::undecided && decide_service());
}

void at_start() noexcept;
void at_exit() noexcept;

} // namespace krait::debug
