// How many free blocks of a class a thread may keep that only frees: numbers only, no block is touched.
//
//   used    blocks of the class that are handed out now, to the program or to threads' caches
//   most    = used where that is more; else an eighth of the way nearer to it each time that it is asked, in whole
//             blocks
//   falls   = used < most / 2 and most > 4 * batch * threads: there was more of it than all threads may keep, and it
//             goes. Of a class that never was much nothing can be told: few blocks may change hands quickly, and with
//             smaller batches that takes several times as long (docs/notes/memory.md)
//   kept    = used / 4; of a class that falls used / (4 * threads), as each of them keeps some: what is left when a
//             program has freed everything is a few blocks on a few pages, however many threads it has
//
// Only the owning thread calls.
#pragma once

#include <algorithm>
#include <cstdint>

namespace krait {

class kept_of_class {
  public:
    // Of a class of which a bin may keep `batch` so far.
    std::uint64_t blocks(std::uint64_t used, std::uint32_t batch, std::uint32_t threads) noexcept {
        const auto now = static_cast<std::uint32_t>(std::min<std::uint64_t>(used, UINT32_MAX));
        most_ = now >= most_ ? now : most_ - (most_ - now) / steps_to_fade;
        const bool falls = now < most_ / 2 && most_ > std::uint64_t{much} * batch * threads;
        return now / (falls ? std::uint64_t{part} * threads : part);
    }

  private:
    static constexpr std::uint32_t part = 4;
    static constexpr std::uint32_t much = 4;
    static constexpr std::uint32_t steps_to_fade = 8;

    std::uint32_t most_ = 0;
};

} // namespace krait
