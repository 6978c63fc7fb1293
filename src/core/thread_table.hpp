// The threads, as a side table: what krait keeps for each is here, and outlives it. In a thread's own memory are only a
// pointer to its record and a view of the range (process.hpp).
//
//   record    a thread's cache, presence and counters
//   claim     a thread takes a record at its first slow path, whatever it calls first; nobody else has it until the
//             thread is gone
//   leave     at the thread's end, of which libc tells (os/thread.hpp): the record is vacant, its cache empty
//   adoption  a thread that came by a free may be at its very end already, of which libc tells nobody any more: its
//             record is claimed, with the blocks in it, once the kernel knows the thread no longer, or emptied when
//             everything is to go back
//
//   standing  vacant   in the list of vacant records, or on the way into or out of it
//             serving  its thread is there, and krait will be told of its end
//             unsure   its thread may end without krait being told, and may have ended
//             lost     its thread left krait's own code for good, from a signal handler: what is half done there stays
//                      so
//   owner = claims << 32 | thread     claims counts, so that of two threads that adopt a record one has it
//   first_vacant = changes << 32 | index + 1 of the first vacant record, 0 for none; changes counts, so that a record
//                  which went and came back is not taken for one that was there all along
//   records [0, count) were claimed once. Piece 0 has first_piece of them, each further piece as many as all before it,
//   so no record ever moves; the first piece is here, the others are mapped when they are needed, and stay
//
// Nothing here takes a lock, and each step leaves the table in order: a fork copies it whenever it comes.
#pragma once

#include "base/owned.hpp"
#include "core/column.hpp"
#include "core/passthrough.hpp"
#include "core/thread_cache.hpp"
#include "os/gone_thread.hpp"
#include "os/memory.hpp"
#include "os/presence.hpp"
#include "os/thread.hpp"
#include "os/yield_point.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace krait {

enum class standing : std::uint8_t { vacant, serving, unsure, lost };

template <class G>
struct alignas(64) thread_record {
    thread_cache<G> cache; // first: a bin's address is the record's plus the rounded size
    os::presence presence;
    owned<standing> now;
    owned<bool> will_be_told; // of its thread's end, or asked in vain
    std::uint32_t collections_seen = 0;
    owned<const void*> grown; // where realloc moved a block to, as it grew, the last time that it did
    std::uint32_t index_plus_1 = 0;
    std::atomic<std::uint64_t> owner{0};
    std::atomic<std::uint32_t> next_vacant{0}; // as first_vacant's lower half
    passthrough_counters passthrough;          // of all threads that had it
};

template <class G>
class thread_table {
  public:
    using record = thread_record<G>;

    // A record for a thread that has none; nullptr if there is none to be had. An adopted one has blocks in its cache.
    record* claim(os::thread_id thread, standing as) noexcept {
        record* claimed = take_vacant();
        if (claimed == nullptr && unsure_.load(std::memory_order_relaxed) != 0) claimed = adopt(thread);
        if (claimed == nullptr) claimed = add();
        if (claimed == nullptr) return nullptr;
        claimed->owner.store(next_claim(*claimed, thread), std::memory_order_relaxed);
        claimed->will_be_told.set(false);
        claimed->now.set(standing::serving);
        if (as == standing::unsure) doubt(*claimed);
        return claimed;
    }

    // By the record's thread, which does without it from now on. Its cache is empty and without room.
    void leave(record& own) noexcept {
        if (own.now.get() == standing::unsure) unsure_.fetch_sub(1, std::memory_order_relaxed);
        own.now.set(standing::vacant);
        put_vacant(own);
    }

    // The record's thread may end without krait being told.
    void doubt(record& own) noexcept {
        if (own.now.get() != standing::serving) return;
        own.now.set(standing::unsure);
        unsure_.fetch_add(1, std::memory_order_release);
    }

    // By the record's thread, in the middle of its own slow path, which will never go on.
    void abandon(record& own) noexcept {
        if (own.now.get() == standing::unsure) unsure_.fetch_sub(1, std::memory_order_relaxed);
        own.now.set(standing::lost);
        own.presence.become(os::presence::at::outside);
    }

    // Empties the records of threads that ended without krait being told. In the middle of it, as of claim and leave, a
    // signal handler of this thread may fork, but not come here.
    template <class Empty>
    void reap(os::thread_id thread, Empty&& empty) noexcept {
        if (KRAIT_LIKELY(unsure_.load(std::memory_order_relaxed) == 0) || os::has_filter()) return;
        each([&](record& r) {
            std::uint64_t owner = r.owner.load(std::memory_order_acquire);
            const auto before = static_cast<os::thread_id>(owner);
            if (r.now.get() != standing::unsure || before == thread || !os::is_gone(before)) return;
            if (!r.owner.compare_exchange_strong(owner, next_claim(r, thread), std::memory_order_acq_rel)) return;
            see_all_of_gone(r);
            empty(r.cache);
            leave(r);
        });
    }

    // In a forked child, whose only thread has this record, or none: what the others' caches held was copied at no
    // defined moment, and is lost. `interrupted_claim`: by the handler that forked, or a leave: one of the vacant
    // records is in its hands, so nobody else gets any of them.
    void forget_others_in_child(record* own, os::thread_id thread, bool interrupted_claim) noexcept {
        first_vacant_.store(changed(first_vacant_.load(std::memory_order_relaxed), 0), std::memory_order_relaxed);
        for (std::uint32_t i = 0, end = count_.load(std::memory_order_relaxed); i < end; ++i) {
            record& other = at(i);
            if (&other == own) continue;
            other.cache.forget_in_child();
            other.presence.become(os::presence::at::outside);
            other.now.set(standing::vacant);
            other.index_plus_1 = i + 1;
            if (!interrupted_claim) put_vacant(other);
        }
        const bool is_unsure = own != nullptr && own->now.get() == standing::unsure;
        unsure_.store(is_unsure ? 1 : 0, std::memory_order_relaxed);
        if (own != nullptr) own->owner.store(next_claim(*own, thread), std::memory_order_relaxed);
    }

    // Every record that was ever claimed.
    template <class F>
    void each(F&& visit) noexcept {
        for (std::uint32_t i = 0, end = count_.load(std::memory_order_acquire); i < end; ++i) visit(at(i));
    }
    template <class F>
    void each(F&& visit) const noexcept {
        const_cast<thread_table*>(this)->each([&](const record& r) { visit(r); });
    }

    void describe(krait_stats_layout& block) noexcept {
        const record& first = first_records_[0];
        const auto within = [&first](krait_stats_column column) {
            column.address -= reinterpret_cast<std::uintptr_t>(&first);
            return column;
        };
        pieces_[0].store(first_records_.data(), std::memory_order_relaxed);
        block.thread_bytes = sizeof(record);
        block.thread_first_piece = first_piece;
        block.threads = {reinterpret_cast<std::uintptr_t>(&count_), sizeof count_, sizeof count_};
        block.thread_piece = {reinterpret_cast<std::uintptr_t>(pieces_.data()), sizeof pieces_[0], sizeof pieces_[0]};
        first.cache.describe(block);
        block.thread_standing = column_of(first.now);
        block.thread_owner = column_of(first.owner);
        block.cache_passthrough_calls = column_of(first.passthrough.calls[0]);
        block.cache_passthrough_bytes = column_of(first.passthrough.bytes[0]);
        for (krait_stats_column* each :
             {&block.thread_standing, &block.thread_owner, &block.cache_batch, &block.cache_room, &block.cache_spare,
              &block.cache_large_held, &block.cache_passthrough_calls, &block.cache_passthrough_bytes})
            *each = within(*each);
    }

  private:
    static constexpr std::uint32_t first_piece = 8;
    static constexpr unsigned most_pieces = 16;   // 262,144 threads; the system allocator serves those beyond
    static constexpr unsigned most_questions = 8; // to the kernel, for one claim
    static_assert(std::has_single_bit(first_piece));

    static unsigned piece_of(std::uint32_t index) noexcept {
        return static_cast<unsigned>(std::bit_width(index / first_piece));
    }
    // The first index of the piece, and for all but the first how many records it has.
    static std::uint32_t start_of(unsigned piece) noexcept { return piece == 0 ? 0 : first_piece << (piece - 1); }

    record& at(std::uint32_t index) noexcept {
        const unsigned piece = piece_of(index);
        if (piece == 0) return first_records_[index];
        return pieces_[piece].load(std::memory_order_acquire)[index - start_of(piece)];
    }

    static std::uint64_t next_claim(const record& r, os::thread_id thread) noexcept {
        return ((r.owner.load(std::memory_order_relaxed) >> 32) + 1) << 32 | thread;
    }

    static std::uint64_t changed(std::uint64_t first_vacant, std::uint32_t to) noexcept {
        return ((first_vacant >> 32) + 1) << 32 | to;
    }

    record* take_vacant() noexcept {
        std::uint64_t first = first_vacant_.load(std::memory_order_acquire);
        while (static_cast<std::uint32_t>(first) != 0) {
            record& r = at(static_cast<std::uint32_t>(first) - 1);
            const std::uint32_t next = r.next_vacant.load(std::memory_order_relaxed);
            os::yield_point();
            if (first_vacant_.compare_exchange_weak(first, changed(first, next), std::memory_order_acquire)) return &r;
        }
        return nullptr;
    }

    void put_vacant(record& r) noexcept {
        std::uint64_t first = first_vacant_.load(std::memory_order_relaxed);
        do {
            r.next_vacant.store(static_cast<std::uint32_t>(first), std::memory_order_relaxed);
            os::yield_point();
        } while (!first_vacant_.compare_exchange_weak(first, changed(first, r.index_plus_1), std::memory_order_release,
                                                      std::memory_order_relaxed));
    }

    // Of an unsure record: its thread is gone, or was this one in an earlier life.
    static bool is_adoptable(const record& r, std::uint64_t owner, os::thread_id thread, unsigned& questions) noexcept {
        if (r.now.get() != standing::unsure) return false;
        const auto before = static_cast<os::thread_id>(owner);
        return before == thread || (++questions <= most_questions && os::is_gone(before));
    }

    // Such a thread released what it did on slow paths as it left the last one; what it did on fast paths after that is
    // ordered by the kernel, which says that the thread is gone (os/gone_thread.hpp).
    static void see_all_of_gone(const record& r) noexcept {
        static_cast<void>(r.presence.seen_by_closer());
        os::see_of_gone(&r.cache);
        os::see_of_gone(&r.cache.large());
    }

    record* adopt(os::thread_id thread) noexcept {
        unsigned questions = 0;
        const std::uint32_t end = count_.load(std::memory_order_acquire);
        const std::uint32_t start = next_look_.fetch_add(most_questions, std::memory_order_relaxed);
        for (std::uint32_t i = 0; i < end && questions < most_questions; ++i) {
            record& r = at((start + i) % end);
            std::uint64_t owner = r.owner.load(std::memory_order_acquire);
            if (!is_adoptable(r, owner, thread, questions)) continue;
            os::yield_point();
            if (!r.owner.compare_exchange_strong(owner, next_claim(r, thread), std::memory_order_acq_rel)) continue;
            see_all_of_gone(r);
            unsure_.fetch_sub(1, std::memory_order_relaxed);
            return &r;
        }
        return nullptr;
    }

    record* add() noexcept {
        std::uint32_t index = count_.load(std::memory_order_relaxed);
        do {
            if (!is_mapped(piece_of(index))) return nullptr;
        } while (!count_.compare_exchange_weak(index, index + 1, std::memory_order_acq_rel));
        record& added = at(index);
        added.index_plus_1 = index + 1;
        return &added;
    }

    // Of two threads that map a piece at once, one gives its own back.
    bool is_mapped(unsigned piece) noexcept {
        if (piece == 0) return true;
        if (piece >= most_pieces) return false;
        record* seen = pieces_[piece].load(std::memory_order_acquire);
        if (seen != nullptr) return true;
        const std::size_t bytes = os::page_ceiling(start_of(piece) * sizeof(record));
        auto* const mapped = static_cast<record*>(os::map_anywhere(bytes));
        if (mapped == nullptr) return false;
        if (!pieces_[piece].compare_exchange_strong(seen, mapped, std::memory_order_acq_rel)) os::unmap(mapped, bytes);
        return true;
    }

    std::array<std::atomic<record*>, most_pieces> pieces_{};
    std::atomic<std::uint32_t> count_{0};
    std::atomic<std::uint32_t> unsure_{0};
    std::atomic<std::uint32_t> next_look_{0};
    std::atomic<std::uint64_t> first_vacant_{0};
    std::array<record, first_piece> first_records_{};
};

} // namespace krait
