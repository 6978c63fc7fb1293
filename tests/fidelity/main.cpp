// Feeds one random trace to CPython's pymalloc and to krait's heap, and fails at the first difference.

#include "fidelity/cpython.hpp"
#include "model/heap_subject.hpp"
#include "model/lockstep.hpp"
#include "model/reference.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <bit>
#include <cstdio>
#include <memory>
#include <stdexcept>

using namespace krait::model;

namespace {

struct request {
    std::uint64_t seed = 1;
    std::size_t ops = 1'000'000;
    std::size_t arenas = unlimited;
    std::string against = "heap";
};

std::unique_ptr<subject> counterpart(const request& r, const layout& l) {
    if (r.against == "model") return std::make_unique<reference>(l);
    return std::make_unique<heap_subject<krait::cpython_geometry>>(l);
}

int run(const request& r) {
    if (r.arenas != unlimited && !std::has_single_bit(r.arenas))
        throw std::runtime_error(fmt::format("--arenas: {} is no power of two", r.arenas));
    layout l = cpython_layout;
    l.arena_limit = r.arenas;
    cpython original(l);
    const std::unique_ptr<subject> other = counterpart(r, l);

    const verdict v = compare(original, *other, r.seed, r.ops);
    if (!v.difference.empty()) {
        fmt::print(stderr, "fidelity: seed {}: {}\n", r.seed, v.difference);
        return 1;
    }
    fmt::print("fidelity: seed {}: {} and {} agree in {} steps, {} arenas created and {} released\n", r.seed,
               original.name(), other->name(), v.steps, v.last.arenas_created, v.last.arenas_released);
    return 0;
}

const CLI::Validator whole_number(
    [](const std::string& text) {
        const bool is_one = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
        return is_one ? std::string{} : text + " is no whole number";
    },
    "");

} // namespace

int main(int argc, char** argv) {
    request r;
    CLI::App app{"Compares krait's heap with CPython's pymalloc, block by block, over a random trace"};
    app.add_option("--seed", r.seed, "Number that the trace is made from")->check(whole_number)->capture_default_str();
    app.add_option("--ops", r.ops, "Length of the trace; what is then left is released")
        ->check(whole_number)
        ->capture_default_str();
    app.add_option("--arenas", r.arenas, "Have no more arenas than this at a time; a power of two")
        ->check(whole_number);
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
