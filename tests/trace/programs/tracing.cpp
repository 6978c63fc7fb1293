// The functions of krait/trace.hpp, which are those of krait/trace.h, in a program that checks what they say. With
// libkrait_trace.so preloaded; with `without`, in a process that lacks it.
#include "../../support/hazard.hpp"

#include <krait/trace.hpp>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace tracing = krait::tracing;

namespace {

[[gnu::noinline]] void* from_here(std::size_t size) {
    void* const block = std::malloc(size);
    static_cast<volatile char*>(block)[0] = 1;
    return block;
}

[[gnu::noinline]] void* from_there(std::size_t size) {
    void* const block = std::malloc(size);
    static_cast<volatile char*>(block)[0] = 2;
    return block;
}

bool is_in(std::uintptr_t place, void* (*function)(std::size_t)) {
    return place - reinterpret_cast<std::uintptr_t>(function) < 32;
}

void without_the_library() {
    CHECK(!tracing::is_available());
    CHECK(tracing::start(5) == ENOSYS);
    CHECK(!tracing::is_tracing());
    CHECK(tracing::get_traced_memory().current == 0);
    CHECK(tracing::take_snapshot().empty());
    CHECK(tracing::take_snapshot().statistics().empty());
    CHECK(tracing::get_object_traceback(&errno).empty());
    CHECK(tracing::snapshot::load("/nowhere").empty());
    tracing::stop();
}

void memory() {
    void* const before = from_here(100);
    CHECK(tracing::is_available() && !tracing::is_tracing());
    CHECK(tracing::start(0) == EINVAL);
    CHECK(tracing::start(20) == 0 && tracing::is_tracing());
    CHECK(tracing::get_traced_memory().current == 0);
    void* const first = from_here(1000);
    void* second = from_here(500);
    CHECK(tracing::get_traced_memory().current == 1500);
    std::free(before); // not followed
    CHECK(tracing::get_traced_memory().current == 1500);
    second = std::realloc(second, 3000);
    CHECK(tracing::get_traced_memory().current == 4000);
    CHECK(std::realloc(second, SIZE_MAX / 2) == nullptr);
    CHECK(tracing::get_traced_memory().current == 4000);
    std::free(first);
    CHECK(tracing::get_traced_memory().current == 3000 && tracing::get_traced_memory().peak == 4000);
    tracing::reset_peak();
    CHECK(tracing::get_traced_memory().peak == 3000);
    CHECK(tracing::get_tracer_memory() > 3000);
    tracing::clear();
    CHECK(tracing::get_traced_memory().current == 0);
    std::free(second);
    CHECK(tracing::get_traced_memory().current == 0);
    tracing::stop();
    CHECK(!tracing::is_tracing() && tracing::take_snapshot().empty());
}

void tracebacks() {
    CHECK(tracing::start(20) == 0);
    void* const block = from_here(77);
    const auto places = tracing::get_object_traceback(block);
    CHECK(places.size() >= 3);
    CHECK(is_in(places[0], from_here));
    std::free(block);
    CHECK(tracing::get_object_traceback(block).empty());
    tracing::stop();
}

void snapshots(const char* file) {
    CHECK(tracing::start(20) == 0);
    for (int i = 0; i < 10; ++i) from_here(100);
    const auto older = tracing::take_snapshot();
    for (int i = 0; i < 40; ++i) from_there(64);
    std::thread([] { from_there(5000); }).join();
    tracing::clear();
    for (int i = 0; i < 10; ++i) from_here(100);
    std::vector<void*> blocks;
    blocks.reserve(64);
    for (int i = 0; i < 40; ++i) blocks.push_back(from_there(64));
    std::thread([] { from_there(5000); }).join();
    const auto newer = tracing::take_snapshot();
    const auto memory = tracing::get_traced_memory().current;

    std::uint64_t bytes = 0;
    for (const auto& row : newer.rows()) bytes += row.size * row.count;
    CHECK(bytes <= memory && memory - bytes < 4096); // the vectors of this test come between
    CHECK(newer.rows()[0].size == 5000 && newer.rows()[0].count == 1 && newer.rows()[0].thread != 0);

    // By place, by thread, by object; cumulative in main's frame.
    const auto places = newer.statistics();
    CHECK(places[0].size == 5000 + 40 * 64 - (places[0].count == 41 ? 0 : 40 * 64));
    std::uint64_t there = 0, here = 0;
    for (const auto& each : places) {
        if (is_in(each.key, from_there)) there += each.size;
        if (is_in(each.key, from_here)) here += each.size;
    }
    CHECK(there == 5000 + 40 * 64 && here == 1000);
    const auto threads = newer.statistics(tracing::by::thread);
    CHECK(threads.size() == 2 && threads[0].size == 5000);
    const auto objects = newer.statistics(tracing::by::object, true);
    CHECK(objects[0].size >= 5000 + 40 * 64 + 1000 && objects[0].size <= bytes);
    const auto stacks = newer.statistics(tracing::by::traceback);
    CHECK(stacks.size() >= 3);

    // What is new, and what has gone.
    const auto grown = newer.compare_to(older);
    std::int64_t difference = 0;
    for (const auto& each : grown) {
        if (is_in(each.key, from_there)) difference += each.size_diff;
        if (is_in(each.key, from_here)) CHECK(each.size_diff + each.count_diff >= -1010);
    }
    CHECK(difference == 5000 + 40 * 64);
    const auto shrunk = older.compare_to(newer);
    CHECK(shrunk[0].size_diff < 0 && shrunk[0].size == 0 && shrunk[0].example != nullptr);

    // Filters.
    const auto in_there = reinterpret_cast<std::uintptr_t>(from_there);
    const tracing::filter only_there{1, 0, in_there, in_there + 32, 0, 0, -1};
    const tracing::filter not_large{0, 0, 0, 0, 1000, UINT64_MAX, -1};
    const std::vector<tracing::filter> both{only_there, not_large};
    const auto filtered = newer.filter_traces(both);
    std::uint64_t left = 0;
    for (const auto& row : filtered.rows()) left += row.size * row.count;
    CHECK(left == 40 * 64);

    // To a file and back.
    CHECK(newer.dump(file) == 0);
    CHECK(newer.dump("/nowhere/at/all") == ENOENT);
    const auto again = tracing::snapshot::load(file);
    CHECK(again.rows().size() == newer.rows().size());
    CHECK(again.compare_to(newer, tracing::by::traceback)[0].size_diff == 0);
    CHECK(tracing::snapshot::load("/etc/passwd").empty());
    tracing::stop();
}

void threads_and_forks() {
    CHECK(tracing::start(20) == 0);
    std::vector<std::thread> all;
    all.reserve(8);
    const auto before = tracing::get_traced_memory().current;
    for (int t = 0; t < 8; ++t) {
        all.emplace_back([] {
            for (int i = 0; i < 20000; ++i) {
                void* block = from_here(static_cast<std::size_t>(i % 300));
                block = std::realloc(block, static_cast<std::size_t>(i % 2000 + 1));
                std::free(block);
            }
        });
    }
    std::atomic<bool> is_done{false};
    std::thread watcher([&] {
        while (!is_done.load()) CHECK(!tracing::take_snapshot().empty());
    });
    for (int i = 0; i < 10; ++i) {
        if (fork() == 0) {
            void* const block = from_here(123);
            const bool is_fine = tracing::get_object_traceback(block).size() >= 3;
            _exit(is_fine ? 0 : 1);
        }
        int status = 0;
        wait(&status);
        CHECK(status == 0);
    }
    for (auto& each : all) each.join();
    is_done.store(true);
    watcher.join();
    const auto after = tracing::get_traced_memory().current;
    CHECK(after < before + 20000); // libc's for threads
    tracing::stop();
}

// Each child starts and stops as well: what another thread was within at the fork must not keep it from that.
void forks_while_others_start_and_stop() {
    CHECK(tracing::start(4) == 0);
    std::atomic<bool> is_over{false};
    std::thread other([&] {
        while (!is_over) {
            tracing::stop();
            CHECK(tracing::start(4) == 0);
        }
    });
    for (int i = 0; i < 100; ++i) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            hazard::fail_if_hung();
            tracing::stop();
            const bool starts = tracing::start(4) == 0 && tracing::is_tracing();
            _exit(starts ? 0 : 1);
        }
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    is_over = true;
    other.join();
}

} // namespace

int main(int, char** argv) {
    if (argv[1] == std::string_view("without")) return without_the_library(), 0;
    if (argv[1] == std::string_view("forks")) return forks_while_others_start_and_stop(), 0;
    memory();
    tracebacks();
    snapshots(argv[1]);
    threads_and_forks();
}
