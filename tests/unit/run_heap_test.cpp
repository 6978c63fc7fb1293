// The heap of large blocks alone: its classes, its placement, which pages go back and when, what it knows of any address.
#include "core/heap_check.hpp"
#include "core/run_heap.hpp"
#include "core/run_heap_check.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace {

using G = krait::classic_geometry;
using heap = krait::heap<G>;
using run_heap = krait::run_heap<G>;
namespace classes = krait::run_classes;

constexpr std::size_t never_mind = std::size_t{1} << 40;
const std::size_t page = krait::os::page_size();

// Both heaps, of which the second has its arenas from the first.
class house {
  public:
    explicit house(krait::reserve_settings keep = {}, std::size_t space = std::size_t{1} << 30,
                   krait::memory_limit* limit = nullptr)
        : heap_(new heap), runs_(new run_heap(*heap_)) {
        REQUIRE(heap_->open({space, 0, keep, limit}));
        runs_->open(keep, limit);
        REQUIRE(runs_->is_open());
    }
    ~house() {
        check();
        heap_->close();
    }
    house(const house&) = delete;
    house& operator=(const house&) = delete;

    void check() {
        krait::findings found(nullptr);
        heap_->check(found);
        runs_->check(found);
        CHECK(found.count() == 0);
    }

    char* take(unsigned number) {
        void* block = nullptr;
        return runs_->take(number, 1, &block) == 1 ? static_cast<char*>(block) : nullptr;
    }
    std::vector<char*> take(unsigned number, std::size_t count) {
        std::vector<char*> blocks(count);
        for (char*& each : blocks) {
            each = take(number);
            REQUIRE(each != nullptr);
            std::memset(each, 1, classes::table[number].size);
        }
        return blocks;
    }
    // With the marks that whoever frees a block puts on.
    void give(unsigned number, void* const* blocks, unsigned count) {
        for (unsigned i = 0; i < count; ++i)
            krait::freed_mark<G>::link(static_cast<krait::block*>(blocks[i]), nullptr, classes::table[number].size);
        runs_->give(number, blocks, count);
    }
    void give(unsigned number, void* block) { give(number, &block, 1); }

    heap& small() { return *heap_; }
    run_heap* operator->() { return runs_.get(); }

  private:
    std::unique_ptr<heap> heap_;
    std::unique_ptr<run_heap> runs_;
};

constexpr krait::reserve_settings nothing_kept{0, 0, 0};
constexpr krait::reserve_settings everything_kept{never_mind, 0, 0};
constexpr unsigned class_1k = classes::of_request(1024);
constexpr unsigned class_4k = classes::of_request(4096);
constexpr unsigned class_32k = classes::of_request(32768);

// Few classes for the most part, so that their runs fill.
unsigned draw_class(std::mt19937& random) {
    const auto number = static_cast<unsigned>(random());
    return number % 3 == 0 ? number / 3 % classes::count : number / 3 % 4 * 20;
}

} // namespace

TEST_CASE("classes of runs: sizes, and the block at each offset") {
    for (unsigned number = 0; number < classes::count; ++number) {
        const krait::run_class& of = classes::table[number];
        REQUIRE(of.size % 16 == 0);
        REQUIRE(of.capacity == of.run_bytes / of.size);
        REQUIRE(of.capacity <= 128);
        REQUIRE(of.capacity >= 2);
        REQUIRE(classes::of_request(of.size) == number);
        std::size_t wrong = 0;
        for (std::size_t offset = 0; offset < of.run_bytes; ++offset) wrong += of.index_at(offset) != offset / of.size;
        REQUIRE(wrong == 0);
        REQUIRE(of.level_of(0) == 0);
        for (unsigned used = 1; used < of.capacity; ++used) {
            REQUIRE(of.level_of(used) >= std::max(1u, of.level_of(used - 1)));
            REQUIRE(of.level_of(used) < classes::levels);
        }
    }
    CHECK(classes::of_request(512) == classes::none);
    CHECK(classes::of_request(classes::most + 1) == classes::none);
    CHECK(classes::table[classes::count - 1].size == classes::most);
}

TEST_CASE(
    "a run's blocks come lowest first, the fullest run's first, and start at every multiple that their size allows") {
    house h;
    const auto blocks = h.take(class_1k, std::size_t{3} * classes::table[class_1k].capacity);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        REQUIRE(reinterpret_cast<std::uintptr_t>(blocks[i]) % 1024 == 0);
        if (i % classes::table[class_1k].capacity != 0) REQUIRE(blocks[i] == blocks[i - 1] + 1024);
    }
    const std::size_t capacity = classes::table[class_1k].capacity;
    for (std::size_t i = 0; i < 30; ++i) h.give(class_1k, blocks[i]); // the first run: 34 of 64 left
    h.give(class_1k, blocks[capacity + 7]);                           // the second: all but one
    CHECK(h.take(class_1k) == blocks[capacity + 7]);
    CHECK(h.take(class_1k) == blocks[0]);
}

TEST_CASE("a page on which every block is free goes back, and its neighbours stay") {
    house h(nothing_kept);
    const std::size_t capacity = classes::table[class_1k].capacity;
    const auto blocks = h.take(class_1k, 40 * capacity);
    const std::size_t per_page = page / 1024;
    // Every other page, and of each of the others all blocks but one.
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const bool is_last_of_odd = i / per_page % 2 == 1 && i % per_page == per_page - 1;
        if (!is_last_of_odd) h.give(class_1k, blocks[i]);
    }
    h->purge_all();
    const std::size_t pages = blocks.size() / per_page;
    CHECK(h->count().bytes_purged / page == pages / 2);
    CHECK(h->count().bytes_resident == pages / 2 * page);
    CHECK(h->count().bytes_dirty == 0);
    for (std::size_t i = 0; i < blocks.size(); i += per_page)
        REQUIRE(blocks[i + per_page - 1][1023] == static_cast<char>(i / per_page % 2));
}

TEST_CASE("what is free beyond the reserve goes back as it is freed, a bounded part at a time") {
    house h({100 * page, 0, 0});
    const auto blocks = h.take(class_4k, 4000);
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        h.give(class_4k, blocks[i]);
        const std::uint64_t purged = h->count().bytes_purged / page;
        REQUIRE(purged - before <= 2 * krait::page_reserve::step + 64);
        before = purged;
        REQUIRE(h->count().bytes_dirty / page <= 100 + krait::page_reserve::step);
    }
    CHECK(h->count().bytes_in_use == 0);
    CHECK(h->count().bytes_resident <= (100 + krait::page_reserve::step) * page);
    h->purge_all();
    CHECK(h->count().bytes_resident == 0);
    CHECK(h->count().runs == 0);
    CHECK(h.small().count_arenas().lent == 0);
}

TEST_CASE("where one class frees and another has the free pages, the other's go") {
    house h({0, 100, 0}); // as many free pages as busy ones
    const auto busy = h.take(class_32k, 200), freed = h.take(class_4k, 1000);
    for (char* each : freed) h.give(class_4k, each);
    CHECK(h->count().bytes_dirty >= 900 * 4096);
    for (char* each : busy) h.give(class_32k, each);
    CHECK(h->count().bytes_dirty <= 2 * krait::page_reserve::step * page);
}

TEST_CASE("pages that went are the last to be used again, and teach the reserve") {
    house h({0, 0, 1'000'000});
    const std::size_t capacity = classes::table[class_1k].capacity;
    const auto blocks = h.take(class_1k, capacity);
    const std::size_t per_page = page / 1024;
    REQUIRE(capacity >= 4 * per_page);
    for (std::size_t i = 0; i < per_page; ++i) h.give(class_1k, blocks[i]); // the first page goes
    h->purge_all();
    h.give(class_1k, blocks[3 * per_page]); // a block of a page that stays
    CHECK(h.take(class_1k) == blocks[3 * per_page]);
    CHECK(h->count().bytes_regretted / page == 0);
    CHECK(h.take(class_1k) == blocks[0]);
    CHECK(h->count().bytes_regretted / page == 1);
    CHECK(h->count().bytes_learned == page);
}

TEST_CASE("a load that comes and goes stops paying") {
    house h({0, 0, 1'000'000});
    std::uint64_t before = 0;
    std::vector<std::uint64_t> purged;
    for (int round = 0; round < 5; ++round) {
        for (char* each : h.take(class_4k, 3000)) h.give(class_4k, each);
        purged.push_back(h->count().bytes_purged / page - before);
        before = h->count().bytes_purged / page;
    }
    CHECK(purged[0] > 2000);
    CHECK(purged[3] < 200);
    CHECK(purged[4] < 200);
}

TEST_CASE("near the limit on the process's memory nothing free is kept") {
    krait::memory_limit limit;
    limit.open({.bytes = 4096});
    static_cast<void>(limit.ask(std::size_t{1} << 30));
    REQUIRE(limit.is_near());
    house h(everything_kept, std::size_t{1} << 30, &limit);
    for (char* each : h.take(class_4k, 1000)) h.give(class_4k, each);
    CHECK(h->count().bytes_dirty / page < krait::page_reserve::step);
}

TEST_CASE("of pages that lie alone fewer go at once than of pages that lie together") {
    if (page != classes::table[class_4k].size) return; // a block is to be a page
    for (const std::size_t apart : {1u, 2u}) {
        krait::memory_limit limit;
        limit.open({.bytes = 4096});
        house h(everything_kept, std::size_t{1} << 30, &limit);
        const auto blocks = h.take(class_4k, 4000);
        for (std::size_t i = 0; i < 2000; ++i) h.give(class_4k, blocks[i * apart]);
        REQUIRE(h->count().bytes_purged == 0);
        static_cast<void>(limit.ask(std::size_t{1} << 30));
        REQUIRE(limit.is_near());
        h.give(class_4k, blocks.back());
        const std::uint64_t pages = h->count().bytes_purged / page;
        CHECK(pages <= (apart == 1 ? 128 + 16 : 48 + 8)); // with the rest of the run that is under way
        CHECK(pages >= (apart == 1 ? 128u : 48u));
    }
}

TEST_CASE("any address of a run is known for what it is") {
    house h(everything_kept);
    const unsigned number =
        GENERATE(0U, class_1k, class_4k, class_32k, classes::of_request(5000), classes::of_request(60'000));
    const krait::run_class& of = classes::table[number];
    char* const block = h.take(number);
    char* const other = h.take(number);
    using place = run_heap::place;
    CHECK(h->look_up(block, number) == place::block);
    for (std::size_t inside : {1u, 8u, 16u, 512u}) CHECK(h->look_up(block + inside, number) == place::inside);
    CHECK(h->look_up(other + of.size, number) == place::free_block); // never handed out
    const std::size_t tail = std::size_t{of.capacity} * of.size;
    if (tail < of.run_bytes) CHECK(h->look_up(block + tail, number) == place::inside);
    h.give(number, other);
    CHECK(h->look_up(other, number) == place::free_block);
    CHECK(h->look_up(block, number) == place::block);
    CHECK(h.small().class_at(block) == run_heap::first_class + number);
    h.give(number, block);
    h->purge_all();
    CHECK(h.small().class_at(block) == 0);
}

TEST_CASE("slots that runs gave back serve pools, and the other way round") {
    house h(everything_kept, 4 * G::arena_size);
    std::vector<char*> large;
    while (char* const block = h.take(class_4k)) large.push_back(block);
    CHECK(large.size() == 4 * G::arena_size / 4096);
    CHECK(h.small().allocate(0) == nullptr);
    for (char* each : large) h.give(class_4k, each);
    CHECK(h.small().allocate(0) == nullptr); // everything is kept
    h->purge_all();
    std::vector<void*> small;
    while (void* const block = h.small().allocate(G::class_count - 1)) small.push_back(block);
    CHECK(small.size() == 4 * G::arena_size / 512);
    CHECK(h.take(class_4k) == nullptr);
    for (void* each : small) h.small().deallocate(each);
    CHECK(h.take(class_32k) != nullptr);
}

TEST_CASE("a block takes the free places behind it, and gives up those at its end") {
    house h(everything_kept);
    const unsigned number =
        GENERATE(as<unsigned>{}, class_4k, class_32k, classes::of_request(5000), classes::of_request(60'000));
    const krait::run_class& of = classes::table[number];
    char* const block = h.take(number);
    std::memset(block, 7, of.size);
    CHECK(h->places_of(block, number) == 1);
    CHECK_FALSE(h->resize(number, block, 1));
    CHECK_FALSE(h->resize(number, block, of.capacity + 1));
    REQUIRE(h->resize(number, block, of.capacity));
    CHECK(h->places_of(block, number) == of.capacity);
    std::memset(block + of.size, 7, std::size_t{of.capacity - 1U} * of.size);
    CHECK(h->count().bytes_in_use == std::size_t{of.capacity} * of.size);
    h.check();
    using place = run_heap::place;
    for (unsigned i = 1; i < of.capacity; ++i) REQUIRE(h->look_up(block + i * of.size, number) == place::inside);
    char* const other = h.take(number); // of another run
    CHECK((other < block || other >= block + of.run_bytes));
    REQUIRE(h->resize(number, block, 2));
    CHECK(h->look_up(block + 2 * of.size, number) ==
          (of.capacity > 2 ? place::free_block : place::inside)); // behind the last place
    h.check();
    if (of.capacity > 2) {
        char* const neighbour = h.take(number);
        CHECK(neighbour == block + 2 * of.size);
        CHECK_FALSE(h->resize(number, block, 3));
        CHECK(h->places_of(block, number) == 2);
        h.give(number, neighbour);
    }
    CHECK(block[0] == 7);
    CHECK(block[2 * of.size - 1] == 7);
    h.give(number, block);
    CHECK(h->look_up(block, number) == place::free_block);
    CHECK(h->look_up(block + of.size, number) == place::free_block);
    h.give(number, other);
    CHECK(h->count().bytes_in_use == 0);
}

TEST_CASE("blocks of less than a pool, several of which start on one, do not grow in place") {
    house h(everything_kept);
    char* const block = h.take(class_1k);
    CHECK_FALSE(h->resize(class_1k, block, 2));
    CHECK(h->places_of(block, class_1k) == 1);
    h.give(class_1k, block);
}

TEST_CASE("large blocks: against a model, at random") {
    std::mt19937 random(GENERATE(1U, 2U, 3U));
    const krait::reserve_settings keep = GENERATE(as<krait::reserve_settings>{}, nothing_kept,
                                                  krait::reserve_settings{64 * 4096, 1, 100}, everything_kept);
    house h(keep, std::size_t{64} << 20);
    struct block {
        unsigned number;
        unsigned char pattern;
    };
    std::map<char*, block> live;
    const auto whole = [](char* start, const block& b) {
        return std::all_of(start, start + classes::table[b.number].size,
                           [&](char c) { return static_cast<unsigned char>(c) == b.pattern; });
    };
    std::size_t damaged = 0, overlapping = 0, bytes = 0;
    for (int step = 0; step < 6000; ++step) {
        const bool grows = step / 1000 % 2 == 0;
        if (random() % 100 < (grows ? 70 : 20)) {
            const unsigned number = draw_class(random);
            std::array<void*, run_heap::most_at_once> taken{};
            const unsigned count = h->take(number, 1 + random() % 16, taken.data());
            const std::size_t size = classes::table[number].size;
            for (unsigned i = 0; i < count; ++i) {
                auto* const start = static_cast<char*>(taken[i]);
                const auto next = live.lower_bound(start);
                overlapping += next != live.end() && next->first < start + size;
                if (next != live.begin()) {
                    const auto before = std::prev(next);
                    overlapping += before->first + classes::table[before->second.number].size > start;
                }
                const block made{number, static_cast<unsigned char>(1 + random() % 255)};
                std::memset(start, made.pattern, size);
                live.emplace(start, made);
                bytes += size;
            }
        } else if (!live.empty()) {
            auto each = live.lower_bound(std::next(live.begin(), static_cast<long>(random() % live.size()))->first);
            const unsigned number = each->second.number;
            std::array<void*, 16> given{};
            unsigned count = 0;
            while (count < 1 + random() % 16 && each != live.end() && each->second.number == number) {
                damaged += !whole(each->first, each->second);
                bytes -= classes::table[number].size;
                given[count++] = each->first;
                each = live.erase(each);
            }
            h.give(number, given.data(), count);
        }
        if (step % 997 == 0) {
            if (step % 2 == 0) h->purge_all();
            h.check();
        }
        REQUIRE(h->count().bytes_in_use == bytes);
    }
    CHECK(damaged == 0);
    CHECK(overlapping == 0);
    for (const auto& [start, b] : live) REQUIRE(whole(start, b));
    for (const auto& [start, b] : live) h.give(b.number, start);
    h->purge_all();
    CHECK(h->count().runs == 0);
    CHECK(h->count().bytes_resident == 0);
    CHECK(h.small().count_arenas().lent == 0);
}

TEST_CASE("large blocks of many threads, freed by others") {
    house h({16 * 4096, 1, 1});
    constexpr unsigned threads = 4;
    std::array<std::vector<std::pair<unsigned, char*>>, threads> made;
    const auto in_threads = [](const auto& work) {
        std::vector<std::thread> crew;
        for (unsigned self = 0; self < threads; ++self) crew.emplace_back(work, self);
        for (std::thread& thread : crew) thread.join();
    };
    std::array<std::size_t, threads> damaged{};
    for (int round = 0; round < 5; ++round) {
        in_threads([&](unsigned self) {
            std::mt19937 random(self);
            for (int i = 0; i < 2000; ++i) {
                const unsigned number = draw_class(random);
                char* const block = h.take(number);
                if (block == nullptr) continue;
                block[0] = block[classes::table[number].size - 1] = static_cast<char>(self + 1);
                made[self].emplace_back(number, block);
            }
        });
        in_threads([&](unsigned self) {
            const unsigned other = (self + 1) % threads;
            for (const auto& [number, block] : made[other]) {
                damaged[self] += block[0] != static_cast<char>(other + 1) ||
                                 block[classes::table[number].size - 1] != static_cast<char>(other + 1);
                h.give(number, block);
            }
            made[other].clear();
        });
        h.check();
    }
    CHECK(damaged == std::array<std::size_t, threads>{});
    CHECK(h->count().bytes_in_use == 0);
}
