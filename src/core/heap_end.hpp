// What the system allocator keeps free at the end of its heap, learned from regrets as the reserve learns
// (reserve.hpp).
//
// glibc gives the end of its heap back once more than 128 KiB is free there. A program whose large blocks come and go
// then pays for the same pages again and again; one whose blocks do not is only made larger by keeping more. So nothing
// is kept beyond glibc's own until the program shows that it takes the end again:
//
//   fallen   bytes by which the heap shrank within the window, less what it grew again
//   regrets  bytes of fallen that the heap grew again
//   kept     becomes twice the deepest fall, from 256 KiB to the bound, when regrets since the last time reach 16 MiB
//            and the size of the heap; it never shrinks, as glibc has no way back
//
// The size of the heap is the price: glibc takes blocks of up to half of what it keeps from its heap then, instead of
// mapping them, and a large heap has more holes for it.
//
// Looked at after each request and release that reaches the system allocator: a load of the heap's end. Threads look
// and write at the same time, relaxed: what one misses the next one sees, and a regret more or less changes nothing.
#pragma once

#include "base/check.hpp"
#include "core/system_blocks.hpp"
#include "os/clock.hpp"
#include "os/system_allocator.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace krait {

class heap_end {
  public:
    // Learns to keep up to `bound` bytes; 0 = learns nothing. `window_ms` is the reserve's.
    void open(std::size_t bound, std::int64_t window_ms) noexcept {
        bound_ = os::system_is_libc() && window_ms > 0 ? bound : 0;
        window_ms_ = static_cast<std::uint32_t>(std::clamp<std::int64_t>(window_ms, 0, UINT32_MAX));
        start_ = os::system_heap_end();
        seen_.store(start_, std::memory_order_relaxed);
    }

    void look() noexcept {
        if (bound_ == 0) return;
        const std::uintptr_t end = os::system_heap_end();
        const std::uintptr_t seen = seen_.load(std::memory_order_relaxed);
        if (KRAIT_LIKELY(end == seen)) return;
        seen_.store(end, std::memory_order_relaxed);
        end < seen ? shrank(seen - end) : grew(end - seen);
    }

    // What the system allocator was last told to keep, in bytes; 0 = nothing.
    std::size_t kept() const noexcept { return kept_.load(std::memory_order_relaxed); }

  private:
    static constexpr std::size_t least_kept = std::size_t{256} << 10;
    static constexpr std::size_t least_regrets = std::size_t{16} << 20;

    [[gnu::cold, gnu::noinline]] void shrank(std::size_t bytes) noexcept {
        const std::uint32_t now_ms = os::clock_ms();
        const std::size_t before = is_recent(now_ms) ? fallen_.load(std::memory_order_relaxed) : 0;
        shrank_ms_.store(now_ms, std::memory_order_relaxed);
        fallen_.store(before + bytes, std::memory_order_relaxed);
        deepest_.store(std::max(deepest_.load(std::memory_order_relaxed), before + bytes), std::memory_order_relaxed);
    }

    [[gnu::cold, gnu::noinline]] void grew(std::size_t bytes) noexcept {
        const std::size_t fallen = is_recent(os::clock_ms()) ? fallen_.load(std::memory_order_relaxed) : 0;
        const std::size_t again = std::min(bytes, fallen);
        fallen_.store(fallen - again, std::memory_order_relaxed);
        const std::size_t regrets = regrets_.fetch_add(again, std::memory_order_relaxed) + again;
        const std::size_t heap = seen_.load(std::memory_order_relaxed) - start_;
        if (KRAIT_UNLIKELY(regrets >= std::max(least_regrets, heap))) keep_more();
    }

    void keep_more() noexcept {
        regrets_.store(0, std::memory_order_relaxed);
        const std::size_t deepest = deepest_.exchange(0, std::memory_order_relaxed);
        const std::size_t wanted = std::min(std::max(std::bit_ceil(2 * deepest), least_kept), bound_);
        if (wanted <= kept()) return;
        const system_blocks::in_system inside; // it takes blocks
        if (os::let_system_keep(wanted)) kept_.store(wanted, std::memory_order_relaxed);
        seen_.store(os::system_heap_end(), std::memory_order_relaxed);
    }

    bool is_recent(std::uint32_t now_ms) const noexcept {
        return now_ms - shrank_ms_.load(std::memory_order_relaxed) <= window_ms_;
    }

    std::size_t bound_ = 0;
    std::uint32_t window_ms_ = 0;
    std::uintptr_t start_ = 0; // where the heap ended when krait was set up
    std::atomic<std::uintptr_t> seen_{0};
    std::atomic<std::uint32_t> shrank_ms_{0};
    std::atomic<std::size_t> fallen_{0};
    std::atomic<std::size_t> deepest_{0};
    std::atomic<std::size_t> regrets_{0};
    std::atomic<std::size_t> kept_{0};
};

} // namespace krait
