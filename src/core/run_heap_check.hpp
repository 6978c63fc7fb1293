// run_heap::check and run_slots::check_locked: what run.hpp and run_slots.hpp say of runs, lists, queues, slots and
// counters, compared with a walk over every run. Touches no page of the program.
#pragma once

#include "base/findings.hpp"
#include "core/run_heap.hpp"

#include <array>

namespace krait {

template <class G>
void run_heap<G>::check(findings& found) noexcept {
    if (!is_open()) return;
    arenas<G>& arenas = heap_.all_arenas();
    range<G>& range = heap_.address_range();
    std::array<class_sums, run_classes::count> sums{};
    page_changes pages;
    for (arena_id arena = 0; arena < arenas.slots(); ++arena) {
        if (!range.arena_at(arena).is_lent) continue;
        for (unsigned slot = 0; slot < run_slots<G>::slots_per_arena;) {
            const run_id id = range.first_pool(arena) + slot * run_slots<G>::pools_per_slot;
            const unsigned class_byte = range.class_at(std::size_t{id} << G::pool_shift);
            if (!is_class_byte(class_byte)) {
                found.equal({"slot", id}, "the class of one without a run", class_byte, 0);
                ++slot;
                continue;
            }
            const unsigned number = class_of(class_byte);
            check_run_locked(id, number, sums[number], pages, found);
            slot += run_classes::table[number].run_bytes / static_cast<unsigned>(run_classes::slot_bytes);
        }
    }
    for (unsigned number = 0; number < run_classes::count; ++number) check_class_locked(number, sums[number], found);
    slots_.check_locked(found);
    std::uint64_t bytes = 0;
    for (unsigned number = 0; number < run_classes::count; ++number)
        bytes += sums[number].used * run_classes::table[number].size;
    const subject all{"runs, arenas lent", arenas.count().lent};
    found.equal(all, "the counter of bytes in use", bytes_in_use_.load(std::memory_order_relaxed), bytes);
    found.equal(all, "the counter of busy pages", reserve_.busy(), static_cast<std::uint64_t>(pages.busy));
    found.equal(all, "the counter of dirty pages", reserve_.dirty(), static_cast<std::uint64_t>(pages.dirty));
}

template <class G>
void run_heap<G>::check_run_locked(run_id id, unsigned number, class_sums& sum, page_changes& pages,
                                   findings& found) noexcept {
    const subject about{"run", id};
    const run_class& of = run_classes::table[number];
    const run& r = record_of(id);
    unsigned free = 0;
    page_set busy = 0;
    for (unsigned index = 0; index < of.capacity; ++index) {
        if (r.is_free(index))
            ++free;
        else
            busy |= pages_.of_block(of, index);
    }
    std::uint64_t with_start = 0;
    for (unsigned index = 0; index < of.capacity; ++index) {
        if (!r.is_free(index) && !r.is_within_block(index) && r.places_from(index) == 1)
            with_start |= std::uint64_t{1} << pool_within(std::size_t{index} * of.size);
    }
    for (pool_id i = 0; i < of.run_bytes / G::pool_size; ++i) {
        found.equal({"pool", id + i}, "the class, in a run",
                    heap_.address_range().class_at(std::size_t{id + i} << G::pool_shift), first_class + number);
        found.equal({"pool", id + i}, "the class byte, in a run", heap_.address_range().raw_class_of(id + i),
                    (with_start >> i & 1) != 0 ? first_class + number : resting);
    }
    found.equal(about, "the number of its blocks in use", r.used, of.capacity - free);
    found.equal(about, "the number of its free bits", count_pools(r.free[0].get()) + count_pools(r.free[1].get()),
                free);
    for (unsigned index = 0; index < 64; ++index) {
        if ((r.joined.get() >> index & 1) == 0) continue;
        const bool may_be = run_classes::may_join(of) && index + 1 < of.capacity;
        found.that(may_be && !r.is_free(index) && !r.is_free(index + 1), about,
                   "two places are joined of which one is free, or none");
    }
    found.equal(about, "its busy pages", r.busy, busy);
    found.that((r.busy & ~r.resident) == 0, about, "a busy page is not counted as resident");
    found.that((r.resident & r.purged) == 0, about, "a page is resident and purged");
    found.that((r.resident & ~pages_.all(of)) == 0, about, "a page behind its end is counted as resident");
    const bool is_queued = purge_queue::has(r);
    found.that(is_queued == (r.dirty() != 0), about, "it is queued without a dirty page, or has one and is not queued");
    if (r.used < of.capacity) {
        found.equal(about, "the list that it is in", r.level, of.level_of(r.used));
        sum.linked[of.level_of(r.used)] += 1;
    }
    sum.queued += is_queued;
    sum.runs += 1;
    sum.used += r.used;
    pages.busy += count_pages(r.busy);
    pages.dirty += count_pages(r.dirty());
}

template <class G>
void run_heap<G>::check_class_locked(unsigned number, const class_sums& sum, findings& found) noexcept {
    const size_class& c = classes_[number];
    const subject about{"class", run_classes::table[number].size};
    found.equal(about, "the counter of its runs", c.runs.get(), sum.runs);
    found.equal(about, "the counter of its blocks in use", c.blocks_used.get(), sum.used);
    const auto is_of_class = [&](run_id id) {
        return found.that(heap_.address_range().class_at(std::size_t{id} << G::pool_shift) == first_class + number,
                          {"run", id}, "a list of a class that is not its own leads to it");
    };
    for (unsigned level = 0; level < run_classes::levels; ++level) {
        run_id before = no_run;
        std::uint64_t length = 0;
        for (run_id id = c.levels.first(level); id != no_run && length <= sum.linked[level];
             id = record_of(id).next, ++length) {
            if (!is_of_class(id)) return;
            found.equal({"run", id}, "the one before it in its list", record_of(id).prev, before);
            found.equal({"run", id}, "the list that leads to it", level, record_of(id).level);
            before = id;
        }
        found.equal(about, "the length of a list of its runs", length, sum.linked[level]);
    }
    run_id before = no_run;
    std::uint64_t length = 0;
    for (run_id id = c.dirty.oldest(); id != no_run && length <= sum.queued; id = record_of(id).dirty_next, ++length) {
        if (!is_of_class(id)) return;
        found.equal({"run", id}, "the one before it in the purge queue", record_of(id).dirty_prev, before);
        before = id;
    }
    found.equal(about, "the length of its purge queue", length, sum.queued);
    found.equal(about, "the last one of its purge queue", c.dirty.newest(), before);
}

template <class G>
void run_slots<G>::check_locked(findings& found) noexcept {
    std::array<std::uint64_t, slots_per_arena + 1> expected{};
    for (arena_id id = 0; id < arenas_.slots(); ++id) {
        if (!range_.arena_at(id).is_lent) continue;
        const lent_arena& a = record_of(id);
        found.that(a.free_slots < all_slots, {"arena", id}, "it is lent, and no run is in it");
        std::uint64_t free_pools = 0;
        for (unsigned slot = 0; slot < slots_per_arena; ++slot) {
            const run_id first = range_.first_pool(id) + slot * pools_per_slot;
            const bool has_run = range_.class_at(std::size_t{first} << G::pool_shift) != 0;
            const bool is_free = (a.free_slots >> slot & 1) != 0;
            if (is_free) free_pools |= mask_of(slot, 1);
            found.that(has_run != is_free, {"slot", first}, "it is free and has a run, or neither");
        }
        found.that(((a.pages.resident | a.pages.purged) & ~free_pools) == 0, {"arena", id},
                   "it knows of pages of runs");
        if (a.free_slots != 0) ++expected[count_of(a.free_slots)];
    }
    for (unsigned count = 1; count < slots_per_arena; ++count) {
        arena_id before = no_arena;
        std::uint64_t length = 0;
        for (arena_id id = lists_[count]; id != no_arena && length <= expected[count];
             id = record_of(id).next, ++length) {
            if (!found.that(range_.arena_at(id).is_lent, {"arena", id},
                            "it is not lent, and listed as one with free slots"))
                return;
            found.equal({"arena", id}, "the one before it", record_of(id).prev, before);
            found.equal({"arena", id}, "the number of its free slots", count_of(record_of(id).free_slots), count);
            before = id;
        }
        found.equal({"free slots", count}, "the number of arenas that have so many", length, expected[count]);
    }
}

} // namespace krait
