// The heap template in one thread, with caches and a depot as several threads would have them: every geometry, reserve, size of
// range and pool reserve that the input chooses, against a shadow of the blocks.
//
//   blocks_used of a class = live blocks + blocks in caches and depot
//   no block to be had   =>   no pool is free, and the class has no block left
//   end:   everything given back ─► no pool serves a class, one arena at most
#include "core/cache_check.hpp"
#include "core/heap_check.hpp"
#include "input.hpp"
#include "live_blocks.hpp"
#include "operations.hpp"
#include "os/file.hpp"
#include "require.hpp"
#include "selection.hpp"
#include "sizes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace krait::fuzz {

namespace {

constexpr std::size_t most_calls = 8000; // an input's, for blocks
constexpr std::size_t most_live = 5000;

struct chosen_settings {
    heap_settings heap;
    std::size_t batch_bytes;
    bool is_near_limit; // of the process's memory, so that nothing is kept
};

template <class G>
chosen_settings choose_settings(input& from) {
    static constexpr std::array<std::size_t, 4> arenas{1, 2, 8, 64};
    static constexpr std::array<std::size_t, 4> pool_reserves{0, 0, 48, 16};
    static constexpr std::array<std::size_t, 4> least_pools{0, 1, 60, 256};
    static constexpr std::array<unsigned, 4> shares{0, 1, 50, 100};
    static constexpr std::array<std::int64_t, 4> windows{0, -1, 100, 1'000'000};
    static constexpr std::array<std::size_t, 4> batches{16384, 1, 512, 4096};
    chosen_settings chosen;
    chosen.heap.address_space = from.pick(arenas) * G::arena_size;
    chosen.heap.pool_reserve = from.pick(pool_reserves);
    chosen.heap.keep = {from.pick(least_pools) * G::pool_size, from.pick(shares), from.pick(windows)};
    chosen.batch_bytes = from.pick(batches);
    chosen.is_near_limit = from.once_in(8);
    return chosen;
}

template <class G>
class session {
  public:
    explicit session(input from) : from_(from) {
        chosen_settings chosen = choose_settings<G>(from_);
        batch_bytes_ = chosen.batch_bytes;
        if (chosen.is_near_limit) limit_.open({.bytes = 4096});
        chosen.heap.limit = &limit_;
        KRAIT_REQUIRE(heap_.open(chosen.heap));
        depot_.open(heap_.address_range().base());
        for (auto& each : caches_) renew(each);
    }
    ~session() { heap_.close(); }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    void run() {
        while (!from_.is_over() && calls_ < most_calls) operate();
        check();
        empty();
        operations.add(calls_);
    }

  private:
    using cache = thread_cache<G>;

    void operate() {
        switch (from_.below(20)) {
        case 0:
        case 1:
        case 2:
            return repeat(choose_count(from_), [this, szidx = choose_class()] { allocate(szidx); });
        case 3:
        case 4:
        case 5:
            return repeat(choose_count(from_),
                          [this, szidx = choose_class(), &by = choose_cache()] { allocate(szidx, by); });
        case 6:
            return repeat(choose_count(from_), [this] { allocate(choose_class(), choose_cache()); });
        case 7:
        case 8:
            return take();
        case 9:
        case 10:
            return deallocate_some(nullptr);
        case 11:
        case 12:
        case 13:
            return deallocate_some(&choose_cache());
        case 14:
        case 15:
            return give();
        case 16:
            return deallocate_most(2 + from_.below(30));
        case 17:
            return end_thread(from_.below(caches_.size()));
        case 18:
            return purge();
        default:
            return check();
        }
    }

    template <class F>
    void repeat(std::size_t times, F&& operation) {
        for (; times > 0 && calls_ < most_calls; --times) operation();
    }

    // Few classes for most of an input, so that their pools fill; any now and then.
    unsigned choose_class() {
        static constexpr std::array<std::size_t, 8> usual{512, 512, 16, 48, 256, 400, 128, 496};
        const std::size_t which = from_.below(16);
        return which < usual.size() ? G::szidx_of(usual[which]) : static_cast<unsigned>(from_.below(G::class_count));
    }
    cache& choose_cache() { return *caches_[from_.below(caches_.size())]; }

    void renew(std::unique_ptr<cache>& each) {
        each = std::make_unique<cache>();
        each->start(batch_bytes_, 0);
    }

    void gained(void* block, unsigned szidx) {
        ++calls_;
        if (block == nullptr) return refused(szidx);
        KRAIT_REQUIRE(heap_.owns(block) && heap_.class_at(block) == szidx + 1);
        ++live_of_class_[szidx];
        live_.add(block, 1, G::class_size(szidx), G::alignment);
    }

    void refused(unsigned szidx) const {
        const auto arenas = heap_.count_arenas();
        KRAIT_REQUIRE(arenas.current == heap_.address_range().arena_limit() && arenas.free_pools == 0);
        KRAIT_REQUIRE(heap_.count_class(szidx).blocks_available == 0);
    }

    void allocate(unsigned szidx) {
        if (live_.size() < most_live) gained(heap_.allocate(szidx), szidx);
    }

    void allocate(unsigned szidx, cache& by) {
        if (live_.size() == most_live) return;
        void* const block = by.pop(G::class_size(szidx));
        gained(block != nullptr ? block : by.refill(szidx, heap_, depot_), szidx);
    }

    void take() {
        const unsigned szidx = choose_class();
        const auto want = static_cast<std::uint32_t>(choose_count(from_));
        if (live_.size() + want > most_live) return;
        const chain taken = heap_.take(szidx, want);
        std::uint32_t count = 0;
        for (block *each = taken.head, *next; each != nullptr; each = next, ++count) {
            next = each->next; // the pattern overwrites it
            gained(each, szidx);
        }
        KRAIT_REQUIRE(count == taken.count);
        if (count == 0) refused(szidx);
    }

    // The block, its bytes whole, no longer live.
    void* lost(std::size_t index) {
        ++calls_;
        const live_block removed = live_.remove(index);
        KRAIT_REQUIRE(heap_.class_at(removed.start) == G::szidx_of(removed.usable) + 1);
        --live_of_class_[G::szidx_of(removed.usable)];
        return removed.start;
    }

    void deallocate(void* freed, cache* by) {
        if (by == nullptr) return heap_.deallocate(freed);
        const unsigned bin_index = heap_.class_at(freed);
        if (by->push(bin_index, freed)) return;
        by->overflow(bin_index - 1, freed, heap_, depot_);
    }

    void deallocate_some(cache* by) {
        selection which(from_, live_.size());
        repeat(std::min(choose_count(from_), live_.size()), [&] { deallocate(lost(which.next(live_.size())), by); });
    }

    void deallocate_most(std::size_t kept) {
        cache* const by = from_.below(2) == 0 ? nullptr : &choose_cache();
        thin_out(live_.size(), kept, [&](std::size_t index) { deallocate(lost(index), by); });
    }

    // Live blocks of one class, some or all of them, in one chain.
    void give() {
        if (live_.empty()) return;
        const std::size_t usable = live_[from_.below(live_.size())].usable;
        const std::size_t most = from_.once_in(4) ? live_.size() : choose_count(from_);
        chain given;
        for (std::size_t i = live_.size(); i-- > 0 && given.count < most;) {
            if (live_[i].usable != usable) continue;
            auto* const first = static_cast<block*>(lost(i));
            freed_mark<G>::link(first, given.head, usable);
            given = {first, given.count + 1};
        }
        heap_.give(G::szidx_of(usable), given);
    }

    // The thread's end, and another's start.
    void end_thread(std::size_t which) {
        if (from_.below(2) == 0)
            caches_[which]->flush(heap_, depot_);
        else {
            if (from_.below(2) == 0) caches_[which]->stop(heap_, depot_); // else the next one adopts its blocks
            caches_[which]->start(batch_bytes_, 0);
        }
    }

    void purge() {
        const auto before = heap_.count_arenas();
        const std::size_t went = heap_.purge_all();
        const auto after = heap_.count_arenas();
        KRAIT_REQUIRE(went == (before.dirty_pools + before.retained_pools) * G::pool_size);
        KRAIT_REQUIRE(after.dirty_pools == 0 && after.retained_pools == 0);
        KRAIT_REQUIRE((after.purged - before.purged) * G::pool_size == went);
        live_.check_contents();
    }

    void check() {
        live_.check_contents();
        check_counts();
        auto file = os::output_file::standard_error();
        text out(os::output_file::sink, &file);
        findings found(&out);
        heap_.check(found);
        for (const auto& each : caches_) each->check(heap_, found);
        depot_.check(heap_, found);
        out.flush();
        KRAIT_REQUIRE(found.count() == 0);
    }

    void check_counts() const {
        std::uint64_t pools = 0;
        for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
            const auto c = heap_.count_class(szidx);
            std::uint64_t cached = depot_.blocks(szidx);
            for (const auto& each : caches_) cached += each->blocks(szidx);
            KRAIT_REQUIRE(c.blocks_used == live_of_class_[szidx] + cached);
            const std::size_t capacity = (G::pool_size - heap_.pool_reserve()) / G::class_size(szidx);
            KRAIT_REQUIRE(c.blocks_used + c.blocks_available == c.pools * capacity);
            pools += c.pools;
        }
        const auto arenas = heap_.count_arenas();
        KRAIT_REQUIRE(pools + arenas.free_pools == std::uint64_t{arenas.current} * G::pools_per_arena);
        KRAIT_REQUIRE(arenas.current == arenas.created - arenas.released && arenas.current <= arenas.highwater);
        KRAIT_REQUIRE(arenas.dirty_pools <= arenas.free_pools && arenas.regrets <= arenas.purged);
    }

    void empty() {
        while (!live_.empty()) deallocate(lost(live_.size() - 1), nullptr);
        for (const auto& each : caches_) each->stop(heap_, depot_);
        for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
            for (chain left = depot_.drain(szidx); left.head != nullptr; left = depot_.drain(szidx))
                heap_.give(szidx, left);
            KRAIT_REQUIRE(heap_.count_class(szidx).pools == 0);
        }
        const auto arenas = heap_.count_arenas();
        KRAIT_REQUIRE(arenas.current <= 1); // one is kept, as in pymalloc
        KRAIT_REQUIRE(arenas.free_pools == std::uint64_t{arenas.current} * G::pools_per_arena);
        purge();
        check();
    }

    input from_;
    memory_limit limit_;
    heap<G> heap_;
    depot<G> depot_;
    std::size_t batch_bytes_;
    std::array<std::unique_ptr<cache>, 3> caches_;
    live_blocks live_;
    std::array<std::uint64_t, G::class_count> live_of_class_{};
    std::size_t calls_ = 0;
};

template <class G>
void run(input from) {
    std::make_unique<session<G>>(from)->run();
}

} // namespace

} // namespace krait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace krait;
    fuzz::input from({data, size});
    static constexpr std::array runs{fuzz::run<classic_geometry>, fuzz::run<classic8_geometry>,
                                     fuzz::run<cpython_geometry>};
    from.pick(runs)(from);
    return 0;
}
