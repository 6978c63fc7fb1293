// The stacks of a profile as a tree of frames, for what draws and writes stacks: stacks that differ in addresses alone,
// or in the thread, come together. Node 0 is the root; a node's parent is before it.
#pragma once

#include "trace/frames.hpp"
#include "trace/groups.hpp"

#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

namespace krait::tools {

class frame_tree {
  public:
    struct node {
        std::uint32_t parent;
        std::uint32_t frame;
    };

    frame_tree(const profile& of, frame_names& names)
        : profile_(of), names_(names), of_stack_(of.nodes.size(), unknown) {}

    // The node of a stack, made at its first question.
    std::uint32_t node_of(std::uint32_t stack);
    const std::vector<node>& nodes() const noexcept { return nodes_; }

    // Frames of a node, innermost first.
    template <class Take>
    void for_each_up(std::uint32_t at, Take take) const {
        for (; at != 0; at = nodes_[at].parent) take(nodes_[at].frame);
    }

  private:
    static constexpr std::uint32_t unknown = std::numeric_limits<std::uint32_t>::max();

    std::uint32_t child_of(std::uint32_t parent, std::uint32_t frame);

    const profile& profile_;
    frame_names& names_;
    std::vector<node> nodes_{{0, 0}};
    std::vector<std::uint32_t> of_stack_;
    std::unordered_map<std::uint64_t, std::uint32_t> children_;
};

// What one node of the tree costs, over all threads.
struct stack_cost {
    std::uint32_t node;
    metrics cost;
};
std::vector<stack_cost> costs_of_stacks(const profile& of, frame_names& names, const profile_filter& filter,
                                        frame_tree& tree);

} // namespace krait::tools
