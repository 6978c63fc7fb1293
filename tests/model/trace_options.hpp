#pragma once

#include "model/lockstep.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>

namespace krait::model {

struct trace_options {
    std::uint64_t seed = 1;
    std::size_t ops = 1'000'000;
    std::size_t arenas = unlimited;
    free_pages pages = free_pages::kept;

    precision comparison() const { return pages == free_pages::kept ? precision::byte : precision::pool; }
};

// The options --seed, --ops, --arenas and --purge of a program that compares two subjects over one trace.
void add_trace_options(CLI::App& app, trace_options& into);

} // namespace krait::model
