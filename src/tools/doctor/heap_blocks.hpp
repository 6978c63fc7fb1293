// The blocks of a picture: which there are, which of them are the program's, and which one an address lies in.
//
//   slot    a place for a block, numbered by address: those of krait's pools, those of its runs of large blocks
//           (KRAIT_LARGE=own), and behind them the system allocator's blocks
//   live    the program has it: it is in a pool that serves a class, and has no mark of a freed one
//           (core/block_marks.hpp); or it is in a run, by its bit, and has no such mark: no thread keeps it.
//           libkrait_debug.so and libkrait_hard.so know more (block_states.hpp)
//
//   Blocks of 8 bytes, which libkrait8.so has, bear no mark: they all count as live, and none is ever called
//   unreachable.
#pragma once

#include "base/run_classes.hpp"
#include "doctor/address_map.hpp"
#include "doctor/block_states.hpp"
#include "doctor/edge_store.hpp"
#include "doctor/glibc_heap.hpp"
#include "doctor/picture_memory.hpp"
#include "doctor/pieces_ahead.hpp"

#include <krait/stats_block.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace krait::tools {

inline constexpr slot_id no_slot = ~slot_id{0};

class heap_blocks {
  public:
    // `other_blocks` is where the library says which blocks are the program's (core/blocks_note.hpp); 0: all are.
    heap_blocks(const picture_memory& memory, const krait_stats_layout& layout, const address_map& map,
                foreign_address other_blocks);

    slot_id slots() const noexcept { return slots_; }
    slot_id first_of_system() const noexcept { return first_of_system_; }
    // What of it is the program's.
    heap_block operator[](slot_id slot) const noexcept {
        const heap_block core = of_core(slot);
        return states_->has_any() ? states_->of(core).value_or(heap_block{}) : core;
    }
    // The slot that the word leads into if it is an address, with whatever a program keeps in the upper 16 bits of one.
    slot_id slot_at(std::uint64_t word) const noexcept {
        const foreign_address address = word & address_bits;
        if (const std::uint64_t offset = address - base_; offset < range_) return core_slot_at(offset);
        return address - system_start_ < system_bytes_ ? system_slot_at(address) : no_slot;
    }
    // A bit for each slot.
    const std::vector<std::uint64_t>& live_words() const noexcept { return live_; }
    // All live ones: visit(slot, size).
    template <class Visit>
    void for_each_live(Visit&& visit) const;
    bool is_live(slot_id slot) const noexcept { return (live_[slot / 64] >> slot % 64 & 1) != 0; }
    bool may_be_told_free(slot_id slot) const noexcept { return slot >= first_of_system_ || of_core(slot).size != 8; }
    // A live block with this address in it, or no_slot.
    slot_id live_at(std::uint64_t word) const noexcept {
        const slot_id slot = slot_at(word);
        return slot != no_slot && is_live(slot) ? slot : no_slot;
    }

    // Whether words[i] is where a vector's room ends, and only by that where the next block, `to`, starts: before it
    // are the start of the block before and an address in the middle of that one. Somebody who has all three, and the
    // block behind too, has it a second time.
    bool is_end_of_vector(const std::uint64_t* words, std::size_t i, slot_id to) const noexcept {
        if (i < 2 || !(words[i - 2] < words[i - 1] && words[i - 1] < words[i])) return false;
        if (to == 0 || slot_at(words[i - 2]) != to - 1 || to == first_of_system_) return false;
        return (*this)[to - 1].start == words[i - 2] && (*this)[to].start == words[i];
    }

    // Memory that is no root: blocks, and what krait and glibc keep beside them. By address.
    const std::vector<picture_memory::span>& covered() const noexcept { return covered_; }
    // Those of threads, among them.
    const std::vector<picture_memory::span>& records() const noexcept { return records_of_threads_; }
    // Bytes of memory that blocks are in, live or not.
    std::uint64_t bytes() const noexcept { return bytes_; }

    // Reads all blocks once and finds the live ones; each piece of one is shown as visit(slot, words, count), in order,
    // and done(slot) follows when there is no more of it, also for slots that are free.
    template <class Visit, class Done>
    void read(Visit&& visit, Done&& done);
    // One of the system allocator's, at any time before: show(words, count).
    template <class Show>
    void read_system_block(slot_id slot, Show&& show) const;

  private:
    static constexpr std::uint64_t address_bits = (std::uint64_t{1} << 48) - 1;
    static constexpr std::size_t piece_bytes = pieces_ahead::most_bytes;

    struct small_class {
        std::uint32_t inverse = 0; // 2^32 / size, rounded up
        std::uint32_t size = 0, capacity = 0;
    };

    heap_block of_core(slot_id slot) const noexcept;
    slot_id core_slot_at(std::uint64_t offset) const noexcept;
    bool is_free(heap_block core, const char* content) const noexcept {
        if (states_->has_marks() && is_marked_free(core.start, core.size, content)) return true;
        return states_->has_any() && !states_->of(core);
    }
    bool is_small(std::size_t pool) const noexcept {
        return class_of_pool_[pool] != 0 && !is_run(class_of_pool_[pool]);
    }
    // Small blocks are read by pieces of pools that lie behind each other.
    std::size_t end_of_piece(std::size_t pool) const noexcept;
    std::vector<picture_memory::span> pieces_of_small() const;
    void read_tables(const krait_stats_layout& layout);
    void count_slots();
    void cover(foreign_address start, std::uint64_t size);
    void cover_records(const krait_stats_layout& layout);
    bool is_run(std::uint8_t class_byte) const noexcept { return class_byte > class_count_; }
    bool starts_run(std::size_t pool) const noexcept;
    std::uint8_t noted_class(std::size_t pool) const noexcept;
    const run_class& run_class_of(std::uint8_t class_byte) const noexcept {
        return run_classes::table[class_byte - class_count_ - 1];
    }
    static bool is_marked_free(foreign_address block, std::uint64_t size, const char* content) noexcept;
    struct run_bits { // as a run's record begins (core/run.hpp)
        std::array<std::uint64_t, 2> free;
        std::uint64_t joined;
    };
    run_bits bits_of_run(std::size_t pool) const noexcept;
    // Places in the run that the block has which starts at that one: those behind the first are slots of no block.
    unsigned places_from(std::size_t pool, unsigned index) const noexcept;
    unsigned start_of_block(std::size_t pool, unsigned index) const noexcept;
    slot_id system_slot_at(foreign_address address) const noexcept;
    void set_live(slot_id slot) noexcept { live_[slot / 64] |= std::uint64_t{1} << slot % 64; }
    template <class Visit, class Done>
    void read_pool(std::size_t pool, const char* content, Visit&& visit, Done&& done);
    template <class Visit, class Done>
    void read_run(std::size_t pool, std::vector<char>& content, Visit&& visit, Done&& done);

    const picture_memory& memory_;
    foreign_address base_ = 0; // of the range of pools
    std::uint64_t range_ = 0;  // its bytes
    unsigned pool_shift_ = 12;
    std::uint64_t pool_reserve_ = 0;
    std::uint64_t class_count_ = 0;
    foreign_address records_ = 0;            // of pools, where runs have theirs too
    std::array<small_class, 256> classes_{}; // by class byte
    std::vector<std::uint8_t> class_of_pool_;
    std::vector<slot_id> first_slot_;      // of each pool; ascending
    std::vector<std::uint32_t> pool_near_; // of every 64th slot the last pool that does not begin behind it
    std::unordered_map<std::size_t, std::uint64_t>
        joined_; // of runs in which blocks grew in place, by their first pool
    std::vector<system_block> system_;
    foreign_address system_start_ = 0; // of the first of them
    std::uint64_t system_bytes_ = 0;   // from there to the end of the last
    std::unique_ptr<block_states> states_;
    slot_id first_of_system_ = 0, slots_ = 0;
    std::uint64_t bytes_ = 0;
    std::vector<std::uint64_t> live_;
    std::vector<picture_memory::span> covered_, records_of_threads_;
};

template <class Visit, class Done>
void heap_blocks::read_pool(std::size_t pool, const char* content, Visit&& visit, Done&& done) {
    const small_class& of = classes_[class_of_pool_[pool]];
    const foreign_address start = base_ + (std::uint64_t{pool} << pool_shift_) + pool_reserve_;
    slot_id slot = first_slot_[pool];
    for (std::uint32_t i = 0; i < of.capacity; ++i, ++slot) {
        const std::uint64_t at = std::uint64_t{i} * of.size;
        const char* const own = content + pool_reserve_ + at;
        if (!is_free({start + at, of.size}, own)) {
            set_live(slot);
            visit(slot, reinterpret_cast<const std::uint64_t*>(own), of.size / sizeof(std::uint64_t));
        }
        done(slot);
    }
}

template <class Visit, class Done>
void heap_blocks::read_run(std::size_t pool, std::vector<char>& content, Visit&& visit, Done&& done) {
    const run_class& of = run_class_of(class_of_pool_[pool]);
    const foreign_address start = base_ + (std::uint64_t{pool} << pool_shift_);
    const std::array<std::uint64_t, 2> free = bits_of_run(pool).free;
    memory_.read(start, content.data(), of.run_bytes);
    slot_id slot = first_slot_[pool];
    for (std::uint32_t i = 0; i < of.capacity; ++i, ++slot) {
        const std::uint64_t at = std::uint64_t{i} * of.size;
        const char* const own = content.data() + at;
        const bool is_in_hand = (free[i / 64] >> i % 64 & 1) != 0 || is_marked_free(start + at, of.size, own);
        const unsigned places = is_in_hand ? 1 : places_from(pool, i);
        if (!is_in_hand && states_->of({start + at, places * of.size})) {
            set_live(slot);
            visit(slot, reinterpret_cast<const std::uint64_t*>(own), places * of.size / sizeof(std::uint64_t));
        }
        done(slot);
        for (unsigned behind = 1; behind < places; ++behind, ++i) done(++slot);
    }
}

template <class Visit, class Done>
void heap_blocks::read(Visit&& visit, Done&& done) {
    std::vector<char> content(piece_bytes); // of a run
    const std::size_t pool_bytes = std::size_t{1} << pool_shift_;
    pieces_ahead ahead(memory_, pieces_of_small());
    for (std::size_t pool = 0; pool < class_of_pool_.size();) {
        if (starts_run(pool)) read_run(pool, content, visit, done);
        if (!is_small(pool)) {
            ++pool;
            continue;
        }
        const std::size_t end = end_of_piece(pool);
        for (const char* at = ahead.next(); pool < end; ++pool, at += pool_bytes) read_pool(pool, at, visit, done);
    }
    for (slot_id slot = first_of_system_; slot < slots_; ++slot) {
        const system_block& of = system_[slot - first_of_system_];
        if (states_->of({of.start, of.size})) {
            set_live(slot);
            read_system_block(slot, [&](const std::uint64_t* words, std::size_t count) { visit(slot, words, count); });
        }
        done(slot);
    }
}

template <class Visit>
void heap_blocks::for_each_live(Visit&& visit) const {
    const auto visit_range = [&](slot_id first, slot_id end, std::uint64_t size) {
        for (slot_id slot = first; slot < end; ++slot)
            if (is_live(slot)) visit(slot, size != 0 ? size : (*this)[slot].size);
    };
    for (std::size_t pool = 0; pool < class_of_pool_.size(); ++pool) {
        if (!is_small(pool) && !starts_run(pool)) continue;
        const slot_id end = pool + 1 < first_slot_.size() ? first_slot_[pool + 1] : first_of_system_;
        const bool has_own_sizes = !is_small(pool) || states_->has_any();
        visit_range(first_slot_[pool], end, has_own_sizes ? 0 : classes_[class_of_pool_[pool]].size);
    }
    visit_range(first_of_system_, slots_, 0);
}

template <class Show>
void heap_blocks::read_system_block(slot_id slot, Show&& show) const {
    const system_block& of = system_[slot - first_of_system_];
    std::vector<std::uint64_t> content(std::min<std::uint64_t>(of.size, piece_bytes) / sizeof(std::uint64_t));
    for (std::uint64_t at = 0; at + sizeof content[0] <= of.size;) {
        const std::size_t count = std::min<std::uint64_t>((of.size - at) / sizeof content[0], content.size());
        memory_.read(of.start + at, content.data(), count * sizeof content[0]);
        show(content.data(), count);
        at += count * sizeof content[0];
    }
}

} // namespace krait::tools
