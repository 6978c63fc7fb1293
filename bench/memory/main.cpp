// krait_memory SCENARIO: one scenario under whatever allocator is preloaded. See report.hpp for what it prints.
#include "scenarios.hpp"

#include <cstdio>
#include <cstring>

namespace {

struct scenario {
    const char* name;
    void (*run)();
};

constexpr scenario scenarios[] = {
    {"free_at_random", krait::bench::free_at_random},
    {"free_in_order", krait::bench::free_in_order},
    {"free_in_reverse", krait::bench::free_in_reverse},
    {"spike_then_idle", krait::bench::spike_then_idle},
    {"sawtooth", krait::bench::sawtooth},
    {"server_1t", krait::bench::server_one_thread},
    {"server_8t", krait::bench::server_eight_threads},
};

} // namespace

int main(int argc, char** argv) {
    for (const scenario& known : scenarios) {
        if (argc == 2 && std::strcmp(argv[1], known.name) == 0) {
            known.run();
            return 0;
        }
    }
    std::fputs("usage: krait_memory SCENARIO, one of", stderr);
    for (const scenario& known : scenarios) std::fprintf(stderr, " %s", known.name);
    std::fputs("\n", stderr);
    return 2;
}
