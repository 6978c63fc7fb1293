// When glibc's free memory is trimmed, alone: no allocator and no clock. A model of a heap stands in for glibc's.
#include "core/self_trim.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

using krait::self_trim;

namespace {

constexpr std::uint64_t kib = 1024, mib = 1024 * kib;

// Blocks of one size side by side, two to a page and a half. A trim takes the pages of free blocks' neighbourhoods: a block's page
// comes back when it is used again.
class model_heap {
  public:
    static constexpr std::int64_t block = 2 * kib;

    explicit model_heap(std::uint32_t longest_pause_ms = 1'000'000, std::int64_t window_ms = 100) {
        policy.open({true, longest_pause_ms * 1000, window_ms});
    }

    void fill(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) take(i);
    }
    void take(std::size_t at) {
        if (at >= live_.size()) live_.resize(at + 1);
        live_[at] = true;
        ++count_;
        CHECK_FALSE(policy.changed({block, 1, 0}, end, now_ms));
    }
    void release(std::size_t at) {
        live_[at] = false;
        --count_;
        const bool is_behind_free = at != 0 && !live_[at - 1];
        if (policy.changed({-block, -1, is_behind_free ? -1 : 1}, end, now_ms)) trim();
    }
    void trim() {
        runs_walked += runs();
        pauses_us.push_back(us_a_run * runs());
        policy.trimmed(pauses_us.back(), now_ms);
    }

    std::uint64_t used() const { return count_ * block; }
    // Pages' bytes that a trim has not taken yet.
    std::uint64_t untrimmed() const { return policy.free(); }
    std::uint64_t trims() const { return policy.times(); }
    std::uint64_t runs() const {
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < live_.size(); ++i) number += !live_[i] && (i == 0 || live_[i - 1]);
        return number;
    }

    self_trim policy;
    std::uintptr_t end = std::uintptr_t{1} << 40;
    std::uint32_t now_ms = UINT32_MAX - 50; // it wraps
    std::uint64_t us_a_run = 1;
    std::uint64_t runs_walked = 0;
    std::vector<std::uint64_t> pauses_us;

  private:
    std::vector<bool> live_;
    std::uint64_t count_ = 0;
};

std::vector<std::size_t> numbers(std::size_t count, bool at_random) {
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = i;
    if (at_random) std::shuffle(order.begin(), order.end(), std::mt19937(1));
    return order;
}

} // namespace

TEST_CASE("a heap that only grows, or frees less than the least, is never trimmed") {
    model_heap heap;
    heap.fill(10'000);
    for (std::size_t i = 0; i < 200; ++i) heap.release(i); // 400 KiB
    CHECK(heap.trims() == 0);
    for (std::size_t i = 0; i < 200; ++i) heap.take(i);
    CHECK(heap.untrimmed() == 0);
}

TEST_CASE("what is freed in order is trimmed at every tenth of what is used") {
    model_heap heap;
    heap.fill(50'000);
    for (const std::size_t i : numbers(50'000, false)) {
        heap.release(i);
        REQUIRE(heap.untrimmed() <= heap.used() / 10 + 513 * kib + model_heap::block);
    }
    CHECK(heap.trims() > 10);
    CHECK(heap.trims() < 80);
}

TEST_CASE("where survivors are scattered, no trim walks over more chunks than it was paid for") {
    model_heap heap;
    heap.fill(50'000);
    for (const std::size_t i : numbers(50'000, true)) heap.release(i);
    CHECK(heap.trims() >= 3);
    CHECK(heap.trims() <= 12);
    // A run for 4.5 KiB of all that was freed; the estimate may be off by a tenth.
    CHECK(heap.runs_walked <= 50'000 * model_heap::block / (4 * kib));
    CHECK(heap.untrimmed() <= 513 * kib + model_heap::block);
}

TEST_CASE("a block that lay alone counts with the pages that it lay on") {
    model_heap heap;
    constexpr std::size_t count = 50'000, page = 4 * kib;
    heap.fill(count);
    std::size_t left = count, at_last_trim = count;
    for (const std::size_t i : numbers(count, true)) {
        const std::uint64_t before = heap.trims();
        heap.release(i);
        --left;
        if (heap.trims() != before) at_last_trim = left;
        // By their bytes, 256 would have to be free.
        if (left < count / 100)
            REQUIRE((at_last_trim - left) * page <= heap.used() / 10 + std::max(513 * kib, left * page));
    }
    CHECK(at_last_trim <= 128);
    for (std::size_t i = 0; i < count; ++i) heap.take(i); // and no more, where blocks are again
    CHECK(heap.policy.beside() == 0);
    heap.release(count / 2);
    CHECK(heap.policy.beside() == 0);
}

TEST_CASE("the runs are estimated well enough where blocks are freed at random") {
    model_heap heap(0); // never trims
    heap.fill(50'000);
    const auto order = numbers(50'000, true);
    for (std::size_t i = 0; i < order.size(); ++i) {
        heap.release(order[i]);
        if (i % 5'000 != 0 || i < 10'000 || i > 45'000) continue;
        const std::uint64_t runs = heap.runs(), estimate = heap.policy.runs();
        CHECK(estimate > runs / 2);
        CHECK(estimate < runs * 2);
    }
    CHECK(heap.trims() == 0);
}

TEST_CASE("a trim that is expected to take too long waits until it is not") {
    model_heap patient(6); // milliseconds
    patient.fill(50'000);
    for (const std::size_t i : numbers(50'000, true)) patient.release(i);
    REQUIRE_FALSE(patient.pauses_us.empty());
    CHECK(*std::max_element(patient.pauses_us.begin(), patient.pauses_us.end()) <= 6'600);

    model_heap bold;
    bold.fill(50'000);
    for (const std::size_t i : numbers(50'000, true)) bold.release(i);
    CHECK(*std::max_element(bold.pauses_us.begin(), bold.pauses_us.end()) > 6'600);
}

TEST_CASE("the end of a thread is a moment for any pause") {
    model_heap heap(1);
    heap.fill(100'000); // pages that take 10 ms to go
    for (std::size_t i = 0; i < 90'000; ++i) heap.policy.changed({-model_heap::block, -1, -1}, heap.end, heap.now_ms);
    CHECK(heap.trims() == 0);
    CHECK_FALSE(heap.policy.changed({}, heap.end, heap.now_ms));
    CHECK(heap.policy.changed({}, heap.end, heap.now_ms, true));
}

TEST_CASE("the pause is learned from the last ones, and who interrupts one of them teaches nothing") {
    model_heap heap;
    heap.fill(50'000);
    for (std::size_t i = 0; i < 50'000; i += 2) heap.release(i);
    const std::uint64_t expected_at_first = heap.policy.pause_us();
    heap.us_a_run = 3;
    for (int i = 0; i < 3; ++i) heap.trim();
    CHECK(heap.policy.pause_us() <= expected_at_first);
    for (int i = 0; i < 2; ++i) heap.trim(); // the first was of pages too
    CHECK(heap.policy.pause_us() == 3 * heap.policy.runs());
    heap.us_a_run = 1000; // for ten more
    for (int i = 0; i < 3; ++i) heap.trim();
    CHECK(heap.policy.pause_us() == 3 * heap.policy.runs());
}

TEST_CASE("a load that comes and goes stops paying after a round or two") {
    model_heap heap;
    heap.fill(1'000);
    std::uint64_t trims_before = 0;
    for (int round = 0; round < 20; ++round) {
        for (std::size_t i = 1'000; i < 21'000; ++i) heap.take(i);
        for (std::size_t i = 1'000; i < 21'000; ++i) heap.release(i);
        heap.now_ms += 20;
        if (round == 1) trims_before = heap.trims();
    }
    CHECK(trims_before > 0);
    CHECK(heap.trims() <= trims_before + 3);
    INFO("and what it learned is forgotten once it has stopped");
    for (int second = 0; second < 30; ++second) {
        heap.now_ms += 1000;
        heap.take(30'000);
        heap.release(30'000);
    }
    CHECK(heap.untrimmed() <= heap.used() / 10 + 513 * kib);
}

TEST_CASE("without a window nothing is learned from regrets") {
    model_heap heap(1'000'000, 0);
    heap.fill(1'000);
    for (int round = 0; round < 10; ++round) {
        for (std::size_t i = 1'000; i < 21'000; ++i) heap.take(i);
        for (std::size_t i = 1'000; i < 21'000; ++i) heap.release(i);
        CHECK(heap.untrimmed() <= heap.used() / 10 + 513 * kib + model_heap::block);
    }
}

TEST_CASE("what glibc gives back at the end of its heap is not trimmed again") {
    model_heap heap;
    heap.fill(20'000);
    for (std::size_t i = 20'000; i-- > 1'000;) {
        heap.end -= model_heap::block;
        heap.release(i);
    }
    CHECK(heap.trims() == 0);
    CHECK(heap.untrimmed() == 0);
}

TEST_CASE("counts that do not add up make no numbers below zero") {
    self_trim policy;
    policy.open({true, 50'000, 100});
    CHECK_FALSE(policy.changed({-std::int64_t{10} << 20, -5, -100}, 0, 0));
    CHECK(policy.used() == 0);
    CHECK(policy.free() == 0);
    CHECK_FALSE(policy.changed({std::int64_t{1} << 20, 1, 5}, 0, 0));
    CHECK(policy.runs() <= 1);
    CHECK(policy.used() == mib);
}

TEST_CASE("statistics: how often, how much, the longest") {
    model_heap heap;
    heap.fill(10'000);
    for (std::size_t i = 0; i < 10'000; ++i) heap.release(i);
    CHECK(heap.policy.bytes() + heap.untrimmed() - heap.policy.beside() == 10'000u * model_heap::block);
    heap.policy.trimmed(77'000'000, heap.now_ms);
    heap.policy.trimmed(5, heap.now_ms);
    CHECK(heap.policy.longest_us() == 77'000'000);
}
