#pragma once

#include "trace.hpp"

namespace krait::model {

// How closely placements are compared: to the byte, or to the pool.
enum class precision { byte, pool };

struct verdict {
    std::string difference; // the first one, in words; empty when there was none
    std::size_t steps = 0;
    outcome last; // of the first subject, when the trace was over
};

// Has both subjects perform the trace, and compares what is seen after every step, and their statistics 16 times on
// the way, when the trace is at its given length, and when all is released.
verdict compare(subject& one, subject& other, std::uint64_t seed, std::size_t length, precision p = precision::byte);

// compare, and one line that says how it went: on stdout if they agree, on stderr the first difference. An exit status.
int compare_and_report(subject& one, subject& other, std::uint64_t seed, std::size_t length, precision p);

} // namespace krait::model
