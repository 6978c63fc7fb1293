#pragma once

#include "vocabulary.hpp"

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

namespace krait::model {

// A random sequence of steps, the same for the same seed everywhere. It goes in phases of 1 to 65,536 steps, each
// with its own tendency (growth, balance, collapse), range of sizes, order of release and share of reallocations;
// after `length` steps it releases every slot that is left, so that it ends with nothing live.
class trace {
  public:
    static constexpr std::size_t most_live = 100'000; // slots

    trace(std::uint64_t seed, std::size_t length);

    // The next step; nothing when the trace is over.
    std::optional<step> next();

  private:
    enum class order { newest_first, oldest_first, random };

    struct phase {
        std::size_t steps_left = 0;
        std::size_t allocate_percent = 0; // of the steps that are no reallocations
        std::size_t reallocate_percent = 0;
        std::size_t smallest = 1; // bytes
        std::size_t largest = 1;  // bytes
        order releases = order::newest_first;
    };

    phase new_phase();
    step allocation();
    step reallocation();
    step release(order which);
    std::size_t size();
    std::size_t below(std::size_t bound);
    bool percent(std::size_t chance) { return below(100) < chance; }

    std::mt19937_64 random_;
    std::size_t steps_left_;
    phase phase_;
    std::deque<std::size_t> live_; // slots, the oldest at the front
    std::vector<std::size_t> vacant_;
    std::size_t slots_ = 0;
};

} // namespace krait::model
