// The one reading of a heap's numbers from its statistics block (krait/stats_block.h): the process reads its own, the
// krait command another's.
//
//   Memory            the way to read. It has
//                       rows(column, base, count, to)   the column's first `count` numbers, addresses counted from base
//                       bytes(from, to, size)           a copy
//                       is_gone(thread)                 whether the kernel knows the thread no longer; false = not sure
//                       page_bytes()                    of the operating system
//   column, row       krait/stats_block.h
//
//   in use + cached = blocks that the heap counts as used: a cache is read after the heap, so a batch may be seen at
//                     both ends of its way, and no class has more in caches than is used
//   a part is read before its whole, and never comes out larger
#pragma once

#include "base/bin_list.hpp"
#include "base/run_classes.hpp"
#include "krait/stats_block.h"
#include "statistics/heap_snapshot.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace krait {

// A thread's cache, as the reading passes it on to whoever wants to know of each.
struct cache_row {
    std::uint64_t blocks = 0;
    std::uint64_t bytes = 0;
};

template <class Memory, class SeeCache>
class block_reader {
  public:
    block_reader(Memory& memory, const krait_stats_layout& layout, heap_snapshot& heap, SeeCache see_cache)
        : memory_(memory), layout_(layout), heap_(heap), totals_(heap.totals), see_cache_(see_cache),
          classes_(static_cast<unsigned>(std::min<std::uint64_t>(layout.class_count, heap_snapshot::most_classes))),
          bands_(static_cast<unsigned>(std::min<std::uint64_t>(layout.passthrough_bands, heap_snapshot::most_bands))) {}

    void read() {
        totals_.version = KRAIT_STATS_VERSION;
        totals_.arena_bytes = layout_.arena_bytes;
        totals_.pool_bytes = layout_.pool_bytes;
        totals_.system_in_use = totals_.system_free = KRAIT_STATS_UNKNOWN; // only the process can ask
        read_classes();
        read_threads();
        list_run_caches();
        read_depot();
        read_arenas();
        add_classes();
        read_tables();
        read_large();
        read_rest();
        list_passthrough();
    }

  private:
    using address = std::uint64_t;
    template <std::size_t most>
    using numbers = std::array<std::uint64_t, most>;
    using class_numbers = numbers<heap_snapshot::most_classes>;
    using band_numbers = numbers<heap_snapshot::most_bands>;

    // 0 where the library has no such column.
    void rows(krait_stats_column column, unsigned count, std::uint64_t* to, address base = 0) {
        std::fill_n(to, count, 0);
        if (column.width != 0 && count != 0) memory_.rows(column, base, count, to);
    }
    std::uint64_t one(krait_stats_column column, address base = 0) {
        std::uint64_t number;
        rows(column, 1, &number, base);
        return number;
    }
    class_numbers of_classes(krait_stats_column column, address base = 0) {
        class_numbers read;
        rows(column, classes_, read.data(), base);
        return read;
    }

    static std::uint64_t difference(std::uint64_t larger, std::uint64_t smaller) {
        return larger - std::min(larger, smaller);
    }
    std::uint64_t class_size(unsigned szidx) const { return (szidx + 1) * layout_.alignment; }
    std::uint64_t pool_room() const { return layout_.pool_bytes - layout_.pool_reserve; }

    void read_classes() {
        const class_numbers pools = of_classes(layout_.class_pools);
        const class_numbers used = of_classes(layout_.class_blocks_used);
        const class_numbers contended = of_classes(layout_.class_contended);
        for (unsigned szidx = 0; szidx < classes_; ++szidx) {
            const std::uint64_t capacity = pools[szidx] * (pool_room() / class_size(szidx));
            heap_.classes.push_back({.size = class_size(szidx),
                                     .pools = pools[szidx],
                                     .in_use = used[szidx],
                                     .cached = 0,
                                     .available = difference(capacity, used[szidx])});
            totals_.lock_contended += contended[szidx];
        }
    }

    void take_out(unsigned szidx, std::uint64_t blocks) {
        class_row& of = heap_.classes[szidx];
        const std::uint64_t held = std::min(blocks, of.in_use);
        of.cached += held;
        of.in_use -= held;
    }

    void read_threads() {
        const std::uint64_t threads = one(layout_.threads);
        krait_stats_column pieces = layout_.thread_piece;
        std::uint64_t in_piece = layout_.thread_first_piece;
        for (std::uint64_t seen = 0; seen < threads && in_piece != 0; pieces.address += pieces.stride) {
            const address piece = one(pieces);
            if (piece == 0) return; // it is being made
            for (std::uint64_t i = 0; i < std::min(in_piece, threads - seen); ++i)
                read_thread(piece + i * layout_.thread_bytes);
            seen += in_piece;
            in_piece = seen; // as many as before
        }
    }

    void read_thread(address record) {
        const class_numbers batch = of_classes(layout_.cache_batch, record);
        const class_numbers room = of_classes(layout_.cache_room, record);
        const class_numbers spare = of_classes(layout_.cache_spare, record);
        cache_row cache;
        bool is_started = false;
        for (unsigned szidx = 0; szidx < classes_; ++szidx) {
            is_started |= batch[szidx] != 0;
            const std::uint64_t blocks = listed(batch[szidx], room[szidx]) + spare[szidx];
            cache.blocks += blocks;
            cache.bytes += blocks * class_size(szidx);
            take_out(szidx, blocks);
        }
        totals_.bytes_large_cached += one(layout_.cache_large_held, record) + read_bins_of_runs(record);
        if (is_started && has_thread(record)) {
            ++totals_.thread_caches;
            see_cache_(cache);
        }
        band_numbers read;
        rows(layout_.cache_passthrough_calls, bands_, read.data(), record);
        for (unsigned band = 0; band < bands_; ++band) calls_[band] += read[band];
        rows(layout_.cache_passthrough_bytes, bands_, read.data(), record);
        for (unsigned band = 0; band < bands_; ++band) bytes_[band] += read[band];
    }

    // Behind the bins of pools' classes lie those of runs' (core/thread_cache.hpp).
    std::uint64_t read_bins_of_runs(address record) {
        const auto behind = [this](krait_stats_column column) {
            column.address += classes_ * column.stride;
            return column;
        };
        numbers<run_classes::kept_count> batch, room;
        rows(behind(layout_.cache_batch), run_classes::kept_count, batch.data(), record);
        rows(behind(layout_.cache_room), run_classes::kept_count, room.data(), record);
        std::uint64_t bytes = 0;
        for (unsigned number = 0; number < run_classes::kept_count; ++number) {
            const std::uint64_t blocks = listed(batch[number], room[number]);
            blocks_of_runs_[number] += blocks;
            bytes += blocks * run_classes::table[number].size;
        }
        return bytes;
    }

    void list_run_caches() {
        for (unsigned number = 0; number < run_classes::kept_count; ++number) {
            if (blocks_of_runs_[number] == 0) continue;
            heap_.run_caches.push_back({run_classes::table[number].size, blocks_of_runs_[number]});
        }
    }

    static std::uint64_t listed(std::uint64_t batch, std::uint64_t room) {
        return blocks_listed(static_cast<std::int32_t>(batch), static_cast<std::int32_t>(room));
    }

    bool has_thread(address record) {
        constexpr std::uint64_t serving = 1, unsure = 2; // krait/stats_block.h
        const std::uint64_t standing = one(layout_.thread_standing, record);
        if (standing != unsure) return standing == serving;
        return layout_.thread_owner.width == 0 ||
               !memory_.is_gone(static_cast<std::uint32_t>(one(layout_.thread_owner, record)));
    }

    void read_depot() {
        constexpr unsigned most_slots = 64;
        const auto slots = static_cast<unsigned>(std::min<std::uint64_t>(layout_.depot_slots, most_slots));
        krait_stats_column shelf = layout_.depot_slot;
        shelf.stride = shelf.width;
        for (unsigned szidx = 0; szidx < classes_; ++szidx, shelf.address += layout_.depot_slot.stride) {
            numbers<most_slots> words;
            rows(shelf, slots, words.data());
            for (unsigned i = 0; i < slots; ++i) take_out(szidx, words[i] >> layout_.depot_count_shift);
        }
    }

    void read_arenas() {
        krait_stats& t = totals_;
        t.arenas_current = one(layout_.arenas_current);
        t.arenas_created = std::max(one(layout_.arenas_created), t.arenas_current);
        t.arenas_released = t.arenas_created - t.arenas_current;
        t.arenas_highwater = one(layout_.arenas_highwater);
        const std::uint64_t retained = one(layout_.pools_retained);
        const std::uint64_t dirty_of_current = difference(one(layout_.pools_dirty), retained);
        t.pools_free = one(layout_.pools_free);
        t.bytes_free_pools = t.pools_free * layout_.pool_bytes;
        t.bytes_purged = difference(t.pools_free, dirty_of_current) * layout_.pool_bytes;
        t.bytes_retained = retained * layout_.pool_bytes;
        t.bytes_pool_reserve = t.arenas_current * layout_.guard_pools * layout_.pool_bytes;
        t.bytes_resident = difference(t.arenas_current * layout_.arena_bytes, t.bytes_purged + t.bytes_pool_reserve) +
                           t.bytes_retained;
        t.reserve_learned = one(layout_.pools_learned) * layout_.pool_bytes;
        t.pools_purged = one(layout_.pools_purged);
        t.pools_regretted = one(layout_.pools_regretted);
        t.lock_contended += one(layout_.arenas_contended);
    }

    void add_classes() {
        for (const class_row& each : heap_.classes) {
            const std::uint64_t blocks = each.in_use + each.cached + each.available;
            totals_.pools_used += each.pools;
            totals_.blocks_in_use += each.in_use;
            totals_.bytes_in_use += each.bytes_in_use();
            totals_.bytes_cached += each.cached * each.size;
            totals_.bytes_available += each.available * each.size;
            totals_.bytes_quantization += difference(each.pools * pool_room(), blocks * each.size);
        }
        totals_.bytes_pool_reserve += totals_.pools_used * layout_.pool_reserve;
    }

    // What the tables have mapped, and of it the pages with the records of arenas that were ever in use.
    void read_tables() {
        totals_.bytes_metadata =
            one(layout_.class_table_bytes) + one(layout_.pool_table_bytes) + one(layout_.arena_table_bytes);
        const std::uint64_t arenas = one(layout_.slots_touched);
        const std::uint64_t pools = layout_.pool_bytes == 0 ? 0 : arenas * (layout_.arena_bytes / layout_.pool_bytes);
        totals_.bytes_tables = whole_pages(arenas * layout_.arena_in_use.stride) +
                               whole_pages(pools * layout_.pool_used.stride) +
                               whole_pages(pools * layout_.pool_class.stride);
    }
    std::uint64_t whole_pages(std::uint64_t bytes) {
        const std::uint64_t page = memory_.page_bytes();
        return (bytes + page - 1) / page * page;
    }

    void read_large() {
        const std::uint64_t page = one(layout_.large_page_bytes);
        totals_.large_in_use = one(layout_.large_in_use);
        totals_.large_free = one(layout_.large_pages_free) * page;
        totals_.large_resident = totals_.large_free + one(layout_.large_pages_busy) * page;
        totals_.large_learned = one(layout_.large_pages_learned) * page;
        totals_.large_purged = one(layout_.large_pages_purged) * page;
        totals_.large_regretted = one(layout_.large_pages_regretted) * page;
    }

    void read_rest() {
        totals_.bytes_limit = one(layout_.bytes_limit);
        totals_.limit_alarms = one(layout_.limit_alarms);
        totals_.limit_refusals = one(layout_.limit_refusals);
        totals_.wrong_sizes = layout_.wrong_sizes.width == 0 ? KRAIT_STATS_UNKNOWN : one(layout_.wrong_sizes);
        totals_.trims = one(layout_.trims);
        totals_.bytes_trimmed = one(layout_.bytes_trimmed);
        totals_.trim_longest = one(layout_.trim_longest);
        const address name = one(layout_.system_name);
        if (name == 0) return; // it stays unknown
        heap_.system_name = {};
        memory_.bytes(name, heap_.system_name.data(), heap_.system_name.size() - 1);
    }

    void list_passthrough() {
        for (unsigned band = 0; band < bands_; ++band) {
            const bool is_last = band + 1 == bands_;
            totals_.passthrough_calls += calls_[band];
            totals_.passthrough_bytes += bytes_[band];
            if (calls_[band] == 0) continue;
            heap_.passthrough.push_back(
                {std::uint64_t{512} << (is_last ? band - 1 : band), is_last, calls_[band], bytes_[band]});
        }
    }

    Memory& memory_;
    const krait_stats_layout& layout_;
    heap_snapshot& heap_;
    krait_stats& totals_;
    SeeCache see_cache_;
    unsigned classes_;
    unsigned bands_;
    numbers<run_classes::kept_count> blocks_of_runs_{};
    band_numbers calls_{};
    band_numbers bytes_{};
};

// Adds to an empty snapshot whatever the block tells; see_cache(const cache_row&) hears of each thread's cache.
template <class Memory, class SeeCache>
void read_block(Memory& memory, const krait_stats_layout& layout, heap_snapshot& heap, SeeCache see_cache) {
    block_reader<Memory, SeeCache>(memory, layout, heap, see_cache).read();
}

} // namespace krait
