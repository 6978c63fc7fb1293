// A thread's list of free blocks of one class. malloc pops from it and free pushes to it; so may a signal handler,
// whatever instruction of the slow paths it interrupts.
//
//   blocks in the list = batch - room, unless the bin is closed (base/bin_list.hpp)
//   batch              = the most blocks that push lets in
//
// So a slow path takes the whole list out and closes the bin, works on what is its own, and opens the bin with a list
// that it made:
//
//   take_list ─► closed and empty: no handler changes it, as it can neither pop nor push ─► set_list, which opens it
//
// Only the owning thread and its handlers touch head and blocks; counts are read by statistics at any time.
#pragma once

#include "base/bin_list.hpp"
#include "base/check.hpp"
#include "base/owned.hpp"
#include "core/block_marks.hpp"
#include "core/pool.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait {

template <class G>
struct bin {
    block* head = nullptr;
    owned<std::int32_t> room;
    owned<std::int32_t> batch;

    // The first block, or nullptr where there is none or it is not intact.
    [[gnu::always_inline]] block* pop(std::size_t class_size) noexcept {
        bin& b = computed_once(*this);
        block* const first = in_result_register(b.head);
        if (KRAIT_UNLIKELY(first == nullptr)) return nullptr;
        block* const second = freed_mark<G>::next_of(first);
        if (!freed_mark<G>::take_off_checked(first, second, class_size)) return nullptr;
        b.head = second;
        b.room.increment();
        return first;
    }

    // Takes the block if there is room for it.
    [[gnu::always_inline]] bool push(void* freed, std::size_t class_size) noexcept {
        bin& b = computed_once(*this);
        if (KRAIT_UNLIKELY(b.room.decrement_is_negative())) {
            b.room.increment(); // here: a signal handler that comes later finds the bin in order
            return false;
        }
        auto* const first = static_cast<block*>(freed);
        freed_mark<G>::link(first, b.head, class_size);
        b.head = first;
        return true;
    }

    // Closes the bin, then takes the list, each in one step: what signal handlers pop or push before, in between and
    // after is counted.
    chain take_list() noexcept {
        const std::int32_t before = room.get();
        room.add_at_once(bin_is_closed - before);
        block* const first = take_head();
        const std::int32_t popped = room.get() - bin_is_closed; // since `before` was read; pushed, if negative
        room.set(bin_is_closed);
        return {first, static_cast<std::uint32_t>(batch.get() - before - popped)};
    }

    // Opens a bin that is closed and empty. A handler may pop from the list before its blocks are counted.
    void set_list(block* first, std::uint32_t count) noexcept {
        head = first;
        std::atomic_signal_fence(std::memory_order_seq_cst);
        room.add_at_once(batch.get() - static_cast<std::int32_t>(count) - bin_is_closed);
    }

    // Opens the bin with all but the first of what take_list found in it where pop had found none: a signal handler
    // freed it in between.
    block* take_what_came(chain came, std::size_t class_size) noexcept {
        const bool is_intact = freed_mark<G>::is_intact(came.head, class_size);
        block* const rest = is_intact ? freed_mark<G>::next_of(came.head) : nullptr;
        set_list(rest, length_of(rest, class_size));
        return came.head;
    }

    // Any thread: a recent value.
    std::uint64_t listed() const noexcept { return blocks_listed(batch.get(), room.get()); }

  private:
    // Otherwise the compiler derives the bin's address anew for each access, thread pointer and all, and malloc would
    // not lie in one cache line.
    [[gnu::always_inline]] static bin& computed_once(bin& b) noexcept {
        bin* address = &b;
        __asm__("" : "+r"(address));
        return *address;
    }

    // Otherwise the compiler moves it there at the end, one instruction more.
    [[gnu::always_inline]] static block* in_result_register(block* first) noexcept {
#if defined(__x86_64__)
        __asm__("" : "+a"(first));
#endif
        return first;
    }

    // Up to the first block that is not intact, if there is one: pop finds it.
    static std::uint32_t length_of(const block* first, std::size_t class_size) noexcept {
        std::uint32_t length = 0;
        for (; first != nullptr; first = freed_mark<G>::next_of(first)) {
            ++length;
            if (KRAIT_UNLIKELY(!freed_mark<G>::is_intact(first, class_size))) break;
        }
        return length;
    }

    // In one instruction, for this thread's signal handlers. Not a locked one: that would wait until all that was
    // written before, to blocks that were freed, is in the cache.
    block* take_head() noexcept {
#if defined(__x86_64__)
        block* first = head;
        bool is_taken;
        do {
            __asm__ volatile("cmpxchgq %3, %1"
                             : "+a"(first), "+m"(head), "=@ccz"(is_taken)
                             : "r"(static_cast<block*>(nullptr))
                             : "memory");
        } while (KRAIT_UNLIKELY(!is_taken));
        return first;
#else
        return std::atomic_ref(head).exchange(nullptr, std::memory_order_relaxed);
#endif
    }
};

} // namespace krait
