// The C interface in two to four threads that pass blocks to each other.
//
//   generation: each thread gets a part of the input and the blocks of one that ended before
//     first half ─► all stop: contents, overlap, statistics, invariants ─► second half ─► the threads end
//   end: everything freed by one thread ─► nothing in use, one arena at most
//
// What a thread does depends on its part alone; where the blocks lie and whose they become depends on the schedule.
#include "input.hpp"
#include "krait/krait.h"
#include "live_blocks.hpp"
#include "operations.hpp"
#include "require.hpp"
#include "sizes.hpp"
#include "statistics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace krait::fuzz {

namespace {

constexpr std::size_t most_calls = 2000;                 // of a thread in half a generation
constexpr std::size_t most_bytes = std::size_t{2} << 20; // that a thread allocates in half a generation

// Where threads leave blocks for each other: a slot holds a block or nothing.
class exchange {
  public:
    // Leaves a block (or nothing) and takes what was there.
    std::optional<live_block> swap(std::size_t slot, const live_block* left) {
        auto* const record = left != nullptr ? new live_block(*left) : nullptr;
        const live_block* const found = slots_[slot].exchange(record, std::memory_order_acq_rel);
        if (found == nullptr) return {};
        const live_block taken = *found;
        delete found;
        return taken;
    }
    static constexpr std::size_t size = 32;

    std::vector<live_block> at_rest() const {
        std::vector<live_block> blocks;
        for (const auto& slot : slots_) {
            if (const live_block* const left = slot.load(std::memory_order_acquire); left != nullptr)
                blocks.push_back(*left);
        }
        return blocks;
    }

  private:
    std::array<std::atomic<const live_block*>, size> slots_{};
};

using holdings = std::vector<live_block>;

class worker {
  public:
    worker(input from, holdings& held, exchange& others, std::size_t number)
        : from_(from), held_(held), others_(others), allocated_(number) {}

    void run() {
        while (!from_.is_over() && calls_ < most_calls) operate();
        operations.add(calls_);
    }

  private:
    void operate() {
        switch (from_.below(16)) {
        case 0:
        case 1:
        case 2:
            return repeat(choose_count(from_), [this, size = some_size()] { keep(krait_malloc(size), size); });
        case 3:
            return repeat(choose_count(from_) / 4 + 1,
                          [this, size = some_size()] { keep(krait_calloc(1, size), size); });
        case 4:
            return repeat(4, [this, size = some_size(), alignment = choose_alignment(from_)] {
                keep(krait_memalign(alignment, size), size);
            });
        case 5:
        case 6:
            return reallocate();
        case 7:
        case 8:
        case 9:
            return repeat(std::min(choose_count(from_), held_.size()), [this] { free(take(held_.size() - 1)); });
        case 10:
            return repeat(choose_count(from_) / 8 + 1, [this] {
                if (!held_.empty()) free(take(from_.below(held_.size())));
            });
        case 11:
        case 12:
        case 13:
            return repeat(choose_count(from_) / 4 + 1, [this] { pass_on(); });
        case 14:
            return repeat(exchange::size, [this] { free(others_.swap(calls_ % exchange::size, nullptr)); });
        default:
            return look_around();
        }
    }

    template <class F>
    void repeat(std::size_t times, F&& operation) {
        for (; times > 0 && calls_ < most_calls && bytes_ < most_bytes; --times, ++calls_) operation();
    }

    // Not 0: the thread sanitizer says that a block of 0 bytes has 1, and that writing it is a race.
    std::size_t some_size() { return std::max<std::size_t>(choose_size(from_), 1); }

    void keep(void* block, std::size_t size) {
        KRAIT_REQUIRE(block != nullptr);
        const std::size_t usable = krait_malloc_usable_size(block);
        KRAIT_REQUIRE(usable >= size);
        held_.push_back({static_cast<unsigned char*>(block), size, usable, pattern_of(allocated_++)});
        held_.back().fill();
        bytes_ += usable;
    }

    live_block take(std::size_t index) {
        const live_block taken = held_[index];
        held_[index] = held_.back();
        held_.pop_back();
        return taken;
    }

    void reallocate() {
        if (held_.empty()) return;
        const live_block old = take(from_.below(held_.size()));
        KRAIT_REQUIRE(old.holds(old.usable));
        const std::size_t size = some_size();
        void* const block = krait_realloc(old.start, size);
        const live_block moved{static_cast<unsigned char*>(block), size, 0, old.pattern};
        KRAIT_REQUIRE(block != nullptr && moved.holds(std::min(old.requested, size)));
        keep(block, size);
        ++calls_;
    }

    void free(const std::optional<live_block>& block) {
        if (!block) return;
        KRAIT_REQUIRE(block->holds(block->usable));
        KRAIT_REQUIRE(krait_malloc_usable_size(block->start) == block->usable);
        krait_free(block->start);
    }

    void pass_on() {
        const std::size_t slot = from_.below(exchange::size);
        std::optional<live_block> given;
        if (!held_.empty()) given = take(held_.size() - 1);
        if (const auto got = others_.swap(slot, given ? &*given : nullptr)) {
            held_.push_back(*got);
            std::swap(held_.front(), held_.back()); // so that the next one passed on is another
        }
    }

    // What reads or empties other threads' memory, at any moment.
    void look_around() {
        ++calls_;
        krait_stats now;
        switch (from_.below(4)) {
        case 0:
            krait_collect();
            break;
        case 1:
            krait_malloc_trim(0);
            break;
        case 2:
            krait_stats_get(&now, sizeof now);
            break;
        case 3:
            for (const live_block& each : held_) KRAIT_REQUIRE(each.holds(each.usable));
        }
    }

    input from_;
    holdings& held_;
    exchange& others_;
    std::size_t allocated_; // blocks, counted on from a number of the thread's own: their patterns
    std::size_t calls_ = 0;
    std::size_t bytes_ = 0;
};

class session {
  public:
    explicit session(input from) : from_(from), held_(2 + from_.below(3)) {}

    void run() {
        const std::size_t generations = 1 + from_.below(2);
        for (std::size_t left = generations; left > 0; --left) {
            input of_generation = from_.part(left);
            live_for(of_generation);
            std::rotate(held_.begin(), held_.begin() + 1, held_.end());
        }
        free_all();
        check_emptied();
    }

  private:
    void live_for(input from) {
        const std::size_t count = held_.size();
        std::barrier stop(static_cast<std::ptrdiff_t>(count) + 1);
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < count; ++i) {
            input own = from.part(count - i);
            threads.emplace_back([this, i, own, &stop]() mutable {
                worker(own.part(2), held_[i], others_, i * 60).run();
                stop.arrive_and_wait();
                stop.arrive_and_wait(); // the check is over
                worker(own, held_[i], others_, i * 60).run();
            });
        }
        stop.arrive_and_wait();
        check();
        stop.arrive_and_wait();
        for (std::thread& each : threads) each.join();
        check();
    }

    holdings all() const {
        holdings blocks = others_.at_rest();
        for (const holdings& each : held_) blocks.insert(blocks.end(), each.begin(), each.end());
        return blocks;
    }

    void check() const {
        const holdings blocks = all();
        for (const live_block& each : blocks) KRAIT_REQUIRE(each.holds(each.usable));
        check_apart(blocks);
        check_statistics(in_pools(blocks));
        check_invariants();
    }

    void free_all() {
        for (std::size_t slot = 0; slot < exchange::size; ++slot) {
            if (const auto left = others_.swap(slot, nullptr)) krait_free(left->start);
        }
        for (holdings& each : held_) {
            for (const live_block& block : each) krait_free(block.start);
            each.clear();
        }
    }

    input from_;
    exchange others_;
    std::vector<holdings> held_; // of each thread
};

} // namespace

} // namespace krait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    krait::fuzz::session(krait::fuzz::input({data, size})).run();
    return 0;
}
