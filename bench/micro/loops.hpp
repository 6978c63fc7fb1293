// The three loops that rows are made of. Each is a callable that performs one round and owns its bookkeeping.
#pragma once

#include "blocks.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace krait::bench {

// One block lives at a time.
class pair_loop {
  public:
    pair_loop(size_table sizes, std::size_t pairs) : sizes_(sizes), pairs_(pairs) {}

    void operator()() {
        for (std::size_t i = 0; i < pairs_; ++i) drop(take(sizes_[i]));
    }

  private:
    size_table sizes_;
    std::size_t pairs_;
};

enum class order { lifo, fifo, random };

// `count` blocks are allocated, then all are freed, newest first, oldest first or in a random order.
class batch_loop {
  public:
    batch_loop(size_table sizes, std::size_t count, order freed, std::size_t repeats = 1)
        : sizes_(sizes), blocks_(count), free_order_(count), repeats_(repeats) {
        std::iota(free_order_.begin(), free_order_.end(), 0U);
        if (freed == order::lifo) std::reverse(free_order_.begin(), free_order_.end());
        if (freed == order::random) shuffle();
    }

    void operator()() {
        for (std::size_t repeat = 0; repeat < repeats_; ++repeat) {
            for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_[i] = take(sizes_[i]);
            for (const std::uint32_t i : free_order_) drop(blocks_[i]);
        }
    }

  private:
    void shuffle() {
        random_source random(7);
        for (auto i = static_cast<std::uint32_t>(free_order_.size()); i > 1; --i)
            std::swap(free_order_[i - 1], free_order_[random.below(i)]);
    }

    size_table sizes_;
    std::vector<void*> blocks_;
    std::vector<std::uint32_t> free_order_;
    std::size_t repeats_;
};

// `live` blocks at any time: one at random is freed and another allocated in its place.
class churn_loop {
  public:
    churn_loop(size_table sizes, std::size_t live, std::size_t pairs, std::uint64_t seed = 1)
        : sizes_(sizes), blocks_(live), pairs_(pairs), random_(seed) {
        for (auto& block : blocks_) block = take(sizes_[next_size_++]);
    }
    churn_loop(const churn_loop&) = delete;
    churn_loop& operator=(const churn_loop&) = delete;
    churn_loop(churn_loop&&) = default;
    churn_loop& operator=(churn_loop&&) = delete;
    ~churn_loop() {
        for (void* block : blocks_) std::free(block);
    }

    void operator()() {
        const auto live = static_cast<std::uint32_t>(blocks_.size());
        for (std::size_t i = 0; i < pairs_; ++i) {
            void*& block = blocks_[random_.below(live)];
            drop(block);
            block = take(sizes_[next_size_++]);
        }
    }

  private:
    size_table sizes_;
    std::vector<void*> blocks_;
    std::size_t pairs_;
    std::size_t next_size_ = 0;
    random_source random_;
};

} // namespace krait::bench
