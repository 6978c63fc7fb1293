// Feeds one random trace to CPython's pymalloc and to krait's heap, and fails at the first difference.

#include "fidelity/cpython.hpp"
#include "model/lockstep.hpp"
#include "model/reference.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>

using namespace krait::model;

namespace {

struct request {
    std::uint64_t seed = 1;
    std::size_t ops = 1'000'000;
    std::size_t arenas = unlimited;
    std::string against = "heap";
};

int run(const request& r) {
    layout l = cpython_layout;
    l.arena_limit = r.arenas;
    cpython original(l);
    const std::unique_ptr<subject> other = std::make_unique<reference>(l);

    const verdict v = compare(original, *other, r.seed, r.ops);
    if (!v.difference.empty()) {
        fmt::print(stderr, "fidelity: seed {}: {}\n", r.seed, v.difference);
        return 1;
    }
    fmt::print("fidelity: seed {}: {} and {} agree in {} steps, {} arenas created and {} released\n", r.seed,
               original.name(), other->name(), v.steps, v.last.arenas_created, v.last.arenas_released);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    request r;
    CLI::App app{"Compares krait's heap with CPython's pymalloc, block by block, over a random trace"};
    app.add_option("--seed", r.seed, "Number that the trace is made from")->capture_default_str();
    app.add_option("--ops", r.ops, "Length of the trace; what is then left is released")->capture_default_str();
    app.add_option("--arenas", r.arenas, "Refuse to create more arenas than this at a time")
        ->check(CLI::PositiveNumber);
    app.add_option("--against", r.against, "What to compare CPython with")
        ->check(CLI::IsMember({"heap", "model"}))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        return run(r);
    } catch (const std::exception& e) {
        fmt::print(stderr, "fidelity: {}\n", e.what());
        return 2;
    }
}
