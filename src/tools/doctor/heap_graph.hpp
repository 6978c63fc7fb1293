// What a picture's blocks are to each other: who leads to whom, who is reached from a root, and who is not.
//
//   edge         an aligned word of a live block that leads into a live block, to its start or inside; between objects
//                of the object layer what their fields refer to, and no other word (exact_objects.hpp)
//   reached      from a root word along edges; what is live and not reached is unreachable
//   lasting      reached from a root that stays: a variable, thread-local storage, a mapping; not only from stacks and
//                registers, which hold what they hold for a moment
//   lost         an unreachable block that no other unreachable one leads to; or, of blocks that lead to each other in
//                a circle and that nobody else leads to, one of them
//   behind       what a lost block leads to, all the way, and no lost one before it led to already
//
//   live = reached + lost + behind all lost
//
// Where all edges are kept, marking needs two bits a slot, the streams of edges and a stack of slots; dominators.hpp
// needs more.
#pragma once

#include "doctor/edge_store.hpp"
#include "doctor/exact_objects.hpp"
#include "doctor/heap_blocks.hpp"
#include "doctor/roots.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace krait::tools {

struct block_total {
    std::uint64_t blocks = 0, bytes = 0;

    void add(std::uint64_t size) noexcept { ++blocks, bytes += size; }
    block_total& operator+=(const block_total& other) noexcept {
        blocks += other.blocks;
        bytes += other.bytes;
        return *this;
    }
    bool operator==(const block_total&) const = default;
};

struct lost_block {
    slot_id slot = no_slot;
    bool is_circle = false;
    block_total behind;
};

class heap_graph {
  public:
    // Reads all blocks; from those in `opaque`, in ascending order, no word leads anywhere. Where only what is
    // unreachable is asked for, `from` are the roots' words: what is known to be reached when it is read needs no edges
    // kept, and mark() has little left to do.
    heap_graph(heap_blocks& blocks, const exact_objects& objects, const std::vector<slot_id>& opaque,
               const std::vector<root_word>* from);

    // What is reached from these.
    void mark(const std::vector<root_word>& from);
    bool is_reached(slot_id slot) const noexcept { return blocks_.is_live(slot) && !is_left(slot); }
    bool is_lasting(slot_id slot) const noexcept {
        return is_reached(slot) && (not_lasting_[slot / 64] >> slot % 64 & 1) == 0;
    }
    bool is_unreachable(slot_id slot) const noexcept { return is_left(slot); }

    // By address. Afterwards nothing counts as unreachable any more but what is in the list, or behind it.
    std::vector<lost_block> find_lost() const;

    template <class F>
    void for_each_target(slot_id from, F&& visit) const {
        edges_->for_each(from, [&](slot_id to) {
            if (to != from && blocks_.is_live(to)) visit(to);
        });
    }
    const edge_store& edges() const noexcept { return *edges_; }
    void forget_edges_of_reached() {
        edges_->keep([this](slot_id slot) { return is_left(slot); });
    }
    const heap_blocks& blocks() const noexcept { return blocks_; }
    // Bytes of this process's memory that the graph takes.
    std::size_t memory() const noexcept;

    block_total live() const noexcept { return live_; }
    block_total unreachable() const noexcept { return unreachable_; }

  private:
    bool is_left(slot_id slot) const noexcept { return (left_[slot / 64] >> slot % 64 & 1) != 0; }
    void reach(slot_id slot, slot_id read, std::vector<slot_id>& to_visit);
    void reach_first(const std::vector<root_word>& words, const exact_objects& objects,
                     const std::vector<slot_id>& opaque);
    void mark_from(const std::vector<root_word>& words, bool is_lasting);
    void drain(std::vector<slot_id>& to_visit);

    const heap_blocks& blocks_;
    std::unique_ptr<edge_store> edges_;
    std::vector<std::uint64_t> reached_;     // while blocks are read, where marking is done meanwhile
    std::vector<std::uint64_t> left_;        // live, and not reached yet
    std::vector<std::uint64_t> not_lasting_; // left_, when everything lasting was reached
    block_total live_, unreachable_;
    std::size_t most_to_visit_ = 0;
};

} // namespace krait::tools
