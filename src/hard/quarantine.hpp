// Where freed blocks of pools and runs wait: a fixed number of places for each class, from all threads.
//
//   places of a class = bytes / size, from 4 to 256
//   a block that comes takes a place at random, and who had it goes back to the core: how long one waits, and which
//   block the core hands out next, nobody can tell
//
// A place is taken by one exchange, so a thread's end, a fork and a signal handler find it in order at any moment.
#pragma once

#include "base/secret.hpp"
#include "os/single_threaded.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::hard {

class quarantine {
  public:
    void open(std::size_t bytes) noexcept { bytes_ = bytes; }

    // The block that has to go for it: itself where nothing waits, nullptr where there was room. `class_byte` is the
    // core's, for blocks of `size` bytes.
    void* exchange(unsigned class_byte, std::size_t size, void* freed) noexcept {
        if (bytes_ == 0) return freed;
        if (KRAIT_UNLIKELY(!has_some_[class_byte].load(std::memory_order_relaxed)))
            has_some_[class_byte].store(true, std::memory_order_relaxed);
        return os::exchange(places_[class_byte][secret::random_below(places_of(size))], freed);
    }

    // Calls visit(class_byte, block) for each that waits. Other threads go on, so it is taken out, that nobody else has
    // it meanwhile, and put back; where another one came to its place, it goes, by give_back(block). Places of classes
    // that never had one are not read.
    template <class Visit, class GiveBack>
    void each(Visit visit, GiveBack give_back) noexcept {
        for (unsigned class_byte = 0; class_byte < places_.size(); ++class_byte) {
            if (!has_some_[class_byte].load(std::memory_order_relaxed)) continue;
            for (std::atomic<void*>& place : places_[class_byte]) {
                if (place.load(std::memory_order_relaxed) == nullptr) continue;
                void* const waits = place.exchange(nullptr, std::memory_order_acq_rel);
                if (waits == nullptr) continue;
                visit(class_byte, waits);
                void* other = nullptr;
                if (!place.compare_exchange_strong(other, waits, std::memory_order_acq_rel)) give_back(waits);
            }
        }
    }

  private:
    static constexpr std::size_t least = 4, most = 256;

    std::uint32_t places_of(std::size_t size) const noexcept {
        return static_cast<std::uint32_t>(std::clamp(bytes_ / size, least, most));
    }

    std::size_t bytes_ = 0;
    std::array<std::array<std::atomic<void*>, most>, UINT8_MAX + 1> places_{};
    std::array<std::atomic<bool>, UINT8_MAX + 1> has_some_{}; // or had: of each class
};

} // namespace krait::hard
