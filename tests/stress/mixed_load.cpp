// Everything at once in one process, in rounds; between two rounds only the main thread is there, and what the allocator says of
// itself is compared with what the program knows.
//
//   mixed_load [--rounds N] [--seconds N] [--round MILLISECONDS] [--seed N] [--no-forks] [--quiet]
//
// So many rounds, and as many more as fit into the seconds; four at least, or there are no halves to compare. At each quiet
// point: krait_check() finds nothing; blocks are as they were written; krait's numbers add up; as many blocks are in use as
// at the first one, give or take what libc and the threads library keep. At the end: memory, resident and krait's own, did
// not grow from the first half to the second.
#include "../support/statistics.hpp"
#include "actors.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

namespace {

// Linked with krait's own names, resident memory is mostly the system allocator's, or a sanitizer's.
#ifdef LOAD_LINKED
constexpr bool resident_memory_is_krait = false;
#else
constexpr bool resident_memory_is_krait = true;
#endif

struct settings {
    std::size_t rounds = 4;
    double seconds = 0;
    unsigned round_ms = 1000;
    std::uint64_t seed = 1;
    bool forks = true;
    bool quiet = false;
};

struct sample {
    std::size_t resident_kib;
    krait_stats krait;
};

[[noreturn]] void refuse(const char* argument, const char* why) {
    std::fprintf(stderr, "mixed_load: %s %s\n", argument, why);
    std::exit(2);
}

template <class T>
void read_number(const char* option, const char* text, T& number, T least, T most) {
    if (!text) refuse(option, "lacks its value");
    const char* const end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, number);
    if (error != std::errc() || rest != end || !(number >= least && number <= most))
        refuse(option, "takes no such value");
}

settings read_arguments(int count, char** arguments) {
    settings chosen;
    for (int i = 1; i < count; ++i) {
        const char* const option = arguments[i];
        const auto is = [&](const char* name) { return std::strcmp(option, name) == 0; };
        if (is("--no-forks")) {
            chosen.forks = false;
        } else if (is("--quiet")) {
            chosen.quiet = true;
        } else if (is("--rounds")) {
            read_number<std::size_t>(option, arguments[++i], chosen.rounds, 4, 1'000'000);
        } else if (is("--seconds")) {
            read_number<double>(option, arguments[++i], chosen.seconds, 0, 1e6);
        } else if (is("--round")) {
            read_number<unsigned>(option, arguments[++i], chosen.round_ms, 1, 1'000'000);
        } else if (is("--seed")) {
            read_number<std::uint64_t>(option, arguments[++i], chosen.seed, 0, UINT64_MAX);
        } else {
            refuse(option, "is not an option");
        }
    }
    return chosen;
}

void perform(load::stage& stage, const settings& chosen, std::uint64_t round) {
    std::vector<load::actor> cast{
        load::churn, load::churn,      load::churn,   load::produce_and_consume, load::come_and_go,
        load::grow,  load::hold_large, load::collect, load::read_statistics,     load::be_interrupted};
    if (chosen.forks) cast.push_back(load::fork_and_check);
    stage.is_over = false;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < cast.size(); ++i)
        threads.emplace_back(cast[i], std::ref(stage), ((chosen.seed << 20) + round * 64 + i) * 2 + 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(chosen.round_ms));
    stage.is_over = true;
    for (std::thread& thread : threads) thread.join();
}

// Nobody else is at work, and everything was given back.
sample check_at_rest(load::stage& stage) {
    CHECK(stage.exchange.is_intact());
    stage.exchange.clear();
    CHECK(load::nothing_contradicts());
    load::give_back_free_memory();
    load::trim();
    CHECK(load::nothing_contradicts());
    sample now{};
    now.krait = load::statistics();
    CHECK(support::adds_up(now.krait));
    CHECK(now.krait.thread_caches <= 1);
    now.resident_kib = hazard::memory().resident_kib;
    return now;
}

void check_growth(const std::vector<sample>& samples) {
    constexpr std::size_t resident_slack_kib = 8 * 1024;
    // krait's own numbers tell at once; the system allocator's heap needs some rounds to find its size.
    constexpr std::uint64_t block_slack = 256; // what libc and the C++ runtime keep for themselves
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>((samples.size() + 1) / 2);
    const auto most = [](auto begin, auto end, auto number) {
        std::uint64_t highest = 0;
        for (; begin != end; ++begin) highest = std::max<std::uint64_t>(highest, number(*begin));
        return highest;
    };
    const auto grew_by_more_than = [&](std::uint64_t slack, auto number) {
        return most(middle, samples.end(), number) > most(samples.begin(), middle, number) + slack;
    };
    if (resident_memory_is_krait && samples.size() >= 8)
        CHECK(!grew_by_more_than(resident_slack_kib, [](const sample& s) { return s.resident_kib; }));
    CHECK(!grew_by_more_than(block_slack, [](const sample& s) { return s.krait.blocks_in_use; }));
    CHECK(!grew_by_more_than(resident_slack_kib * 1024, [](const sample& s) { return s.krait.bytes_resident; }));
    CHECK(!grew_by_more_than(resident_slack_kib * 1024, [](const sample& s) { return s.krait.bytes_tables; }));
}

void print_summary(const load::tally& counts, const std::vector<sample>& samples, std::size_t peak_kib) {
    const auto row = [](const char* label, std::uint64_t number) {
        std::printf("%-34s%20" PRIu64 "\n", label, number);
    };
    row("blocks taken or given back", counts.operations);
    row("threads", counts.threads);
    row("forks", counts.forks);
    row("collections", counts.collections);
    row("readings of the statistics", counts.readings);
    row("signals whose handler allocated", counts.signals);
    row("quiet points", samples.size());
    row("resident at a round's end, peak, KiB", peak_kib);
    row("resident at rest, first, KiB", samples.front().resident_kib);
    row("resident at rest, last, KiB", samples.back().resident_kib);
    row("krait: blocks in use, first", samples.front().krait.blocks_in_use);
    row("krait: blocks in use, last", samples.back().krait.blocks_in_use);
    row("krait: resident, last, KiB", samples.back().krait.bytes_resident / 1024);
    row("krait: pools purged", samples.back().krait.pools_purged);
    row("krait: locks found held", samples.back().krait.lock_contended);
}

} // namespace

int main(int count, char** arguments) {
    using clock = std::chrono::steady_clock;
    const settings chosen = read_arguments(count, arguments);
    const auto end = clock::now() + std::chrono::duration<double>(chosen.seconds);
    static load::stage stage;
    std::vector<sample> samples;
    samples.reserve(100000);
    std::size_t peak_kib = 0;
    do {
        perform(stage, chosen, samples.size());
        peak_kib = std::max(peak_kib, hazard::memory().resident_kib);
        samples.push_back(check_at_rest(stage));
    } while (samples.size() < chosen.rounds || clock::now() < end);
    check_growth(samples);
    if (!chosen.quiet) print_summary(stage.counts, samples, peak_kib);
}
