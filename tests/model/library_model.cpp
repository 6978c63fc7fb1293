// The library with thread caches off against the written model: a program of one thread gets pymalloc's blocks,
// exactly. One trace in a process, as there is one library in a process.

#include "model/library_subject.hpp"
#include "model/lockstep.hpp"
#include "model/reference.hpp"
#include "model/trace_options.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

using namespace krait::model;

int main(int argc, char** argv) {
    trace_options options;
    layout l = classic_layout;
    CLI::App app{"Compares krait's library with a model of pymalloc, block by block, over a random trace"};
    add_trace_options(app, options);
    app.add_option("--pool-reserve", l.pool_header, "Bytes left unused at each pool's start")
        ->check(CLI::IsMember({"0", "48"}))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    l.arena_limit = options.arenas;
    try {
        reference model(l);
        library_subject library(l, options.pages);
        return compare_and_report(model, library, options.seed, options.ops, options.comparison());
    } catch (const std::exception& e) {
        fmt::print(stderr, "library_model: {}\n", e.what());
        return 2;
    }
}
