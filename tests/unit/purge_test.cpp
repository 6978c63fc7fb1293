// Which free pools give their pages back, when, and in what order: seen in the pages' contents and the counters.
#include "core/heap.hpp"
#include "core/heap_check.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace {

using G = krait::classic_geometry;
using heap = krait::heap<G>;

constexpr std::size_t blocks_of_a_pool = G::pool_size / 512;
constexpr unsigned szidx = 512 / G::alignment - 1;
constexpr std::size_t pools_of_an_arena = G::pools_per_arena;
constexpr std::size_t step = 64; // pools that go in one purge, at least
constexpr std::size_t page = 16; // numbers of pools that are multiples of this fill pages of up to 64 KiB

class watched_heap {
  public:
    watched_heap(std::size_t least_pools, unsigned share_percent, std::int64_t window_ms,
                 krait::memory_limit* limit = nullptr) {
        heap_.reset(new heap);
        REQUIRE(heap_->open({64 << 20, 0, {least_pools * G::pool_size, share_percent, window_ms}, limit}));
    }
    ~watched_heap() {
        krait::findings found(nullptr);
        heap_->check(found);
        CHECK(found.count() == 0);
        heap_->close();
    }
    watched_heap(const watched_heap&) = delete;
    watched_heap& operator=(const watched_heap&) = delete;

    // The blocks of so many full pools, each filled with ones.
    std::vector<char*> pools(std::size_t count) {
        std::vector<char*> blocks(count * blocks_of_a_pool);
        for (char*& each : blocks) {
            each = static_cast<char*>(heap_->allocate(szidx));
            REQUIRE(each != nullptr);
            std::memset(each, 1, 512);
        }
        return blocks;
    }

    void free(const std::vector<char*>& blocks) {
        for (char* each : blocks) heap_->deallocate(each);
    }

    auto count() const { return heap_->count_arenas(); }
    heap& get() { return *heap_; }

  private:
    std::unique_ptr<heap> heap_;
};

// Pools of the blocks, as pools() gave them, that have their pages still.
std::size_t with_pages(const std::vector<char*>& blocks) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < blocks.size(); i += blocks_of_a_pool) count += blocks[i][100] == 1;
    return count;
}

} // namespace

TEST_CASE("free pools within the reserve keep their pages") {
    watched_heap heap(100, 0, 0);
    const auto live = heap.pools(pools_of_an_arena), freed = heap.pools(100);
    heap.free(freed);
    CHECK(with_pages(freed) == 100);
    CHECK(heap.count().purged == 0);
}

TEST_CASE("beyond the reserve the oldest go back, and never more than needed by an arena") {
    watched_heap heap(100, 0, 0);
    const auto live = heap.pools(page), first = heap.pools(400), second = heap.pools(400);
    heap.free(first);
    heap.free(second);
    const auto now = heap.count();
    CHECK(now.dirty_pools + now.retained_pools < 100 + step);
    CHECK(now.dirty_pools + now.retained_pools + pools_of_an_arena >= 100);
    CHECK(with_pages(first) == 0);
    CHECK(with_pages(second) == now.dirty_pools + now.retained_pools);
    CHECK(now.purged == 800 - with_pages(second));
    CHECK(with_pages(live) == page);
}

TEST_CASE("purging everything leaves live blocks alone and no free page") {
    watched_heap heap(1000, 0, 1000);
    const auto kept = heap.pools(page), freed = heap.pools(208), kept_too = heap.pools(page);
    heap.free(freed);
    CHECK(heap.get().purge_all() == 208 * G::pool_size);
    CHECK(with_pages(freed) == 0);
    CHECK(with_pages(kept) + with_pages(kept_too) == 2 * page);
    CHECK(heap.count().dirty_pools + heap.count().retained_pools == 0);
    CHECK(heap.get().purge_all() == 0);
}

TEST_CASE("a live block keeps its pool's page") {
    watched_heap heap(0, 0, 0);
    auto blocks = heap.pools(300);
    std::vector<char*> survivors;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (i % blocks_of_a_pool == 0)
            survivors.push_back(blocks[i]);
        else
            heap.get().deallocate(blocks[i]);
    }
    heap.get().purge_all();
    CHECK(heap.count().purged == 0);
    for (char* each : survivors) CHECK((each[0] == 1 && each[511] == 1));
}

TEST_CASE("pools that share a page of the operating system get it and give it back together") {
    const std::size_t shared = std::max<std::size_t>(krait::os::page_size() / G::pool_size, 1);
    watched_heap heap(0, 0, 60'000);
    auto blocks = heap.pools(page);
    const std::vector<char*> survivor(blocks.begin(), blocks.begin() + blocks_of_a_pool);
    blocks.erase(blocks.begin(), blocks.begin() + blocks_of_a_pool);
    heap.free(blocks);
    CHECK(heap.get().purge_all() == (page - shared) * G::pool_size);
    CHECK(with_pages(survivor) == 1);
    CHECK(with_pages(blocks) == shared - 1);
    CHECK(heap.count().dirty_pools == shared - 1);
    heap.free(survivor);
    CHECK(heap.get().purge_all() == shared * G::pool_size);
    CHECK(heap.count().dirty_pools == 0);
    static_cast<void>(heap.pools(1));
    CHECK(heap.count().dirty_pools == shared - 1);
    CHECK(heap.count().regrets == shared);
    CHECK(heap.count().learned_pools == shared);
}

TEST_CASE("free pools whose pages cannot go leave the reserve to those that can") {
    const std::size_t shared = std::max<std::size_t>(krait::os::page_size() / G::pool_size, 1);
    watched_heap heap(100, 0, 0);
    std::vector<char*> live, loose;
    for (std::size_t pool = 0; pool < 100 * page; ++pool) {
        const auto blocks = heap.pools(1);
        (pool % page == 0 ? live : loose).insert((pool % page == 0 ? live : loose).end(), blocks.begin(), blocks.end());
    }
    const auto freed = heap.pools(80);
    heap.free(loose);
    const std::uint64_t purged = heap.count().purged;
    heap.free(freed);
    CHECK(with_pages(live) == 100);
    CHECK(with_pages(freed) == 80);
    CHECK(heap.count().dirty_pools + heap.count().retained_pools >= 100 * (shared - 1) + 80);
    if (shared == page) CHECK(purged == 0);
}

TEST_CASE("a pool that is wanted again reads as its class's, counts as a regret and raises the reserve") {
    watched_heap heap(0, 0, 60'000);
    const auto live = heap.pools(page), freed = heap.pools(240);
    heap.free(freed);
    heap.get().purge_all();
    const auto again = heap.pools(240);
    CHECK(with_pages(again) == 240);
    CHECK(heap.count().regrets == 240);
    CHECK(heap.count().learned_pools == 240);
    heap.free(again);
    CHECK(with_pages(again) == 240); // the load that comes and goes stops paying
}

TEST_CASE("the share counts what is in use") {
    watched_heap heap(0, 50, 0);
    const auto live = heap.pools(400), freed = heap.pools(200);
    heap.free(freed);
    CHECK(with_pages(freed) == 200);
}

TEST_CASE("under pymalloc's rule only whole arenas go back") {
    watched_heap heap(0, 0, -1);
    const auto live = heap.pools(1), freed = heap.pools(pools_of_an_arena * 4), scattered = heap.pools(1);
    heap.free(freed);
    const auto now = heap.count();
    CHECK(now.purged == pools_of_an_arena * now.released);
    CHECK(now.released == 3);
    CHECK(with_pages(freed) == pools_of_an_arena);
}

TEST_CASE("at a hard limit a pool without pages is not given out, one with pages is") {
    krait::memory_limit limit;
    limit.open({1 << 12, false, true}); // less than any process has
    watched_heap heap(1000, 0, 0, &limit);
    CHECK(heap.get().allocate(szidx) == nullptr);
    CHECK(heap.count().free_pools == heap.count().current * pools_of_an_arena);
}

TEST_CASE("near a limit no free pool keeps its pages for long") {
    krait::memory_limit limit;
    limit.open({1 << 12, false, false});
    watched_heap heap(1000, 0, 0, &limit);
    const auto live = heap.pools(1), freed = heap.pools(500);
    heap.free(freed);
    CHECK(limit.is_near());
    CHECK(limit.alarms() == 1);
    CHECK(heap.count().dirty_pools + heap.count().retained_pools < step);
}

TEST_CASE("what the kernel refuses to take back stays resident and dirty, and goes when it is taken") {
    watched_heap heap(1000, 0, 1000);
    const auto live = heap.pools(page), freed = heap.pools(320), at_the_end = heap.pools(page);
    // MADV_DONTNEED leaves locked pages alone. A whole page of the process's: an emulator's may be larger than the kernel's, and
    // of that one a part would be locked and the rest go.
    const std::uintptr_t page_bytes = krait::os::page_size();
    const auto within = reinterpret_cast<std::uintptr_t>(freed[freed.size() / 2]);
    auto* const locked = reinterpret_cast<char*>(within - within % page_bytes);
    if (syscall(SYS_mlock, locked, page_bytes) != 0) { // libc's does nothing under a sanitizer
        WARN("no page can be locked in memory here");
        return;
    }
    heap.free(freed);
    const std::size_t gone = heap.get().purge_all() / G::pool_size;
    const auto refused = heap.count();
    CHECK(gone < 320);
    CHECK(refused.dirty_pools + refused.retained_pools == 320 - gone);
    CHECK(refused.purged == gone);
    CHECK(locked[100] == 1);
    CHECK(heap.get().purge_all() == 0);
    syscall(SYS_munlock, locked, page_bytes);
    CHECK(heap.get().purge_all() == (320 - gone) * G::pool_size);
    CHECK(heap.count().dirty_pools + heap.count().retained_pools == 0);
    CHECK(with_pages(freed) == 0);
    CHECK(with_pages(live) + with_pages(at_the_end) == 2 * page);
}

TEST_CASE("where mappings are limited an arena that goes back is unmapped, and comes back empty") {
    watched_heap heap(0, 0, 60'000);
    heap.get().mind_scarcity(true);
    const auto live = heap.pools(page), freed = heap.pools(pools_of_an_arena * 8);
    const krait::arena_id slots = heap.count().slots_touched;
    heap.free(freed);
    heap.get().purge_all();
    const auto& range = heap.get().address_range();
    const auto mapped = [&] {
        krait::arena_id count = 0;
        for (krait::arena_id id = 0; id < slots; ++id) count += range.is_mapped(id);
        return count;
    };
    CHECK(mapped() <= 2);
    char* const in_hole = freed[freed.size() / 2];
    CHECK(heap.get().owns(in_hole));
    CHECK(heap.get().is_in_hole(in_hole));
    CHECK(heap.get().class_at(in_hole) == 0);
    CHECK_FALSE(krait::os::is_mapped(in_hole));
    const auto again = heap.pools(pools_of_an_arena * 8);
    CHECK(heap.count().slots_touched == slots);
    CHECK(mapped() == slots);
    CHECK(heap.count().regrets >= pools_of_an_arena * 7);
    CHECK(with_pages(live) == page);
}

TEST_CASE("elsewhere it stays mapped until it is asked for, also what was never used") {
    watched_heap heap(0, 0, 0);
    const auto live = heap.pools(page), freed = heap.pools(pools_of_an_arena * 8);
    heap.free(freed);
    const auto& range = heap.get().address_range();
    const krait::arena_id committed = range.committed();
    for (krait::arena_id id = 0; id < committed; ++id) CHECK(range.is_mapped(id));
    const std::size_t went = heap.get().unmap_unused() / G::arena_size;
    CHECK(went >= committed - 2);
    for (krait::arena_id id = heap.count().slots_touched; id < committed; ++id) CHECK_FALSE(range.is_mapped(id));
    CHECK(heap.get().unmap_unused() == 0);
    CHECK(with_pages(live) == page);
    const auto again = heap.pools(pools_of_an_arena * 9);
    CHECK(range.committed() >= committed);
}

TEST_CASE("holes that somebody else has mapped do not stop a heap from growing") {
    const bool never_used = GENERATE(false, true);
    watched_heap heap(0, 0, 0);
    const auto live = heap.pools(page), freed = heap.pools(pools_of_an_arena * 8);
    heap.free(freed);
    REQUIRE(heap.get().unmap_unused() > 0);
    const auto& range = heap.get().address_range();
    const krait::arena_id used = heap.count().slots_touched;
    std::vector<void*> others;
    for (krait::arena_id id = never_used ? used : 0; id < (never_used ? range.committed() : used); ++id) {
        if (!range.is_mapped(id) && krait::os::map(range.arena_base(id), krait::os::page_size()))
            others.push_back(range.arena_base(id));
    }
    REQUIRE(!others.empty());
    const std::size_t wanted = pools_of_an_arena * 100;
    CHECK(heap.pools(wanted).size() >= wanted);
    CHECK(with_pages(live) == page);
    for (void* each : others) REQUIRE(krait::os::unmap(each, krait::os::page_size()));
}
