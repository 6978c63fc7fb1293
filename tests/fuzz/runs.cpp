// The heap of large blocks in one thread, beside the heap of small ones that it has its arenas from, and with caches as several
// threads would have them: every reserve and size of range that the input chooses, against a shadow of the blocks.
//
//   bytes in use of all runs = bytes of live blocks + bytes in caches
//   no block to be had   =>   no arena is left
//   end:   everything given back ─► no run, no page with memory, no arena lent
#include "core/cache_check.hpp"
#include "core/heap_check.hpp"
#include "core/run_heap_check.hpp"
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

namespace krait::fuzz {

namespace {

using G = classic_geometry;
using runs_type = run_heap<G>;

constexpr std::size_t most_calls = 4000; // an input's, for blocks
constexpr std::size_t most_live = 2000;
constexpr std::size_t most_bytes = std::size_t{24} << 20;

// Of the session under way: a source of blocks has no room for an address.
runs_type* large = nullptr;

constexpr run_source from_runs{
    [](unsigned number, unsigned want, void** blocks) noexcept { return large->take(number, want, blocks); },
    [](unsigned number, void* const* blocks, unsigned count) noexcept { large->give(number, blocks, count); },
    [](unsigned number) noexcept { return large->blocks_used(number); },
};

class session {
  public:
    explicit session(input from) : from_(from) {
        static constexpr std::array<std::size_t, 4> arenas{1, 2, 16, 256};
        static constexpr std::array<std::size_t, 4> least_pages{0, 1, 60, 4096};
        static constexpr std::array<unsigned, 4> shares{0, 1, 50, 100};
        static constexpr std::array<std::int64_t, 4> windows{0, -1, 100, 1'000'000};
        static constexpr std::array<std::size_t, 4> caches{1 << 20, 1 << 16, 4096, 8 << 20};
        const std::size_t space = from_.pick(arenas) * G::arena_size;
        const reserve_settings keep{from_.pick(least_pages) * 4096, from_.pick(shares), from_.pick(windows)};
        cache_bytes_ = from_.pick(caches);
        if (from_.once_in(8)) limit_.open({.bytes = 4096});
        KRAIT_REQUIRE(heap_.open({space, 0, keep, &limit_}));
        runs_.open(keep, &limit_);
        KRAIT_REQUIRE(runs_.is_open());
        large = &runs_;
        for (thread_cache<G>& each : caches_) each.start(0, cache_bytes_, &from_runs);
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
    void operate() {
        switch (from_.below(13)) {
        case 0:
        case 1:
        case 2:
            return repeat(choose_count(from_),
                          [this, number = choose_class(), &by = choose_cache()] { allocate(number, by); });
        case 3:
            return repeat(choose_count(from_), [this] { allocate(choose_class(), choose_cache()); });
        case 4:
        case 5:
        case 6:
            return free_some();
        case 7:
            return thin_out(live_.size(), 2 + from_.below(30), [&](std::size_t index) { free(index, choose_cache()); });
        case 8:
            return end_thread(caches_[from_.below(caches_.size())]);
        case 9:
            return small_blocks();
        case 10:
            return purge();
        case 11:
            return repeat(live_.empty() ? 0 : choose_count(from_), [this] { resize(from_.below(live_.size())); });
        default:
            return check();
        }
    }

    static unsigned byte_of(unsigned number) { return runs_type::first_class + number; }

    template <class F>
    void repeat(std::size_t times, F&& operation) {
        for (; times > 0 && calls_ < most_calls; --times) operation();
    }

    // Few classes for most of an input, so that their runs fill; any now and then.
    unsigned choose_class() {
        static constexpr std::array<std::size_t, 8> usual{513, 700, 1024, 1500, 4096, 5000, 32768, 100'000};
        const std::size_t which = from_.below(16);
        return which < usual.size() ? run_classes::of_request(usual[which])
                                    : static_cast<unsigned>(from_.below(run_classes::count));
    }
    thread_cache<G>& choose_cache() { return caches_[from_.below(caches_.size())]; }

    void allocate(unsigned number, thread_cache<G>& by) {
        const std::size_t size = run_classes::table[number].size;
        if (live_.size() == most_live || live_.bytes() + size > most_bytes) return;
        ++calls_;
        void* block = run_classes::is_cached(number) ? by.pop_run(byte_of(number)) : nullptr;
        if (block == nullptr) block = take(number, by);
        if (block == nullptr) return refused();
        KRAIT_REQUIRE(heap_.owns(block) && heap_.class_at(block) == runs_type::first_class + number);
        KRAIT_REQUIRE(runs_.look_up(block, number) == runs_type::place::block);
        live_.add(block, 1, size, 16);
    }

    void* take(unsigned number, thread_cache<G>& by) {
        if (run_classes::is_cached(number)) return by.refill_run(byte_of(number));
        void* block = nullptr;
        return runs_.take(number, 1, &block) == 1 ? block : nullptr;
    }

    void refused() const {
        const auto arenas = heap_.count_arenas();
        const bool no_arena = arenas.current + arenas.lent == heap_.address_range().arena_limit();
        KRAIT_REQUIRE(no_arena);
    }

    void free(std::size_t index, thread_cache<G>& by) {
        ++calls_;
        const live_block removed = live_.remove(index);
        const unsigned number = runs_type::class_of(heap_.class_at(removed.start));
        const unsigned places = runs_.places_of(removed.start, number);
        KRAIT_REQUIRE(std::size_t{run_classes::table[number].size} * places == removed.usable);
        void* const freed = removed.start;
        KRAIT_REQUIRE(block_start<G>::seems_at(freed, byte_of(number)));
        KRAIT_REQUIRE((heap_.address_range().view().class_at(freed) == byte_of(number)) == (places == 1));
        if (run_classes::is_cached(number) && places == 1) {
            if (by.push(byte_of(number), freed)) return;
            return by.overflow_run(byte_of(number), freed);
        }
        freed_mark<G>::link(static_cast<block*>(freed), nullptr, run_classes::table[number].size);
        runs_.give(number, &freed, 1);
        if (heap_.class_at(freed) == runs_type::first_class + number)
            KRAIT_REQUIRE(runs_.look_up(freed, number) == runs_type::place::free_block);
    }

    // Whatever comes of it, the bytes that it has before and after stay, and so does everybody else's.
    void resize(std::size_t index) {
        ++calls_;
        const live_block old = live_[index];
        const unsigned number = runs_type::class_of(heap_.class_at(old.start));
        const std::size_t size = run_classes::table[number].size;
        const std::size_t places = 1 + from_.below(8);
        if (live_.bytes() + places * size > most_bytes) return;
        const live_block removed = live_.remove(index);
        const bool changed = runs_.resize(number, removed.start, static_cast<unsigned>(places));
        const std::size_t usable = changed ? places * size : old.usable;
        KRAIT_REQUIRE(usable == size * runs_.places_of(removed.start, number));
        KRAIT_REQUIRE(old.holds(std::min(old.usable, usable)));
        KRAIT_REQUIRE(!changed || run_classes::may_join(run_classes::table[number]));
        live_.add(removed.start, 1, usable, 16);
        for (std::size_t place = size; place < usable; place += size)
            KRAIT_REQUIRE(runs_.look_up(removed.start + place, number) == runs_type::place::inside);
    }

    void free_some() {
        selection which(from_, live_.size());
        thread_cache<G>& by = choose_cache();
        repeat(std::min(choose_count(from_), live_.size()), [&] { free(which.next(live_.size()), by); });
    }

    // The same slots serve pools, for a while.
    void small_blocks() {
        std::array<void*, 200> blocks{};
        for (void*& each : blocks) each = heap_.allocate(G::class_count - 1);
        for (void* each : blocks) {
            if (each != nullptr) heap_.deallocate(each);
        }
    }

    void end_thread(thread_cache<G>& cache) {
        if (from_.below(2) == 0) return cache.flush(heap_, depot_);
        cache.stop(heap_, depot_);
        cache.start(0, cache_bytes_, &from_runs);
    }

    void purge() {
        const std::uint64_t dirty = runs_.count().bytes_dirty;
        KRAIT_REQUIRE(runs_.purge_all() == dirty);
        KRAIT_REQUIRE(runs_.count().bytes_dirty == 0);
        live_.check_contents();
    }

    void check() {
        live_.check_contents();
        std::size_t cached = 0;
        for (const thread_cache<G>& each : caches_) cached += each.bytes_of_runs();
        KRAIT_REQUIRE(runs_.count().bytes_in_use == live_.bytes() + cached);
        auto file = os::output_file::standard_error();
        text out(os::output_file::sink, &file);
        findings found(&out);
        heap_.check(found);
        runs_.check(found);
        for (const thread_cache<G>& each : caches_) each.check(heap_, found);
        out.flush();
        KRAIT_REQUIRE(found.count() == 0);
    }

    void empty() {
        while (!live_.empty()) free(live_.size() - 1, caches_[0]);
        for (thread_cache<G>& each : caches_) each.stop(heap_, depot_);
        purge();
        const auto now = runs_.count();
        KRAIT_REQUIRE(now.runs == 0 && now.bytes_in_use == 0 && now.bytes_resident == 0);
        KRAIT_REQUIRE(heap_.count_arenas().lent == 0);
        check();
    }

    input from_;
    memory_limit limit_;
    heap<G> heap_;
    runs_type runs_{heap_};
    std::size_t cache_bytes_ = 0;
    std::array<thread_cache<G>, 3> caches_;
    depot<G> depot_;
    live_blocks live_;
    std::size_t calls_ = 0;
};

} // namespace

} // namespace krait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::make_unique<krait::fuzz::session>(krait::fuzz::input({data, size}))->run();
    return 0;
}
