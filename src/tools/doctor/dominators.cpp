#include "doctor/dominators.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace krait::tools {

dominator_tree::dominator_tree(const heap_graph& graph, const std::vector<std::vector<slot_id>>& starts)
    : first_group_(graph.blocks().slots()) {
    number(graph, starts);
    find_holders(graph, starts);
    add_up(graph.blocks());
}

void dominator_tree::number(const heap_graph& graph, const std::vector<std::vector<slot_id>>& starts) {
    number_.resize(graph.blocks().slots());
    group_node_.resize(starts.size());
    what_.push_back(no_slot);
    holder_.push_back(0);
    const auto add = [this](slot_id what, node_id from) {
        const auto node = static_cast<node_id>(what_.size());
        what_.push_back(what);
        holder_.push_back(from);
        return node;
    };
    struct step {
        node_id node;
        edge_store::cursor edges;
    };
    std::vector<step> path;
    for (std::size_t group = 0; group < starts.size(); ++group) {
        const node_id of_group = group_node_[group] = add(static_cast<slot_id>(first_group_ + group), 0);
        for (const slot_id start : starts[group]) {
            if (number_[start] != 0) continue;
            number_[start] = add(start, of_group);
            path.push_back({number_[start], graph.edges().of(start)});
            while (!path.empty()) {
                slot_id to = no_slot;
                if (!path.back().edges.next(to)) {
                    path.pop_back();
                } else if (number_[to] == 0 && graph.blocks().is_live(to) &&
                           counts(graph, what_[path.back().node], to)) {
                    number_[to] = add(to, path.back().node);
                    path.push_back({number_[to], graph.edges().of(to)});
                }
            }
        }
    }
}

void dominator_tree::find_holders(const heap_graph& graph, const std::vector<std::vector<slot_id>>& starts) {
    const std::size_t count = nodes();
    // From where edges come, by node. Those of node 0 to groups are its only ones.
    std::vector<std::uint64_t> first(count + 1);
    const auto for_each_edge = [&](auto visit) {
        for (std::size_t group = 0; group < starts.size(); ++group)
            for (const slot_id start : starts[group]) visit(group_node_[group], number_[start]);
        for (node_id node = 1; node < count; ++node) {
            if (is_group(node)) continue;
            graph.for_each_target(what_[node], [&](slot_id to) {
                if (counts(graph, what_[node], to)) visit(node, number_[to]);
            });
        }
    };
    for_each_edge([&](node_id, node_id to) { ++first[to + 1]; });
    std::partial_sum(first.begin(), first.end(), first.begin());
    std::vector<node_id> from(first.back());
    {
        std::vector<std::uint64_t> next(first.begin(), first.end() - 1);
        for_each_edge([&](node_id source, node_id to) { from[next[to]++] = source; });
        memory_ = next.size() * sizeof next[0];
    }

    std::vector<node_id> ancestor(holder_), semi(count), best(count), path;
    std::iota(semi.begin(), semi.end(), 0);
    std::iota(best.begin(), best.end(), 0);
    // The node with the least semidominator on the way up from one to those that are not linked yet.
    const auto least_above = [&](node_id node, node_id linked) {
        if (ancestor[node] < linked) return best[node];
        path.clear();
        do {
            path.push_back(node);
            node = ancestor[node];
        } while (ancestor[node] >= linked);
        node_id above = node, above_best = best[node];
        while (!path.empty()) {
            node = path.back();
            path.pop_back();
            ancestor[node] = ancestor[above];
            if (semi[above_best] < semi[best[node]])
                best[node] = above_best;
            else
                above_best = best[node];
            above = node;
        }
        return best[node];
    };
    for (std::size_t i = count; i-- > 1;) {
        const auto node = static_cast<node_id>(i);
        semi[node] = holder_[node];
        for (std::uint64_t edge = first[i]; edge < first[i + 1]; ++edge)
            semi[node] = std::min(semi[node], semi[least_above(from[edge], node + 1)]);
    }
    for (node_id node = 1; node < count; ++node) {
        node_id up = holder_[node];
        while (up > semi[node]) up = holder_[up];
        holder_[node] = up;
    }
    memory_ += first.size() * sizeof first[0] + (from.size() + what_.size() + number_.size() + holder_.size() +
                                                 ancestor.size() + semi.size() + best.size()) *
                                                    sizeof(node_id);
}

void dominator_tree::add_up(const heap_blocks& blocks) {
    const std::size_t count = nodes();
    retained_.resize(count);
    blocks_.resize(count);
    child_start_.resize(count + 2);
    for (std::size_t i = count; i-- > 1;) {
        const auto node = static_cast<node_id>(i);
        if (!is_group(node)) {
            retained_[node] += blocks[what_[node]].size;
            ++blocks_[node];
        }
        retained_[holder_[node]] += retained_[node];
        blocks_[holder_[node]] += blocks_[node];
        ++child_start_[holder_[node] + 2];
    }
    std::partial_sum(child_start_.begin(), child_start_.end(), child_start_.begin());
    children_.resize(count - 1);
    for (node_id node = 1; node < count; ++node) children_[child_start_[holder_[node] + 1]++] = node;
}

std::vector<node_id> dominator_tree::held_by(node_id node) const {
    std::vector<node_id> held(children_.begin() + child_start_[node], children_.begin() + child_start_[node + 1]);
    std::stable_sort(held.begin(), held.end(), [this](node_id a, node_id b) { return retained_[a] > retained_[b]; });
    return held;
}

} // namespace krait::tools
