// A thread's own free blocks, in front of the shared heap: they do the work that CPython's GIL does for pymalloc.
//
// malloc ─► bin's list ─► (empty) spare batch ─► a batch from the depot ─► pools
// free   ─► bin's list ─► (full) becomes the spare batch; the spare before it ─► the depot ─► (no slot) pools
//
//   bins[0] belongs to no class: its head stays nullptr, so that malloc(0) reaches the slow path through the test that
//   is there anyway. bins[szidx + 1] belongs to class szidx; those behind are of runs' blocks, by their class bytes
//   (run_heap.hpp), and empty where krait has none. malloc and free know no difference; the slow paths do:
//
//   malloc ─► bin's list ─► (empty) some blocks from their runs
//   free   ─► bin's list ─► (full) half of it goes to its runs
//
// A signal handler may interrupt any of it and pop or push: bin.hpp says how the slow paths do with that.
//
// What the bin may keep, its batch, grows where blocks that were given up are missed, up to a bound in bytes. So a
// thread that only allocates keeps little of what it frees one day, though it takes twice as much from its pools each
// time; its list is longer than its batch then, and the first block freed makes it the spare one. A spare batch that
// is needed again was one given up: the batch doubles, or becomes as long as that. It shrinks while this thread only
// frees: blocks kept then would hold pages for nothing. It shrinks to 12 blocks, and further where little is left of
// the class (kept_of_class.hpp), and what is taken from pools next shrinks with it. Only the owning thread touches
// blocks and links; counts are read by statistics at any time.
#pragma once

#include "base/owned.hpp"
#include "base/run_classes.hpp"
#include "core/bin.hpp"
#include "core/block_marks.hpp"
#include "core/column.hpp"
#include "core/depot.hpp"
#include "core/heap.hpp"
#include "core/kept_of_class.hpp"
#include "core/large_cache.hpp"
#include "core/pool.hpp"
#include "core/ready_blocks.hpp"
#include "core/run_share.hpp"
#include "os/gone_thread.hpp"
#include "os/yield_point.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

namespace krait {

template <class G>
class thread_cache {
    using bin = krait::bin<G>;
    static_assert(sizeof(bin) == 16, "for 16-byte classes the bin's offset is the rounded size itself");

    // First, so that a bin's address is the cache's plus the rounded size, with nothing else to add.
    alignas(sizeof(bin)) std::array<bin, G::class_count + 1 + run_classes::count> bins_{};

  public:
    // The free block for a request of up to most_by_size, or nullptr: then the slow path decides. So it does where the
    // block is not intact.
    [[gnu::always_inline]] void* pop(std::size_t bytes) noexcept {
        constexpr std::uint32_t to_round_up = G::alignment - 1;
        const std::size_t at = (static_cast<std::uint32_t>(bytes) + to_round_up) >> G::alignment_shift;
        void* const first = bins_[at].pop(G::class_size(G::szidx_of(bytes)));
        os::leave_for_when_gone(this);
        return first;
    }
    // The same for a bin, of blocks of at least two words.
    [[gnu::always_inline]] void* pop_run(unsigned class_byte) noexcept {
        void* const first = bins_[class_byte].pop(G::pool_size);
        os::leave_for_when_gone(this);
        return first;
    }

    // The most that pop serves: where runs' classes go on as those of pools do, some of theirs too.
    static constexpr std::size_t most_by_size =
        G::alignment == run_classes::fine_step ? run_classes::most_fine : G::small_request_threshold;

    // What pop would look at first.
    const block* first_of(unsigned szidx) const noexcept { return bins_[szidx + 1].head; }

    // Takes the block if there is room for it. `bin_index` is szidx + 1, or 0 for a block of no class.
    bool push(unsigned bin_index, void* freed) noexcept {
        const bool is_taken = bins_[bin_index].push(freed, std::size_t{bin_index} << G::alignment_shift);
        os::leave_for_when_gone(this);
        return is_taken;
    }

    // After pop found nothing: a block from the spare batch, the depot or the pools; nullptr when no arena can be had.
    void* refill(unsigned szidx, heap<G>& h, depot<G>& d) noexcept;

    // After push found no room: makes room, and takes the block.
    void overflow(unsigned szidx, void* freed, heap<G>& h, depot<G>& d) noexcept;

    // After pop_run found nothing: a block of the class from its runs, and some for the next requests; nullptr when no
    // memory is to be had. Its mark is on.
    void* refill_run(unsigned class_byte) noexcept;

    // After push found no room: some of the bin's blocks go back to their runs, or this one does.
    void overflow_run(unsigned class_byte, void* freed) noexcept;

    // Whether the bins keep blocks of runs.
    bool keeps_runs() const noexcept { return source_ != nullptr; }
    // Bytes of such. Any thread: a recent value.
    std::size_t bytes_of_runs() const noexcept {
        std::size_t sum = 0;
        for (unsigned number = 0; number < run_classes::kept_count; ++number)
            sum += bins_[first_of_runs + number].listed() * run_classes::table[number].size;
        return sum;
    }

    // After pop found nothing: if that was because the first block is not intact, this is told, and the list is given
    // up: its blocks count as in use for ever.
    void check_first(unsigned szidx, std::size_t class_size) noexcept;
    // The same of a list whose first block is out already.
    void give_up(unsigned szidx) noexcept {
        bins_[szidx + 1].take_list();
        bins_[szidx + 1].set_list(nullptr, 0);
    }

    // After push found no room, while no lock may be taken: the block waits until the call that a signal handler
    // interrupted is over.
    void let_wait(unsigned bin_index, void* freed) noexcept {
        auto* const first = static_cast<block*>(freed);
        block* before = waiting_.load(std::memory_order_relaxed);
        do {
            freed_mark<G>::link(first, before, G::class_size(bin_index - 1));
        } while (!waiting_.compare_exchange_weak(before, first, std::memory_order_relaxed));
    }
    bool has_waiting() const noexcept { return waiting_.load(std::memory_order_relaxed) != nullptr; }
    // `give` is called with each of them.
    template <class Give>
    [[gnu::cold, gnu::noinline]] void give_waiting(Give&& give) noexcept;

    // Serves from now on, for the thread that just got it: until the first time every bin is empty and without room.
    // It may have blocks of a thread that is gone. `batch_bytes` bounds a batch of one class; two of them may be held.
    // `large_bytes` bounds what is kept of larger blocks: of runs, if there is a source of such, else of the system
    // allocator's.
    void start(std::size_t batch_bytes, std::size_t large_bytes, const run_source* source = nullptr) noexcept;
    bool is_started() const noexcept { return is_started_.get(); }

    // Gives every block back.
    void flush(heap<G>& h, depot<G>& d) noexcept;

    // Gives every block back and is as before the start.
    void stop(heap<G>& h, depot<G>& d) noexcept;

    // In a forked child, for a thread that does not exist there: its blocks were copied at no defined moment, and are
    // lost.
    void forget_in_child() noexcept;

    // Adds what is wrong with the lists (cache_check.hpp). Only the owning thread, inside.
    void check(const heap<G>& h, findings& found) const noexcept;
    // The same for the spare batches. Also while the owning thread is not inside.
    void check_spares(const heap<G>& h, findings& found) const noexcept;

    // Blocks of the class held here. Any thread: a recent value.
    std::uint64_t blocks(unsigned szidx) const noexcept {
        return bins_[szidx + 1].listed() + spares_[szidx].count.get();
    }

    // This thread's free blocks of over 512 bytes.
    large_cache& large() noexcept { return large_; }
    const large_cache& large() const noexcept { return large_; }
    // In a hardened product, the blocks in front of the bins.
    ready_blocks<G>& ready() noexcept { return ready_; }

    void describe(krait_stats_layout& block) const noexcept {
        block.cache_batch = column_of(bins_[1].batch, sizeof(bin));
        block.cache_room = column_of(bins_[1].room, sizeof(bin));
        block.cache_spare = column_of(spares_[0].count, sizeof(spare));
        block.cache_large_held = column_of(large_.held());
    }

  private:
    struct spare {
        block* head = nullptr;
        owned<std::uint32_t> count;
        std::uint32_t fruitless = 0; // batches given to pools since the last refill: nobody wants these blocks
        std::uint32_t parted = 0;    // blocks given to the depot or to pools, and not missed since
        std::int32_t fetched = 0;    // blocks that pools were asked for the last time; the batch, if it shrank since
        kept_of_class kept;
    };

    static constexpr unsigned first_of_runs = G::class_count + 1; // as run_heap's class bytes

    // A thread that frees this many batches in a row that nobody takes is not going to want them back soon.
    static constexpr std::uint32_t patience = 4;
    static constexpr std::int32_t least_batch = 12;
    static constexpr std::int32_t first_batch = 4;
    static constexpr std::int32_t most_blocks = 256;
    static constexpr std::int32_t fewest = 2;
    static constexpr std::int32_t growth = 4; // of a batch that is missed

    std::int32_t largest_batch(unsigned szidx) const noexcept {
        const auto fitting = static_cast<std::int32_t>(batch_bytes_ / G::class_size(szidx));
        return fitting < least_batch ? least_batch : fitting < most_blocks ? fitting : most_blocks;
    }

    // Of a class of which so many blocks are handed out, for a thread that only frees.
    std::int32_t batch_to_free(unsigned szidx, std::uint64_t used) noexcept {
        const std::int32_t batch = std::min(bins_[szidx + 1].batch.get(), least_batch);
        const std::uint64_t kept = spares_[szidx].kept.blocks(used, static_cast<std::uint32_t>(batch), serving());
        return static_cast<std::int32_t>(std::clamp<std::uint64_t>(kept, fewest, least_batch));
    }

    // Threads that have caches, this one among them.
    static std::uint32_t serving() noexcept { return std::max(serving_.load(std::memory_order_relaxed), 1u); }

    static chain take_spare(spare& s) noexcept {
        const chain all{s.head, s.count.get()};
        s.head = nullptr;
        s.count.set(0);
        return all;
    }

    [[gnu::noinline]] void give_runs(unsigned number, chain blocks) noexcept;
    [[gnu::noinline]] chain keep_first(unsigned number, chain all, std::uint32_t kept) noexcept;
    [[gnu::noinline]] void make_room_in_turn() noexcept;
    std::uint32_t batch_of_runs(unsigned number, std::uint32_t batch) noexcept;
    void empty_runs() noexcept;
    static std::uint32_t as_seen(chain list) noexcept {
        return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(list.head) >> 4) ^ list.count << 24;
    }

    void dispose(unsigned szidx, chain blocks, heap<G>& h, depot<G>& d) noexcept;
    void drain(unsigned szidx, heap<G>& h, depot<G>& d) noexcept;
    static void grow(bin& b, spare& s, std::int32_t most) noexcept {
        s.parted -= std::min(s.parted, static_cast<std::uint32_t>(b.batch.get()));
        b.batch.set(std::min(growth * b.batch.get(), most));
    }
    void end_serving() noexcept {
        if (!is_started_.get()) return;
        is_started_.set(false);
        serving_.fetch_sub(1, std::memory_order_relaxed);
    }

    std::array<spare, G::class_count> spares_{};
    std::size_t batch_bytes_ = 0;
    unsigned visited_ = 0; // the class whose slots in the depot were looked at last
    owned<bool> is_started_;
    static inline constinit std::atomic<std::uint32_t> serving_{0}; // caches that are started; a child may count more
    std::atomic<block*> waiting_{nullptr};                          // this thread's and its signal handlers' own
    large_cache large_;
    [[no_unique_address]] ready_blocks<G> ready_;
    const run_source* source_ = nullptr;
    run_share share_;
    std::array<kept_of_class, run_classes::kept_count> kept_of_runs_;
    std::array<std::uint32_t, run_classes::kept_count> seen_{}; // what a bin's list was when its turn came last
};

template <class G>
void thread_cache<G>::start(std::size_t batch_bytes, std::size_t large_bytes, const run_source* source) noexcept {
    batch_bytes_ = batch_bytes;
    ready_.start();
    large_.start(source == nullptr ? large_bytes : 0);
    source_ = large_bytes != 0 ? source : nullptr;
    if (source_ != nullptr) {
        std::size_t promised = 0;
        for (unsigned number = 0; number < run_classes::kept_count; ++number)
            promised +=
                static_cast<std::size_t>(bins_[first_of_runs + number].batch.get()) * run_classes::table[number].size;
        share_.start(large_bytes, promised);
    }
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        bin& b = bins_[szidx + 1];
        const std::int32_t more = first_batch - b.batch.get();
        b.batch.set(first_batch);
        b.room.add_at_once(more);
        spares_[szidx].parted = 0;
        spares_[szidx].fetched = 0;
        spares_[szidx].kept = {};
    }
    kept_of_runs_.fill({});
    if (is_started_.get()) return; // by the thread that is gone
    serving_.fetch_add(1, std::memory_order_relaxed);
    is_started_.set(true);
}

template <class G>
void thread_cache<G>::forget_in_child() noexcept {
    for (bin& b : bins_) {
        b.head = nullptr;
        b.batch.set(0);
        b.room.set(0);
    }
    for (spare& s : spares_) {
        take_spare(s);
        s.fruitless = 0;
    }
    end_serving();
    waiting_.store(nullptr, std::memory_order_relaxed);
    large_.forget_in_child();
    ready_.forget_in_child();
    source_ = nullptr;
}

template <class G>
template <class Give>
void thread_cache<G>::give_waiting(Give&& give) noexcept {
    block* first = waiting_.exchange(nullptr, std::memory_order_relaxed);
    while (first != nullptr) {
        block* const freed = first;
        first = freed_mark<G>::next_of(first);
        give(freed);
    }
}

template <class G>
void thread_cache<G>::check_first(unsigned szidx, std::size_t class_size) noexcept {
    bin& b = bins_[szidx + 1];
    const auto is_damaged = [class_size](const block* first) {
        return first != nullptr && KRAIT_UNLIKELY(!freed_mark<G>::is_intact(first, class_size));
    };
    if (!is_damaged(b.head)) return;
    const chain all = b.take_list(); // a signal handler may have taken that block, and written to it
    const bool gives_up = is_damaged(all.head);
    b.set_list(gives_up ? nullptr : all.head, gives_up ? 0 : all.count);
    if (gives_up) process::refuse_damaged(all.head, class_size);
}

template <class G>
void* thread_cache<G>::refill(unsigned szidx, heap<G>& h, depot<G>& d) noexcept {
    bin& b = bins_[szidx + 1];
    spare& s = spares_[szidx];
    if (const chain came = b.take_list(); KRAIT_UNLIKELY(came.head != nullptr))
        return b.take_what_came(came, G::class_size(szidx));
    s.fruitless = 0;
    chain blocks = take_spare(s);
    os::yield_point();
    const std::int32_t most = largest_batch(szidx);
    if (blocks.head != nullptr) {
        b.batch.set(std::min(std::max(2 * b.batch.get(), static_cast<std::int32_t>(blocks.count)), most));
    } else {
        if (s.parted != 0) grow(b, s, most);
        blocks = d.take(szidx);
        os::yield_point();
        if (blocks.head == nullptr) {
            s.fetched = std::min(std::max(2 * s.fetched, b.batch.get()), most);
            blocks = h.take(szidx, static_cast<std::uint32_t>(s.fetched));
        }
        if (blocks.head == nullptr) {
            b.set_list(nullptr, 0);
            return nullptr;
        }
    }
    b.set_list(freed_mark<G>::next_of(blocks.head), blocks.count - 1);
    return blocks.head;
}

template <class G>
void thread_cache<G>::overflow(unsigned szidx, void* freed, heap<G>& h, depot<G>& d) noexcept {
    bin& b = bins_[szidx + 1];
    spare& s = spares_[szidx];
    const chain full = b.take_list();
    os::yield_point();
    if (s.fruitless < patience) {
        const chain before = take_spare(s);
        s.head = full.head;
        os::yield_point();
        s.count.set(full.count);
        if (before.head != nullptr) dispose(szidx, before, h, d);
    } else {
        if (s.head != nullptr) dispose(szidx, take_spare(s), h, d);
        if (full.head != nullptr) dispose(szidx, full, h, d);
        b.batch.set(std::max(b.batch.get() / 2, batch_to_free(szidx, h.blocks_used(szidx))));
        s.fetched = b.batch.get();
    }
    auto* const first = static_cast<block*>(freed);
    freed_mark<G>::link(first, nullptr, G::class_size(szidx));
    b.set_list(first, 1);
}

// Hands a batch on: to whoever wants it, or to its pools.
template <class G>
void thread_cache<G>::dispose(unsigned szidx, chain blocks, heap<G>& h, depot<G>& d) noexcept {
    spares_[szidx].parted += blocks.count;
    visited_ = (visited_ + 1) % G::class_count;
    if (d.is_stale(visited_)) drain(visited_, h, d);
    if (d.put(szidx, blocks)) {
        spares_[szidx].fruitless = 0;
        return;
    }
    os::yield_point();
    h.give(szidx, blocks);
    if (++spares_[szidx].fruitless == patience) drain(szidx, h, d);
}

// Sends what nobody takes from the depot to its pools.
template <class G>
void thread_cache<G>::drain(unsigned szidx, heap<G>& h, depot<G>& d) noexcept {
    for (chain unwanted = d.drain(szidx); unwanted.head != nullptr; unwanted = d.drain(szidx)) h.give(szidx, unwanted);
}

template <class G>
void thread_cache<G>::stop(heap<G>& h, depot<G>& d) noexcept {
    ready_.stop(h);
    flush(h, d);
    large_.stop();
    source_ = nullptr;
    end_serving();
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        bin& b = bins_[szidx + 1];
        const chain came_meanwhile = b.take_list();
        b.batch.set(0);
        b.set_list(nullptr, 0);
        spares_[szidx].fruitless = 0;
        if (came_meanwhile.head != nullptr) h.give(szidx, came_meanwhile);
    }
}

template <class G>
void thread_cache<G>::flush(heap<G>& h, depot<G>& d) noexcept {
    ready_.flush(h);
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        for (const chain blocks : {bins_[szidx + 1].take_list(), take_spare(spares_[szidx])}) {
            os::yield_point();
            if (blocks.head != nullptr && !d.put(szidx, blocks)) h.give(szidx, blocks);
        }
        bins_[szidx + 1].set_list(nullptr, 0);
    }
    large_.flush();
    empty_runs();
}

template <class G>
void* thread_cache<G>::refill_run(unsigned class_byte) noexcept {
    const unsigned number = class_byte - first_of_runs;
    bin& b = bins_[class_byte];
    if (const chain came = b.take_list(); KRAIT_UNLIKELY(came.head != nullptr))
        return b.take_what_came(came, run_classes::table[number].size);
    const auto batch = static_cast<std::uint32_t>(b.batch.get());
    unsigned wanted = run_share::to_fetch(number, batch);
    unsigned more = share_.promise(number, batch, wanted);
    if (more < wanted) {
        make_room_in_turn();
        more += share_.promise(number, batch + more, wanted - more);
    }
    const auto kept = static_cast<std::uint32_t>(b.batch.get()) + more;
    wanted = std::min<unsigned>(wanted, kept + 1);
    std::array<void*, run_source::most_at_once> blocks;
    const unsigned count = source_->take(number, wanted, blocks.data());
    os::yield_point();
    block* head = nullptr;
    for (unsigned i = count; i-- > 1;) {
        auto* const each = static_cast<block*>(blocks[i]);
        freed_mark<G>::link(each, head, run_classes::table[number].size);
        head = each;
    }
    if (count != 0) share_.miss(number, count);
    b.batch.set(static_cast<std::int32_t>(kept));
    b.set_list(head, count != 0 ? count - 1 : 0);
    return count != 0 ? blocks[0] : nullptr;
}

// The most that the bin, which is full, may keep from now on.
template <class G>
std::uint32_t thread_cache<G>::batch_of_runs(unsigned number, std::uint32_t batch) noexcept {
    if (!share_.only_parts(number, batch)) return batch;
    const std::uint64_t part = kept_of_runs_[number].blocks(source_->used(number), batch, serving());
    const auto now = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(part, std::min(batch, 1u), batch));
    share_.take_back(number, batch - now);
    return now;
}

template <class G>
void thread_cache<G>::overflow_run(unsigned class_byte, void* freed) noexcept {
    constexpr std::uint32_t least_parted = 2; // at once; else the block alone goes
    const unsigned number = class_byte - first_of_runs;
    bin& b = bins_[class_byte];
    auto* const last = static_cast<block*>(freed);
    const chain full = b.take_list();
    os::yield_point();
    const std::uint32_t batch = batch_of_runs(number, static_cast<std::uint32_t>(b.batch.get()));
    const std::uint32_t kept = std::min(full.count / 2, batch - std::min(batch, 1u));
    b.batch.set(static_cast<std::int32_t>(batch));
    if (full.count - kept < least_parted && full.count <= batch) {
        freed_mark<G>::link(last, nullptr, run_classes::table[number].size);
        share_.part(number, 1);
        b.set_list(full.head, full.count);
        source_->give(number, &freed, 1);
        return;
    }
    share_.part(number, full.count - kept);
    const chain stays = keep_first(number, full, kept);
    if (share_.is_over()) make_room_in_turn();
    freed_mark<G>::link(last, stays.head, run_classes::table[number].size);
    b.set_list(last, stays.count + 1);
}

// The rest goes back to its runs. Fewer may be kept, where the list was written to.
template <class G>
chain thread_cache<G>::keep_first(unsigned number, chain all, std::uint32_t kept) noexcept {
    const std::size_t size = run_classes::table[number].size;
    block* last = nullptr;
    block* rest = all.head;
    std::uint32_t count = 0;
    for (; count < kept && KRAIT_LIKELY(rest != nullptr && freed_mark<G>::is_intact(rest, size)); ++count) {
        last = rest;
        rest = freed_mark<G>::next_of(rest);
    }
    if (last == nullptr) {
        give_runs(number, all);
        return {};
    }
    freed_mark<G>::link(last, nullptr, size);
    give_runs(number, {rest, all.count - count});
    return {all.head, count};
}

template <class G>
void thread_cache<G>::give_runs(unsigned number, chain blocks) noexcept {
    const std::size_t size = run_classes::table[number].size;
    std::array<void*, run_source::most_at_once> given;
    for (block* next = blocks.head; next != nullptr;) {
        unsigned count = 0;
        while (next != nullptr && count < given.size() && count < blocks.count) {
            block* const each = next;
            if (KRAIT_UNLIKELY(!freed_mark<G>::is_intact(each, size))) { // it, and what it led to, is lost
                process::refuse_damaged(each, size);
                next = nullptr;
                break;
            }
            next = freed_mark<G>::next_of(each);
            given[count++] = each;
        }
        source_->give(number, given.data(), count);
        blocks.count -= count;
        if (KRAIT_UNLIKELY(blocks.count == 0 && next != nullptr)) { // a block of it was freed twice, unnoticed
            process::refuse_damaged(next, size);
            break;
        }
    }
}

// Where the budget is used up: the class whose turn it is parts with all, if its list is as it was at its last turn,
// else with half of the room that it does not use, and of its blocks where it has none, but for the least.
template <class G>
void thread_cache<G>::make_room_in_turn() noexcept {
    constexpr unsigned most_looks = 16;
    for (unsigned looks = 0; looks < most_looks; ++looks) {
        const unsigned number = share_.next_in_turn();
        bin& b = bins_[first_of_runs + number];
        const auto batch = static_cast<std::uint32_t>(b.batch.get());
        if (batch == 0 || is_closed(b.room.get())) continue; // closed: it is the one that asks
        const chain all = b.take_list();
        const bool is_idle = as_seen(all) == seen_[number];
        const std::uint32_t least = std::min(batch, share_.least_batch(number));
        const std::uint32_t unused = batch - std::min(batch, all.count);
        const std::uint32_t fewer = std::min(all.count, std::max(all.count / 2, least));
        const std::uint32_t kept = is_idle ? 0 : unused >= 2 ? all.count : fewer;
        const std::uint32_t now = is_idle ? 0 : std::max({least, kept, unused >= 2 ? batch - unused / 2 : batch / 2});
        const chain stays = kept < all.count ? keep_first(number, all, kept) : all;
        share_.part(number, all.count - stays.count);
        share_.take_back(number, batch - now);
        seen_[number] = as_seen(stays);
        b.batch.set(static_cast<std::int32_t>(now));
        b.set_list(stays.head, stays.count);
        return;
    }
}

template <class G>
void thread_cache<G>::empty_runs() noexcept {
    if (source_ == nullptr) return;
    for (unsigned number = 0; number < run_classes::kept_count; ++number) {
        bin& b = bins_[first_of_runs + number];
        if (b.batch.get() == 0) continue;
        const chain all = b.take_list();
        share_.take_back(number, static_cast<std::uint32_t>(b.batch.get()));
        b.batch.set(0);
        b.set_list(nullptr, 0);
        if (all.head != nullptr) give_runs(number, all);
    }
}

} // namespace krait
