// Who holds what: the dominator tree of the reached blocks. A block's holder is the nearest one through which every way
// from the roots to it leads; without the holder it would be unreachable.
//
//   A block that a lasting root reaches (heap_graph.hpp) is held by lasting ones: what stacks and registers, and blocks
//   that only these reach, have of it is left aside. Otherwise one pointer in a frame, into the middle of a list, would
//   take half of it from whoever keeps it.
//
//   node      0, above all roots; then holders of roots (a variable, a frame), and blocks, as a walk in depth from the
//             roots comes to them
//   retained  of a node = its own size and those of all that it holds, all the way down
//
//   holder(n) < n;  sum of retained over nodes held by 0 = bytes reached
//
// Built by the method of semidominators and nearest common ancestors (Georgiadis 2005, after Lengauer and Tarjan):
// nearly linear here, and it needs half the arrays. Some 32 bytes for each reached block, and 4 for each edge that
// comes from a node behind; the graph's own edges of reached blocks are given up halfway.
#pragma once

#include "doctor/heap_graph.hpp"

#include <cstdint>
#include <vector>

namespace krait::tools {

using node_id = std::uint32_t;

class dominator_tree {
  public:
    // `starts` has for each group of roots the slots that it leads to. Afterwards the graph has no edges of reached
    // blocks any more.
    dominator_tree(heap_graph& graph, const std::vector<std::vector<slot_id>>& starts);

    std::size_t nodes() const noexcept { return what_.size(); }
    bool is_group(node_id node) const noexcept { return node != 0 && what_[node] >= first_group_; }
    std::size_t group_of(node_id node) const noexcept { return what_[node] - first_group_; }
    slot_id slot_of(node_id node) const noexcept { return what_[node]; }
    // 0 for what is not reached.
    node_id node_of(slot_id slot) const noexcept { return number_[slot]; }
    node_id node_of_group(std::size_t group) const noexcept { return group_node_[group]; }

    node_id holder_of(node_id node) const noexcept { return holder_[node]; }
    std::uint64_t retained_bytes(node_id node) const noexcept { return retained_[node]; }
    std::uint64_t retained_blocks(node_id node) const noexcept { return blocks_[node]; }
    // The nodes held by this one, the heaviest first.
    std::vector<node_id> held_by(node_id node) const;

    // Bytes of this process's memory while it was built.
    std::size_t memory() const noexcept { return memory_; }

  private:
    void number(const heap_graph& graph, const std::vector<std::vector<slot_id>>& starts);
    void find_holders(heap_graph& graph, const std::vector<std::vector<slot_id>>& starts);
    void say_what();
    void add_up(const heap_blocks& blocks);

    slot_id first_group_;
    std::vector<slot_id> what_;   // by node; first_group_ + group for groups
    std::vector<node_id> number_; // by slot
    std::vector<node_id> group_node_;
    std::vector<node_id> holder_; // first the node from which the walk came
    std::vector<std::uint64_t> retained_;
    std::vector<std::uint32_t> blocks_;
    std::vector<node_id> child_start_, children_; // children of n: [child_start_[n], child_start_[n + 1])
    std::size_t memory_ = 0;
};

} // namespace krait::tools
