// thread_cache::check, ready_blocks::check, large_cache::check and depot::check: the blocks that wait between the
// program and the pools, or the system.
#pragma once

#include "base/findings.hpp"
#include "core/depot.hpp"
#include "core/thread_cache.hpp"

namespace krait {

// Adds what is wrong with a chain of the class: it must hold `count` blocks of pools that serve it.
template <class G>
void check_chain(const block* head, std::uint32_t count, unsigned szidx, std::string_view holder, const heap<G>& h,
                 findings& found) noexcept {
    const subject about{holder, G::class_size(szidx)};
    std::uint32_t length = 0;
    for (const block* each = head; each != nullptr && length <= count; each = freed_mark<G>::next_of(each), ++length) {
        if (!found.that(h.owns(each) && h.class_at(each) == szidx + 1, about,
                        "its list leads to a block of another class"))
            return;
        if (!found.that(h.is_block(each), about, "its list leads to where no block starts")) return;
        if (!found.that(freed_mark<G>::is_intact(each, G::class_size(szidx)), about,
                        "a block of its list was written to"))
            return;
    }
    found.equal(about, "the length of its list", length, count);
}

template <class G>
void check_chain_of_runs(const block* head, std::uint32_t count, unsigned class_byte, const heap<G>& h,
                         findings& found) noexcept {
    const std::size_t size = run_classes::table[class_byte - G::class_count - 1].size;
    const subject about{"this thread's bin of runs' blocks of size", size};
    std::uint32_t length = 0;
    for (const block* each = head; each != nullptr && length <= count; each = freed_mark<G>::next_of(each), ++length) {
        if (!found.that(h.owns(each) && h.class_at(each) == class_byte, about,
                        "its list leads to a block of another class"))
            return;
        if (!found.that(block_start<G>::seems_at(each, class_byte), about, "its list leads to where no block starts"))
            return;
        if (!found.that(freed_mark<G>::is_intact(each, size), about, "a block of its list was written to")) return;
    }
    found.equal(about, "the length of its list", length, count);
}

template <class G>
void thread_cache<G>::check(const heap<G>& h, findings& found) const noexcept {
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        const bin& b = bins_[szidx + 1];
        const auto listed = static_cast<std::uint32_t>(b.batch.get() - b.room.get());
        check_chain(b.head, listed, szidx, "this thread's bin of class", h, found);
    }
    for (unsigned number = 0; number < run_classes::count; ++number) {
        const bin& b = bins_[first_of_runs + number];
        const auto listed = static_cast<std::uint32_t>(b.batch.get() - b.room.get());
        check_chain_of_runs(b.head, listed, first_of_runs + number, h, found);
    }
    check_spares(h, found);
    ready_.check(h, found);
    found.that(bins_[0].head == nullptr, {"bin", 0}, "it holds a block, and belongs to no class");
    large_.check(found);
}

template <class G>
void thread_cache<G>::check_spares(const heap<G>& h, findings& found) const noexcept {
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx)
        check_chain(spares_[szidx].head, spares_[szidx].count.get(), szidx, "a thread's spare batch of class", h,
                    found);
}

template <class G, bool IsHardened>
void ready_blocks<G, IsHardened>::check(const heap<G>& h, findings& found) const noexcept {
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        const subject about{"this thread's ready blocks of class", G::class_size(szidx)};
        const shelf& s = shelves_[szidx];
        for (std::uint32_t i = 0; i < s.count.get(); ++i) {
            const void* const each = s.places[i];
            if (found.that(h.owns(each) && h.class_at(each) == szidx + 1 && h.is_block(each), about,
                           "one is no block of the class"))
                found.that(is_zero(each, G::class_size(szidx)), about, "one was written to");
        }
    }
}

inline void large_cache::check(findings& found) const noexcept {
    if (shelves_ == nullptr) return;
    std::size_t held = 0;
    for (const shelf& s : *shelves_) {
        const subject about{"this thread's large cache of size", s.size};
        std::uint32_t length = 0;
        for (const free_block* each = s.head; each != nullptr && length <= s.count; each = next_of(each), ++length)
            found.that(is_held(each), about, "a block of its list was written to");
        found.equal(about, "the length of its list", length, s.count);
        found.that(s.count <= s.cap, about, "it holds more than its bound");
        held += std::size_t{s.count} * s.size;
    }
    found.equal({"this thread's large cache, bounded by", budget_.limit()}, "the counter of its bytes", held_.get(),
                held);
}

// Each batch is out of its slot while it is looked at. One that finds no slot afterwards goes to its pools.
template <class G>
void depot<G>::check(heap<G>& h, findings& found) noexcept {
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        for (auto& slot : shelves_[szidx].slots) {
            const std::uint64_t word = slot.exchange(0, std::memory_order_acquire);
            if (word == 0) continue;
            const chain blocks = unpack(word);
            check_chain(blocks.head, blocks.count, szidx, "the depot's batch of class", h, found);
            std::uint64_t empty = 0;
            const bool is_back =
                slot.compare_exchange_strong(empty, word, std::memory_order_release, std::memory_order_relaxed);
            if (!is_back && !put(szidx, blocks)) h.give(szidx, blocks);
        }
    }
}

} // namespace krait
