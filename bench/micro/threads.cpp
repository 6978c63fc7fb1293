// The loops of one thread in several at once, and threads that come and go.
#include "crew.hpp"
#include "loops.hpp"
#include "rows.hpp"

#include <pthread.h>

#include <array>

namespace krait::bench {
namespace {

constexpr std::int64_t million = 1'000'000;

std::string name(const char* what, unsigned threads) { return what + std::to_string(threads) + "t"; }

// What a thread of a server does in its life: some blocks, some of which outlive it.
struct short_life {
    static constexpr std::size_t blocks = 200;
    std::array<void*, blocks> left{};
    std::size_t left_behind = 0; // the first so many blocks are freed by whoever joins the thread

    static void* run(void* self) {
        auto& life = *static_cast<short_life*>(self);
        for (std::size_t i = 0; i < blocks; ++i) life.left[i] = take(16 + 8 * (i % 32));
        for (std::size_t i = life.left_behind; i < blocks; ++i) drop(life.left[i]);
        return nullptr;
    }
};

// Two threads at a time, each started, run and joined.
void spawn_round(std::size_t left_behind, int times) {
    for (int time = 0; time < times; ++time) {
        std::array<short_life, 2> lives;
        std::array<pthread_t, 2> threads;
        for (std::size_t i = 0; i < threads.size(); ++i) {
            lives[i].left_behind = left_behind;
            if (pthread_create(&threads[i], nullptr, short_life::run, &lives[i]) != 0) std::abort();
        }
        for (std::size_t i = 0; i < threads.size(); ++i) {
            pthread_join(threads[i], nullptr);
            for (std::size_t b = 0; b < left_behind; ++b) drop(lives[i].left[b]);
        }
    }
}

void add_batches_of(unsigned threads) {
    constexpr std::size_t batch = 1'000, repeats = 300;
    add_row(name("batch/1kx8-512_random/", threads), threads * batch * repeats, 15 * million, [=] {
        return crew_round(
            threads, [](unsigned) { return batch_loop(size_table::uniform(8, 512), batch, order::random, repeats); });
    });
}

void add_churn_of(unsigned threads) {
    constexpr std::size_t a_thread = 300'000;
    add_row(name("churn/1kx8-512/", threads), threads * a_thread, 15 * million, [=] {
        return crew_round(threads,
                          [](unsigned i) { return churn_loop(size_table::uniform(8, 512), 1'000, a_thread, i); });
    });
}

} // namespace

void add_scaling_rows_of_threads() {
    for (const unsigned threads : scaling_threads) add_churn_of(threads);
    for (const unsigned threads : scaling_threads) add_batches_of(threads);
}

void add_thread_rows() {
    const auto mixed = size_table::uniform(8, 512);

    for (const unsigned threads : {2U, 8U}) {
        constexpr std::size_t a_thread = 300'000;
        add_row(name("pairs/8-512/", threads), threads * a_thread, 30 * million,
                [=] { return crew_round(threads, [=](unsigned) { return pair_loop(mixed, a_thread); }); });
    }
    // A crew of one is what the others are compared with: how well does it scale?
    for (const unsigned threads : {1U, 2U, 4U, 8U}) add_batches_of(threads);
    for (const unsigned threads : {2U, 8U}) {
        constexpr std::size_t batch = 100'000;
        add_row(name("batch/100kx8-512_random/", threads), threads * batch, 5 * million,
                [=] { return crew_round(threads, [=](unsigned) { return batch_loop(mixed, batch, order::random); }); });
    }
    for (const unsigned threads : {1U, 2U, 4U, 8U}) add_churn_of(threads);
    add_row("calloc/64/2t", 2 * 300'000, 15 * million, [] {
        return crew_round(2, [](unsigned) {
            return [] {
                for (int i = 0; i < 300'000; ++i) drop(touched(std::calloc(1, 64), 64));
            };
        });
    });

    constexpr int times = 50;
    constexpr std::int64_t spawned = 2 * times * static_cast<std::int64_t>(short_life::blocks);
    add_row("spawn/200_blocks/2t", spawned, 2 * million, [] { return [] { spawn_round(0, times); }; });
    add_row("spawn/half_left_behind/2t", spawned, 2 * million,
            [] { return [] { spawn_round(short_life::blocks / 2, times); }; });
}

} // namespace krait::bench
