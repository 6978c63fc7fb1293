#pragma once

#include "model/vocabulary.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>

namespace krait::model {

struct trace_options {
    std::uint64_t seed = 1;
    std::size_t ops = 1'000'000;
    std::size_t arenas = unlimited;
};

// The options --seed, --ops and --arenas of a program that compares two subjects over one trace.
void add_trace_options(CLI::App& app, trace_options& into);

} // namespace krait::model
