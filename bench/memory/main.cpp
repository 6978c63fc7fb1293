// krait_memory SCENARIO: one scenario under whatever allocator is preloaded. See report.hpp for what it prints.
#include "scenarios.hpp"

#include <cstdio>
#include <cstring>

namespace {

struct scenario {
    const char* name;
    void (*run)();
};

template <std::size_t least, std::size_t most, bool at_random, std::size_t threads>
void free_large() {
    constexpr std::size_t mib = std::size_t{1} << 20;
    krait::bench::free_large({least, most, (most > 4000 ? 200 : 140) * mib, at_random, threads});
}

constexpr scenario scenarios[] = {
    {"free_at_random", krait::bench::free_at_random},
    {"free_in_order", krait::bench::free_in_order},
    {"free_in_reverse", krait::bench::free_in_reverse},
    {"spike_then_idle", krait::bench::spike_then_idle},
    {"sawtooth", krait::bench::sawtooth},
    {"server_1t", krait::bench::server_one_thread},
    {"server_8t", krait::bench::server_eight_threads},
    {"large_513-4000_random", free_large<513, 4000, true, 1>},
    {"large_513-4000_in_order", free_large<513, 4000, false, 1>},
    {"large_513-4000_random_8t", free_large<513, 4000, true, 8>},
    {"large_513-4000_in_order_8t", free_large<513, 4000, false, 8>},
    {"large_100-4000_random", free_large<100, 4000, true, 1>},
    {"large_100-4000_in_order", free_large<100, 4000, false, 1>},
    {"large_100-4000_random_8t", free_large<100, 4000, true, 8>},
    {"large_100-4000_in_order_8t", free_large<100, 4000, false, 8>},
    {"large_4000-100000_random", free_large<4000, 100000, true, 1>},
    {"large_4000-100000_in_order", free_large<4000, 100000, false, 1>},
    {"large_4000-100000_random_8t", free_large<4000, 100000, true, 8>},
    {"large_4000-100000_in_order_8t", free_large<4000, 100000, false, 8>},
    {"pauses", krait::bench::pauses},
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
