// What threads keep of large blocks, the system allocator's and those of runs: alone, and as threads of one process do.
#include "core/large_cache.hpp"
#include "core/thread_cache.hpp"

#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using krait::large_cache;

namespace {

constexpr unsigned last_band = large_cache::band_count - 1;

void* new_block(unsigned band) {
    void* const block = krait::os::system_malloc(large_cache::size_of(band));
    std::memset(block, 0xA5, large_cache::size_of(band));
    return block;
}

// The cache's demand for the band: that many requests find nothing.
void ask_in_vain(large_cache& cache, unsigned band, std::size_t times) {
    if (!cache.takes_blocks()) cache.add_shelves();
    for (std::size_t i = 0; i < times; ++i) REQUIRE(cache.pop(band) == nullptr);
}

// Frees that many fresh blocks of the band into the cache; how many it kept.
std::size_t free_fresh(large_cache& cache, unsigned band, std::size_t count) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
        void* const block = new_block(band);
        if (cache.push(band, block)) {
            ++kept;
        } else {
            krait::os::system_free(block);
        }
    }
    return kept;
}

// A block with its size written at both ends.
struct stamped {
    unsigned char* block;
    std::size_t size;
};

stamped stamp(void* block, std::size_t size) {
    auto* const bytes = static_cast<unsigned char*>(block);
    bytes[0] = bytes[size - 1] = static_cast<unsigned char>(size);
    return {bytes, size};
}

bool is_intact(const stamped& s) {
    return s.block[0] == static_cast<unsigned char>(s.size) && s.block[s.size - 1] == s.block[0];
}

std::uint64_t cached_bytes() {
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    return stats.bytes_large_cached;
}

} // namespace

TEST_CASE("every request and every block has the band that serves it most closely") {
    for (std::size_t n = large_cache::least_request; n <= large_cache::most_request; ++n) {
        const unsigned band = large_cache::band_of_request(n);
        REQUIRE(band <= last_band);
        REQUIRE(large_cache::size_of(band) >= n);
        REQUIRE((band == 0 || large_cache::size_of(band - 1) < n));
    }
    CHECK(large_cache::size_of(last_band) == large_cache::most_request);
    for (std::size_t usable = large_cache::size_of(0); usable < large_cache::size_of(last_band + 1); ++usable) {
        const unsigned band = large_cache::band_of_block(usable);
        REQUIRE(band <= last_band);
        REQUIRE(large_cache::size_of(band) <= usable);
        REQUIRE(large_cache::size_of(band + 1) > usable);
    }
    for (const std::size_t n :
         {std::size_t{0}, large_cache::least_request - 1, large_cache::most_request + 1, SIZE_MAX}) {
        CHECK(large_cache::band_of_request(n) == large_cache::no_band);
    }
    for (const std::size_t usable :
         {std::size_t{0}, large_cache::size_of(0) - 1, large_cache::size_of(last_band + 1), SIZE_MAX}) {
        CHECK(large_cache::band_of_block(usable) == large_cache::no_band);
    }
}

TEST_CASE("a freed block is served again, to its band or to those just below") {
    large_cache cache;
    cache.start(1 << 20);
    const unsigned asked = GENERATE(20U, 19U, 18U);
    ask_in_vain(cache, 20, 1);
    void* const block = new_block(20);
    REQUIRE(cache.push(20, block));
    CHECK(cache.held().get() == large_cache::size_of(20));
    CHECK(cache.pop(21) == nullptr);
    CHECK(cache.pop(17) == nullptr);
    CHECK(cache.pop(asked) == block);
    CHECK(cache.held().get() == 0);
    krait::os::system_free(block);
    cache.stop();
}

TEST_CASE("a band keeps as many blocks as it was asked for in vain") {
    large_cache cache;
    cache.start(1 << 20);
    CHECK(free_fresh(cache, 3, 1) == 0);
    ask_in_vain(cache, 3, 5);
    CHECK(free_fresh(cache, 3, 9) == 5);
    CHECK(free_fresh(cache, 4, 1) == 0);
    cache.stop();
    CHECK(cache.held().get() == 0);
}

TEST_CASE("the limit holds, and a thread that only frees stops keeping blocks") {
    constexpr std::size_t limit = 256 * 1024;
    large_cache cache;
    cache.start(limit);
    for (const unsigned band : {10U, 40U, last_band}) ask_in_vain(cache, band, 1000);
    for (int i = 0; i < 100; ++i) {
        for (const unsigned band : {10U, 40U, last_band}) {
            free_fresh(cache, band, 1);
            REQUIRE(cache.held().get() <= limit);
        }
    }
    CHECK(free_fresh(cache, 40, 1000) == 0);
    CHECK(cache.held().get() == 0);
    cache.stop();
}

TEST_CASE("a band in use keeps blocks at the limit") {
    large_cache cache;
    cache.start(8 * 40 * large_cache::size_of(40)); // of which an eighth is kept at first
    ask_in_vain(cache, 40, 200);
    REQUIRE(free_fresh(cache, 40, 40) == 40);
    std::vector<void*> taken(20);
    for (void*& block : taken) block = cache.pop(40);
    CHECK(std::count(taken.begin(), taken.end(), nullptr) == 0);
    for (void* const block : taken) CHECK(cache.push(40, block));
    CHECK(free_fresh(cache, 40, 1) == 1);
    CHECK(cache.held().get() == 21 * large_cache::size_of(40));
    cache.stop();
}

TEST_CASE("a cache begins small, and grows where blocks that it did not keep are missed") {
    constexpr std::size_t size = large_cache::size_of(40);
    constexpr std::size_t limit = 64 * size;
    large_cache cache;
    cache.start(limit);
    ask_in_vain(cache, 40, 64);
    CHECK(free_fresh(cache, 40, 64) == 8);
    CHECK(cache.size_to_ask(40, size - 8) == size); // one of the 56 is missed
    ask_in_vain(cache, 10, 17);
    CHECK(cache.size_to_ask(10, 600) == 600); // nobody frees such blocks
    for (int round = 0; round < 100; ++round) {
        std::size_t missed = 0;
        for (int i = 0; i < 64; ++i) {
            if (void* const block = cache.pop(40)) {
                krait::os::system_free(block);
            } else {
                missed += cache.size_to_ask(40, size - 8) == size;
            }
        }
        free_fresh(cache, 40, 64);
        REQUIRE(cache.held().get() <= limit);
        if (missed == 0) break;
    }
    CHECK(cache.held().get() > limit / 2);
    cache.stop();
}

TEST_CASE("what a cache learned to keep is forgotten where much is freed that nobody misses") {
    constexpr std::size_t size = large_cache::size_of(40);
    constexpr std::size_t limit = 64 * size;
    large_cache cache;
    cache.start(limit);
    const auto frees_then_takes = [&](std::size_t blocks) {
        const std::size_t kept = free_fresh(cache, 40, blocks);
        for (std::size_t i = 0; i < blocks; ++i) {
            if (void* const block = cache.pop(40)) {
                krait::os::system_free(block);
            } else {
                cache.size_to_ask(40, size - 8);
            }
        }
        return kept;
    };
    ask_in_vain(cache, 40, 64);
    for (int round = 0; round < 200; ++round) frees_then_takes(64);
    REQUIRE(frees_then_takes(64) >= 48); // learned, the sweep at the limit parts with a quarter
    for (int i = 0; i < 1000; ++i) {
        krait::os::system_free(cache.pop(40)); // the list stays open, and nothing that parted is missed
        free_fresh(cache, 40, 3);
    }
    CHECK(cache.held().get() <= limit / 8);
    cache.stop();
}

TEST_CASE("a thread that only grows asks for no more than it needs, but for a band's first blocks") {
    constexpr std::size_t n = 4200;
    const unsigned band = large_cache::band_of_request(n);
    large_cache cache;
    cache.start(1 << 20);
    for (int i = 1; i <= 40; ++i) {
        ask_in_vain(cache, band, 1);
        CHECK(cache.size_to_ask(band, n) == (i <= 16 ? large_cache::size_of(band) : n));
    }
    cache.stop();
}

TEST_CASE("a block is known to be freed while a cache holds it") {
    large_cache cache;
    cache.start(1 << 20);
    ask_in_vain(cache, 7, 3);
    void* const block = new_block(7);
    CHECK_FALSE(large_cache::is_held(block));
    REQUIRE(cache.push(7, block));
    CHECK(large_cache::is_held(block));
    REQUIRE(cache.pop(7) == block);
    CHECK_FALSE(large_cache::is_held(block));
    REQUIRE(cache.push(7, block));
    cache.stop();
}

TEST_CASE("a block that only looks like one that is held is taken") {
    large_cache cache;
    cache.start(1 << 20);
    ask_in_vain(cache, 7, 2);
    void* const block = new_block(7);
    REQUIRE(cache.push(7, block));
    std::array<void*, 2> first_words;
    std::memcpy(&first_words, block, sizeof first_words);
    void* const other = new_block(7);
    std::memcpy(other, &first_words, sizeof first_words);
    CHECK_FALSE(large_cache::is_held(other));
    CHECK(cache.push(7, other));
    cache.stop();
}

namespace {

namespace classes = krait::run_classes;
using G = krait::classic_geometry;

// A source that knows what of each class is out.
struct counting_source {
    static inline std::array<std::size_t, classes::count> out{};
    static inline std::size_t calls = 0;
    static inline bool is_empty = false;
    static constexpr krait::run_source as_source{
        [](unsigned number, unsigned want, void** blocks) noexcept -> unsigned {
            ++calls;
            if (is_empty) return 0;
            for (unsigned i = 0; i < want; ++i) blocks[i] = krait::os::system_malloc(classes::size_of(number));
            out[number] += want;
            return want;
        },
        [](unsigned number, void* const* blocks, unsigned count) noexcept {
            ++calls;
            for (unsigned i = 0; i < count; ++i) krait::os::system_free(blocks[i]);
            out[number] -= count;
        },
        [](unsigned number) noexcept -> std::uint64_t { return out[number]; }};
};

// A thread's bins of runs' blocks, as malloc and free use them.
class bins_of_runs {
  public:
    explicit bins_of_runs(std::size_t limit) { cache_->start(0, limit, &counting_source::as_source); }
    ~bins_of_runs() { cache_->stop(*heap_, *depot_); }
    bins_of_runs(const bins_of_runs&) = delete;
    bins_of_runs& operator=(const bins_of_runs&) = delete;

    void* take(unsigned number) {
        void* block = cache_->pop_run(byte_of(number));
        if (block == nullptr) block = cache_->refill_run(byte_of(number));
        if (block != nullptr)
            krait::freed_mark<G>::take_off(static_cast<krait::block*>(block), classes::size_of(number));
        return block;
    }
    void give(unsigned number, void* block) {
        if (cache_->push(byte_of(number), block)) return;
        cache_->overflow_run(byte_of(number), block);
    }
    std::size_t held() const { return cache_->bytes_of_runs(); }

  private:
    static unsigned byte_of(unsigned number) { return G::class_count + 1 + number; }

    std::unique_ptr<krait::heap<G>> heap_{new krait::heap<G>};
    std::unique_ptr<krait::depot<G>> depot_{new krait::depot<G>};
    std::unique_ptr<krait::thread_cache<G>> cache_{new krait::thread_cache<G>};
};

} // namespace

TEST_CASE("a thread's blocks of runs come in batches that grow, and go back in batches") {
    constexpr unsigned number = 20;
    constexpr std::size_t limit = 1 << 20, size = classes::size_of(number);
    counting_source::calls = 0;
    {
        bins_of_runs bins(limit);
        std::vector<void*> live;
        for (int i = 0; i < 200; ++i) {
            live.push_back(bins.take(number));
            REQUIRE(live.back() != nullptr);
            REQUIRE_FALSE(krait::freed_mark<G>::is_on(live.back(), size));
        }
        CHECK(counting_source::calls < 40);
        CHECK(counting_source::out[number] * size <= 200 * size + 32 * 1024);
        counting_source::calls = 0;
        for (void* const each : live) {
            bins.give(number, each);
            REQUIRE(bins.held() <= limit / 8);
        }
        CHECK(counting_source::calls < 60);
        CHECK(bins.held() == counting_source::out[number] * size);
    }
    CHECK(counting_source::out[number] == 0);
}

TEST_CASE("a thread learns to keep what comes and goes, and what another class has in its room") {
    const unsigned number = GENERATE(5U, 40U);
    constexpr std::size_t limit = 1 << 20;
    const std::size_t blocks = limit * 2 / 3 / classes::size_of(number);
    bins_of_runs bins(limit);
    for (const unsigned of : {number, number + 1}) { // the second one needs what the first one has
        std::vector<void*> live(blocks);
        for (int round = 0; round < 60; ++round) {
            counting_source::calls = 0;
            for (void*& each : live) each = bins.take(of);
            for (void* const each : live) bins.give(of, each);
        }
        CHECK(counting_source::calls == 0);
        CHECK(bins.held() <= 2 * limit);
    }
}

TEST_CASE("bins may together hold three budgets of runs' blocks, each of them one") {
    constexpr std::size_t limit = 1 << 20;
    bins_of_runs bins(limit);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::pair<unsigned, void*>> live;
        for (unsigned number = 0; number < 40; ++number)
            for (std::size_t bytes = 0; bytes < limit / 24; bytes += classes::size_of(number))
                live.emplace_back(number, bins.take(number));
        for (const auto& [number, each] : live) bins.give(number, each);
        REQUIRE(bins.held() <= 3 * limit + 64 * 1024);
    }
    CHECK(bins.held() > limit);
}

TEST_CASE("a thread that only frees keeps none of runs' blocks") {
    bins_of_runs bins(1 << 20);
    for (int i = 0; i < 100; ++i) {
        void* block = nullptr;
        REQUIRE(counting_source::as_source.take(3, 1, &block) == 1);
        bins.give(3, block);
    }
    CHECK(bins.held() == 0);
    CHECK(counting_source::out[3] == 0);
}

TEST_CASE("of runs' blocks a thread keeps the fewer, while it only frees, the fewer there are") {
    constexpr unsigned number = 20;
    bins_of_runs bins(1 << 20);
    std::vector<void*> live(2000);
    for (void*& each : live) each = bins.take(number);
    for (void* const each : live) bins.give(number, each);
    CHECK(bins.held() <= 2 * classes::size_of(number));
    CHECK(bins.held() == counting_source::out[number] * classes::size_of(number));
    // What it shows that it takes again it keeps as before.
    for (int round = 0; round < 60; ++round) {
        counting_source::calls = 0;
        for (std::size_t i = 0; i < 100; ++i) live[i] = bins.take(number);
        for (std::size_t i = 0; i < 100; ++i) bins.give(number, live[i]);
    }
    CHECK(counting_source::calls == 0);
}

TEST_CASE("a source that has nothing is said to have nothing") {
    bins_of_runs bins(1 << 20);
    bins.give(21, bins.take(21));
    counting_source::is_empty = true;
    CHECK(bins.take(20) == nullptr);
    counting_source::is_empty = false;
    void* const block = bins.take(20);
    CHECK(block != nullptr);
    bins.give(20, block);
}

TEST_CASE("calloc clears a block that was freed") {
    for (const std::size_t size : {513U, 2000U, 4096U, 32768U}) {
        for (int round = 0; round < 3; ++round) {
            auto* const block = static_cast<unsigned char*>(krait_calloc(1, size));
            REQUIRE(std::count(block, block + size, 0) == static_cast<std::ptrdiff_t>(size));
            std::memset(block, 0xFF, krait_malloc_usable_size(block));
            krait_free(block);
        }
    }
}

TEST_CASE("cached blocks are counted, and collect gives them back") {
    krait_collect();
    const std::uint64_t before = cached_bytes();
    void* const block = krait_malloc(5000);
    krait_free(block);
    CHECK(cached_bytes() >= before + 5000);
    CHECK(krait_malloc(5000) == block);
    CHECK(cached_bytes() == before);
    krait_free(block);
    krait_collect();
    CHECK(cached_bytes() == before);
}

TEST_CASE("large blocks handed between threads keep their contents, and threads leave none behind") {
    krait_collect();
    const std::uint64_t before = cached_bytes();
    constexpr unsigned threads = 4;
    std::array<std::vector<stamped>, threads> live;
    std::array<unsigned, threads> damaged{};
    const auto allocate = [&](unsigned self) {
        std::mt19937 random(self);
        const auto draw_size = [&] { return 400 + random() % 34000; };
        for (int i = 0; i < 4000; ++i) {
            if (i < 500) live[self].push_back(stamp(krait_malloc(1), 1));
            stamped& s = live[self][random() % live[self].size()];
            damaged[self] += !is_intact(s);
            const std::size_t size = draw_size();
            if (i % 4 == 0) {
                s = stamp(krait_realloc(s.block, size), size);
            } else {
                krait_free(s.block);
                s = stamp(i % 4 == 1 ? krait_calloc(1, size) : krait_malloc(size), size);
            }
        }
    };
    const auto release = [&](unsigned self) {
        for (stamped const& s : live[(self + 1) % threads]) {
            damaged[self] += !is_intact(s);
            krait_free(s.block);
        }
    };
    const auto in_threads = [](const auto& work) {
        std::vector<std::thread> crew;
        for (unsigned self = 0; self < threads; ++self) crew.emplace_back(work, self);
        for (std::thread& thread : crew) thread.join();
    };
    in_threads(allocate);
    in_threads(release);
    CHECK(damaged == std::array<unsigned, threads>{});
    CHECK(cached_bytes() == before);
}

TEST_CASE("the child of a fork goes on with the forking thread's blocks, and forgets the others'") {
    krait_collect();
    krait_free(krait_malloc(7000));
    const std::uint64_t others = cached_bytes();
    REQUIRE(others >= 7000);
    std::thread([&] {
        void* const block = krait_malloc(3000);
        krait_free(block);
        const std::uint64_t all = cached_bytes();
        REQUIRE(all >= others + 3000);
        pid_t const child = fork();
        if (child == 0) _exit(cached_bytes() == all - others && krait_malloc(3000) == block ? 0 : 1);
        int status = -1;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }).join();
}
