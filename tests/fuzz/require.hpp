// What must hold. A target has no other way to fail: the fuzzer and the replay driver both take an abort for a finding.
#pragma once

#include <cstdio>
#include <cstdlib>

#define KRAIT_REQUIRE(condition)                                                                                       \
    ((condition) ? static_cast<void>(0) : ::krait::fuzz::does_not_hold(#condition, __FILE__, __LINE__))

namespace krait::fuzz {

[[noreturn]] inline void does_not_hold(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    std::abort();
}

} // namespace krait::fuzz
