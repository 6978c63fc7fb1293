// Feeds one random trace to CPython's pymalloc and to krait's heap, and fails at the first difference.

#include "fidelity/cpython.hpp"
#include "model/heap_subject.hpp"
#include "model/lockstep.hpp"
#include "model/reference.hpp"
#include "model/trace_options.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>

using namespace krait::model;

namespace {

int run(const trace_options& options, bool against_model) {
    layout l = cpython_layout;
    l.arena_limit = options.arenas;
    cpython original(l);
    std::unique_ptr<subject> other;
    if (against_model) {
        other = std::make_unique<reference>(l);
    } else {
        other = std::make_unique<heap_subject<krait::cpython_geometry>>(l, options.pages);
    }
    return compare_and_report(original, *other, options.seed, options.ops, options.comparison());
}

} // namespace

int main(int argc, char** argv) {
    trace_options options;
    std::string against = "heap";
    CLI::App app{"Compares krait's heap with CPython's pymalloc, block by block, over a random trace"};
    add_trace_options(app, options);
    app.add_option("--against", against, "What to compare CPython with")
        ->check(CLI::IsMember({"heap", "model"}))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        return run(options, against == "model");
    } catch (const std::exception& e) {
        fmt::print(stderr, "fidelity: {}\n", e.what());
        return 2;
    }
}
