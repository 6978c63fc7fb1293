// A thread's own free blocks of 513 bytes to 32 KiB, of the system allocator, which stays their owner and gets them
// back: a short list for each band of sizes, so that malloc and free of them become a pop and a push.
//
//   size(b)  a band's size: steps_per_doubling equal steps between a power of two and the next
//   request  n is served by the smallest band with size(b) >= n or, if its list is empty, by one of the two above it;
//            if those are empty too, the system allocator is asked: for size(b) bytes, so that the block will serve the
//            whole band when it comes back, for the band's first requests and where the thread shows that blocks come
//            back; else for n, as rounding up costs memory
//   block    of usable size u goes to the largest band with size(b) <= u: every block of a list serves every request
//
//   count(b) <= cap(b) = requests of the band that found nothing here: a band that nobody asks keeps nothing, nor does
//                        a thread that only frees what others allocated
//   held = sum over bands of count(b) * size(b) <= budget: beyond it, bands unused since the last time are emptied and
//                        closed (cap = 0), so that a phase that frees leaves nothing behind that keeps the system's
//                        heap from shrinking
//
//   parted(b)  of the band, and budget <= limit, at first 128 KiB and an eighth of the limit at most: cache_budget.hpp
//
// Only the owning thread calls, never from a signal handler within another call; held() is for any thread. What goes
// back to the system allocator does so when the thread is out of krait's own code (system_blocks.hpp).
#pragma once

#include "base/check.hpp"
#include "base/findings.hpp"
#include "base/owned.hpp"
#include "base/size_steps.hpp"
#include "core/block_marks.hpp"
#include "core/cache_budget.hpp"
#include "core/damage.hpp"
#include "core/system_blocks.hpp"
#include "os/errno_kept.hpp"
#include "os/gone_thread.hpp"
#include "os/system_allocator.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace krait {

class large_cache {
  public:
    static constexpr std::size_t least_request = size_steps::least_request;
    static constexpr std::size_t most_request = 32 * 1024;

    static constexpr unsigned steps_per_doubling = size_steps::per_doubling;
    static constexpr unsigned band_count =
        steps_per_doubling * (std::bit_width(most_request - 1) - std::bit_width(least_request - 1) + 1);
    static constexpr unsigned no_band = band_count;

    // The band that serves a request, or no_band.
    static constexpr unsigned band_of_request(std::size_t bytes) noexcept {
        return bytes - least_request <= most_request - least_request ? step_of(bytes - 1) : no_band;
    }
    // The band that a block of that usable size serves, or no_band.
    static constexpr unsigned band_of_block(std::size_t usable) noexcept {
        return usable - size_of(0) < size_of(band_count) - size_of(0) ? step_of(usable) - 1 : no_band;
    }
    // A larger block serves no band.
    static constexpr std::size_t most_usable() noexcept { return size_of(band_count) - 1; }
    // Bytes of the largest request that the band serves.
    static constexpr std::size_t size_of(unsigned band) noexcept { return size_steps::size_of(band); }
    static constexpr unsigned step_of(std::size_t number) noexcept { return size_steps::step_of(number); }

    // Keeps up to `limit` bytes from now on; 0 = none, as before this call.
    void start(std::size_t limit) noexcept { budget_.start(limit); }
    bool is_open() const noexcept { return budget_.limit() != 0; }
    // Whether a block was asked for since it was opened: until then it takes none.
    bool takes_blocks() const noexcept { return shelves_ != nullptr; }

    // A block from the band's own list, or nullptr. Among the few instructions that nothing protects from signal
    // handlers, as those of small blocks: all else here is for a thread that is inside.
    [[gnu::always_inline]] void* pop_first(unsigned band) noexcept {
        if (KRAIT_UNLIKELY(shelves_ == nullptr)) return nullptr;
        shelf& s = (*shelves_)[band];
        if (KRAIT_UNLIKELY(s.head == nullptr) || KRAIT_UNLIKELY(!is_intact(s.head))) return nullptr;
        free_block* const first = take_first(s);
        os::leave_for_when_gone(this);
        return first;
    }

    // Before the first pop(). Outside, as it asks the system allocator; a signal handler may do the same meanwhile.
    // Without memory for it the cache has no blocks.
    [[gnu::cold, gnu::noinline]] void add_shelves() noexcept {
        const os::errno_kept keep; // the request may be served all the same
        const system_blocks::in_system inside;
        auto* const added = static_cast<shelves*>(os::system_calloc(1, sizeof(shelves)));
        if (added == nullptr) return;
        for (unsigned band = 0; band < band_count; ++band) {
            (*added)[band].size = static_cast<std::uint32_t>(size_of(band));
        }
        system_blocks::count_in(added);
        shelves* none = nullptr;
        if (!std::atomic_ref(shelves_).compare_exchange_strong(none, added, std::memory_order_relaxed))
            system_blocks::release(added);
    }

    // A block for any request of the band; nullptr if there is none: size_to_ask() says what to ask the system for.
    void* pop(unsigned band) noexcept {
        if (KRAIT_UNLIKELY(shelves_ == nullptr)) return nullptr;
        shelf* const wanted = &(*shelves_)[band];
        const shelf* const last = &(*shelves_)[std::min(band + neighbours, band_count - 1)];
        for (shelf* s = wanted; s <= last; ++s) {
            if (s->head == nullptr) continue;
            if (KRAIT_LIKELY(is_intact(s->head))) return take_first(*s);
            give_up(*s);
        }
        ++wanted->cap;
        return nullptr;
    }

    // What to ask the system for when pop() found nothing: the band's size early on and where blocks that went are
    // missed, as they would serve the whole band; otherwise what is requested, as most of such blocks stay in use.
    std::size_t size_to_ask(unsigned band, std::size_t bytes) noexcept {
        if (KRAIT_UNLIKELY(shelves_ == nullptr)) return bytes;
        const unsigned below = band != 0 ? band - 1 : 0;
        const unsigned last = std::min(band + neighbours, band_count - 1);
        for (unsigned b = below; b <= last; ++b) {
            shelf& s = (*shelves_)[b];
            if (s.parted == 0) continue;
            budget_.miss(s.parted, 1, s.size);
            return size_of(band);
        }
        const bool is_early = (*shelves_)[band].cap <= early_requests;
        return is_early || (*shelves_)[below].count != 0 ? size_of(band) : bytes;
    }

    // Whether a large cache, of whatever thread, seems to hold the block: then the program freed it. Reads 16 bytes,
    // which a block of another size may not have: they are its neighbour's then, and their value does not matter.
    __attribute__((no_sanitize("address", "hwaddress", "thread"))) static bool is_held(const void* address) noexcept {
        return static_cast<const free_block*>(address)->mark == mark_of_freed(address);
    }

    // Takes the block, which serves that band and is not held, if there is room for it without looking for some. As
    // pop_first.
    [[gnu::always_inline]] bool push_first(unsigned band, void* freed) noexcept {
        if (KRAIT_UNLIKELY(shelves_ == nullptr)) return false;
        shelf& s = (*shelves_)[band];
        if (s.count >= s.cap || KRAIT_UNLIKELY(held_.get() + s.size > budget_.bytes())) return false;
        put_first(s, static_cast<free_block*>(freed));
        os::leave_for_when_gone(this);
        return true;
    }

    // The same, and makes room where there is none.
    bool push(unsigned band, void* freed) noexcept {
        if (KRAIT_UNLIKELY(shelves_ == nullptr)) return false;
        shelf& s = (*shelves_)[band];
        if (s.count >= s.cap || (held_.get() + s.size > budget_.bytes() && !make_room(s))) {
            budget_.part(s.parted, 1, s.size);
            return false;
        }
        put_first(s, static_cast<free_block*>(freed));
        return true;
    }

    // Gives every block back.
    void flush() noexcept {
        if (shelves_ == nullptr) return;
        for (shelf& s : *shelves_) keep_at_most(0, s);
    }

    // Gives every block back and keeps none from now on.
    void stop() noexcept {
        flush();
        if (shelves_ != nullptr) system_blocks::release_later(shelves_);
        shelves_ = nullptr;
        budget_.stop();
    }

    // In a forked child, for a thread that does not exist there.
    void forget_in_child() noexcept {
        shelves_ = nullptr;
        budget_.stop();
        held_.set(0);
    }

    // Bytes of the blocks held here, each counted with its band's size. Any thread: a recent value.
    const owned<std::size_t>& held() const noexcept { return held_; }

    // Adds what is wrong with the lists (cache_check.hpp). Only the owning thread.
    void check(findings& found) const noexcept;

  private:
    static constexpr budget_rule rule{.first_part = 8, .most_at_first = std::size_t{128} << 10, .proof = 16};

    // Bands above a request's own that may serve it: in a churn a cache holds but a block or two a band.
    static constexpr unsigned neighbours = 2;

    // Whatever comes back of these is kept, so that what is wrong with it is found.
    static constexpr std::uint32_t early_requests = 16;

    struct free_block {
        std::uintptr_t link; // the next block's address, mixed with the mark
        std::uintptr_t mark; // as in small blocks: block_marks.hpp
    };

    struct shelf {
        free_block* head;
        std::uint32_t count;
        std::uint32_t cap;
        std::uint32_t pops; // since the last sweep
        std::uint32_t size;
        std::uint32_t parted;
    };
    using shelves = std::array<shelf, band_count>;

    // A link is mixed with the mark of the block that has it, whose upper 16 bits are not 0 in a heap over 4 GiB: what
    // a program writes there, be it the address of a block, comes out as no address.
    static std::uintptr_t mixed(std::uintptr_t next_or_link, const free_block* holder) noexcept {
        return next_or_link ^ mark_of_freed(holder);
    }
    static bool may_be_block(std::uintptr_t next) noexcept {
#ifdef __aarch64__ // pointers may have a tag in their upper byte
        constexpr std::uintptr_t never_set = std::uintptr_t{0xff} << 48 | (alignof(std::max_align_t) - 1);
#else
        constexpr std::uintptr_t never_set = std::uintptr_t{0x1ffff} << 47 | (alignof(std::max_align_t) - 1);
#endif
        return (next & never_set) == 0;
    }
    static free_block* next_of(const free_block* block) noexcept {
        return reinterpret_cast<free_block*>(mixed(block->link, block));
    }

    // Whether the block's first 16 bytes are as put_first left them.
    static bool is_intact(const free_block* block) noexcept {
        return is_held(block) && may_be_block(mixed(block->link, block));
    }

    // For a request, which is counted. The first block is intact, here and below.
    free_block* take_first(shelf& s) noexcept {
        ++s.pops;
        return unlink_first(s);
    }

    free_block* unlink_first(shelf& s) noexcept {
        free_block* const first = s.head;
        s.head = next_of(first);
        first->mark = 0;
        --s.count;
        held_.set(held_.get() - s.size);
        return first;
    }

    // The list's first block was written to since it was freed: all of its blocks count as in use for ever.
    [[gnu::cold, gnu::noinline]] void give_up(shelf& s) noexcept {
        process::refuse_damaged(s.head, s.size);
        held_.set(held_.get() - std::size_t{s.count} * s.size);
        s.head = nullptr;
        s.count = 0;
    }

    void put_first(shelf& s, free_block* block) noexcept {
        *block = {mixed(reinterpret_cast<std::uintptr_t>(s.head), block), mark_of_freed(block)};
        s.head = block;
        ++s.count;
        held_.add(s.size);
    }

    void keep_at_most(std::uint32_t kept, shelf& s) noexcept {
        while (s.count > kept) {
            if (KRAIT_UNLIKELY(!is_intact(s.head))) return give_up(s);
            system_blocks::release_later(unlink_first(s));
        }
    }

    // At the limit: a band may keep as many blocks as were taken from it since the last time, less a quarter to get
    // on. True if there is room for a block on the shelf now.
    [[gnu::noinline]] bool make_room(const shelf& wanted) noexcept {
        for (shelf& s : *shelves_) {
            if (s.pops == 0) s.cap = 0;
            const std::uint32_t kept = std::min(s.pops, s.count - (s.count + 3) / 4);
            budget_.part(s.parted, s.count - kept, s.size);
            keep_at_most(kept, s);
            s.pops = 0;
        }
        return wanted.cap != 0 && held_.get() + wanted.size <= budget_.bytes();
    }

    shelves* shelves_ = nullptr; // the system allocator's: threads that pass nothing through do without
    cache_budget<rule> budget_;
    owned<std::size_t> held_;
};

} // namespace krait
