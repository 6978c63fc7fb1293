// A hardened product's thread keeps the small blocks that come out of the quarantine in places of their own, in front
// of its bins: the next ones to be handed out. Those never were in a list, so no link and no seal is made or looked at,
// and the first bytes of them tell nothing.
//
//   blocks(c) = places(c)[0, count(c))     count(c) <= limit <= most
//   a ready block is freed, and all of its bytes are 0. That is looked at once, when it leaves: by who hands it out, or
//   here, when it goes to its pool. The last to come is the first to go: it left the quarantine at random (hard.hpp)
//   limit = 0 before the start, after the end, and while blocks go to their pools: nothing is taken then
//
// What it weakens: a write to a freed block that has left the quarantine is seen when the block leaves here, which was
// seen on its way in before. What it strengthens: such a block has no address in it.
//
// Only the owning thread calls; but for the few instructions of pop and push, its signal handlers may.
#pragma once

#include "base/findings.hpp"
#include "base/owned.hpp"
#include "base/zeros.hpp"
#include "core/damage.hpp"
#include "core/heap.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace krait {

template <class G, bool = G::is_hardened>
class ready_blocks {
  public:
    // A block of the class, or nullptr. `bin_index` is szidx + 1.
    [[gnu::always_inline]] void* pop(unsigned bin_index) noexcept {
        shelf& s = shelves_[bin_index - 1];
        const std::uint32_t count = s.count.get();
        if (KRAIT_UNLIKELY(count == 0)) return nullptr;
        void* const taken = s.places[count - 1];
        s.count.set(count - 1);
        return taken;
    }

    // False where there is no room for it.
    [[nodiscard, gnu::always_inline]] bool push(unsigned bin_index, void* freed) noexcept {
        shelf& s = shelves_[bin_index - 1];
        const std::uint32_t count = s.count.get();
        if (KRAIT_UNLIKELY(count >= limit_.get())) return false;
        s.places[count] = freed;
        s.count.set(count + 1);
        return true;
    }

    void start() noexcept { limit_.set(most); }
    void stop(heap<G>& h) noexcept { empty(h); }
    void flush(heap<G>& h) noexcept {
        const std::uint32_t before = limit_.get();
        empty(h);
        limit_.set(before);
    }
    void forget_in_child() noexcept {
        limit_.set(0);
        for (shelf& s : shelves_) s.count.set(0);
    }

    // Stops at the first that was written to.
    [[gnu::noinline]] void look() const noexcept {
        for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
            const shelf& s = shelves_[szidx];
            for (std::uint32_t i = 0; i < s.count.get(); ++i) expect_zeros(s.places[i], szidx);
        }
    }

    // Adds what is wrong with the blocks that are here (cache_check.hpp).
    void check(const heap<G>& h, findings& found) const noexcept;

  private:
    static constexpr std::uint32_t most = 15; // with the count, two lines of the cache

    struct alignas(64) shelf {
        owned<std::uint32_t> count;
        std::array<void*, most> places;
    };
    static_assert(sizeof(shelf) == 128);

    static void expect_zeros(const void* freed, unsigned szidx) noexcept {
        if (KRAIT_UNLIKELY(!is_zero(freed, G::class_size(szidx))))
            process::refuse(process::written_freed, freed, G::class_size(szidx));
    }

    // A signal handler may come between any two steps: it finds no room, and then no block.
    [[gnu::noinline]] void empty(heap<G>& h) noexcept {
        limit_.set(0);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
            while (void* const freed = pop(szidx + 1)) {
                expect_zeros(freed, szidx);
                h.deallocate(freed);
            }
        }
    }

    owned<std::uint32_t> limit_;
    std::array<shelf, G::class_count> shelves_{};
};

// The other products have none.
template <class G>
class ready_blocks<G, false> {
  public:
    void start() noexcept {}
    void stop(heap<G>&) noexcept {}
    void flush(heap<G>&) noexcept {}
    void forget_in_child() noexcept {}
    void check(const heap<G>&, findings&) const noexcept {}
};

} // namespace krait
