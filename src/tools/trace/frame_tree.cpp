#include "trace/frame_tree.hpp"

namespace krait::tools {

std::uint32_t frame_tree::child_of(std::uint32_t parent, std::uint32_t frame) {
    const auto [known, is_new] =
        children_.try_emplace(std::uint64_t{parent} << 32 | frame, static_cast<std::uint32_t>(nodes_.size()));
    if (is_new) nodes_.push_back({parent, frame});
    return known->second;
}

std::uint32_t frame_tree::node_of(std::uint32_t stack) {
    if (stack == 0) return 0;
    std::vector<std::uint32_t> path; // up to a stack that is known
    for (std::uint32_t at = stack; at != 0 && of_stack_[at] == unknown; at = profile_.nodes[at].parent)
        path.push_back(at);
    for (; !path.empty(); path.pop_back()) {
        const std::uint32_t at = path.back();
        const std::uint32_t parent = profile_.nodes[at].parent;
        std::uint32_t reached = parent == 0 ? 0 : of_stack_[parent];
        const std::vector<std::uint32_t>& frames = names_.at_node(at);
        for (auto each = frames.rbegin(); each != frames.rend(); ++each) reached = child_of(reached, *each);
        of_stack_[at] = reached;
    }
    return of_stack_[stack];
}

std::vector<stack_cost> costs_of_stacks(const profile& of, frame_names& names, const profile_filter& filter,
                                        frame_tree& tree) {
    place_chooser chooser(of, names, filter);
    std::vector<stack_cost> costs;
    std::unordered_map<std::uint32_t, std::size_t> index;
    for (const profile_place& place : of.places) {
        if (place.is_mapping || !chooser.is_chosen(place)) continue;
        const std::uint32_t node = tree.node_of(place.stack);
        const auto [known, is_new] = index.try_emplace(node, costs.size());
        if (is_new) costs.push_back({node, {}});
        costs[known->second].cost += place.cost;
    }
    return costs;
}

} // namespace krait::tools
