#include "doctor/dominators.hpp"

#include "failure.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace krait::tools {

dominator_tree::dominator_tree(heap_graph& graph, const std::vector<std::vector<slot_id>>& starts)
    : first_group_(graph.blocks().slots()) {
    number(graph, starts);
    find_holders(graph, starts);
    say_what();
    add_up(graph.blocks());
}

void dominator_tree::number(const heap_graph& graph, const std::vector<std::vector<slot_id>>& starts) {
    number_.resize(graph.blocks().slots());
    group_node_.resize(starts.size());
    // Room that is never touched costs nothing; room that grows is there twice meanwhile.
    const std::size_t most = graph.live().blocks + starts.size() + 1;
    holder_.reserve(most);
    holder_.push_back(0);
    struct step {
        edge_store::cursor edges;
        node_id node;
        bool is_lasting;
    };
    std::vector<step> path;
    path.reserve(most);
    std::size_t longest = 0;
    const auto enter = [&](slot_id slot, node_id from) {
        const auto node = static_cast<node_id>(holder_.size());
        holder_.push_back(from);
        number_[slot] = node;
        const edge_store::cursor edges = graph.edges().of(slot);
        if (edges.is_at_end()) return;
        path.push_back({edges, node, graph.is_lasting(slot)});
        longest = std::max(longest, path.size());
        constexpr int most_asked_for = 8;
        edge_store::cursor ahead = edges;
        slot_id to = no_slot;
        for (int i = 0; i < most_asked_for && ahead.next(to); ++i) {
            __builtin_prefetch(&number_[to]);
            graph.edges().prefetch_index(to);
        }
    };
    for (std::size_t group = 0; group < starts.size(); ++group) {
        const node_id of_group = group_node_[group] = static_cast<node_id>(holder_.size());
        holder_.push_back(0);
        for (const slot_id start : starts[group]) {
            if (number_[start] != 0) continue;
            enter(start, of_group);
            while (!path.empty()) {
                step& last = path.back();
                const node_id node = last.node;
                const bool is_lasting = last.is_lasting;
                slot_id to = no_slot;
                last.edges.next(to);
                // Who has no more edges need not be come back to: a list makes no long path.
                if (last.edges.is_at_end()) path.pop_back();
                if (number_[to] != 0 || !graph.blocks().is_live(to)) continue;
                if (is_lasting || !graph.is_lasting(to)) enter(to, node);
            }
        }
    }
    memory_ = longest * sizeof path[0];
}

namespace {

// Of a node, while holders are looked for: what is known of the edges into it.
struct into_node {
    std::uint32_t first = 0; // of those from nodes behind it; before they are put in order, how many there are
    node_id semi = 0;        // the least node before it that leads to it; in the end its semidominator
};

// Of a node behind the one that is looked at: the way up from it, shortened as it is gone.
struct way_up {
    node_id ancestor = 0;
    node_id least = 0; // semidominator of those on the way to the ancestor
};

// All edges between nodes, by their slots. Some tens are taken at a time, in three steps: what one looks at in memory
// is asked for in the step before.
template <class Visit>
void for_each_edge_of_blocks(const heap_graph& graph, const std::vector<node_id>& number,
                             const std::vector<into_node>& into, Visit&& visit) {
    struct edge {
        node_id from, to;
    };
    struct edge_to_slot {
        node_id from;
        slot_id to;
        bool is_lasting;
    };
    constexpr std::size_t most = 64;
    std::array<edge_to_slot, most> read;
    std::array<edge, most> numbered;
    std::size_t count = 0;
    const auto take = [&] {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!read[i].is_lasting && graph.is_lasting(read[i].to)) continue;
            numbered[kept] = {read[i].from, number[read[i].to]};
            __builtin_prefetch(&into[numbered[kept++].to], 1);
        }
        for (std::size_t i = 0; i < kept; ++i) visit(numbered[i].from, numbered[i].to);
        count = 0;
    };
    for (slot_id from = 0; from < graph.blocks().slots(); ++from) {
        if (number[from] == 0) continue;
        const bool is_lasting = graph.is_lasting(from);
        graph.for_each_target(from, [&](slot_id to) {
            __builtin_prefetch(&number[to]);
            read[count++] = {number[from], to, is_lasting};
            if (count == most) take();
        });
    }
    take();
}

} // namespace

// Of the edges from nodes before one only the least matters, by itself: kept are those from nodes behind.
void dominator_tree::find_holders(heap_graph& graph, const std::vector<std::vector<slot_id>>& starts) {
    const std::size_t count = holder_.size();
    std::vector<into_node> into(count + 1);
    const auto for_each_edge = [&](auto visit) {
        for (std::size_t group = 0; group < starts.size(); ++group)
            for (const slot_id start : starts[group]) visit(group_node_[group], number_[start]);
        for_each_edge_of_blocks(graph, number_, into, visit);
    };
    for (node_id node = 1; node < count; ++node) into[node].semi = holder_[node];
    std::uint64_t from_behind = 0;
    for_each_edge([&](node_id from, node_id to) {
        if (from < to) {
            into[to].semi = std::min(into[to].semi, from);
        } else {
            ++into[to].first;
            ++from_behind;
        }
    });
    if (from_behind > UINT32_MAX) fail("the process has too many pointers for the tree of holders: {}", from_behind);
    for (node_id node = 1; node <= count; ++node) into[node].first += into[node - 1].first;
    std::vector<node_id> behind(from_behind);
    for_each_edge([&](node_id from, node_id to) {
        if (from > to) behind[--into[to].first] = from;
    });
    const std::size_t before = graph.memory();
    graph.forget_edges_of_reached();
    const std::size_t forgotten = before - graph.memory();

    std::vector<way_up> up(count);
    std::vector<node_id> path;
    // The least semidominator on the way up from a node to those that are not linked yet.
    const auto least_above = [&](node_id node, node_id linked) {
        if (up[node].ancestor < linked) return up[node].least;
        do {
            path.push_back(node);
            node = up[node].ancestor;
        } while (up[node].ancestor >= linked);
        const node_id top = up[node].ancestor;
        node_id least = up[node].least;
        while (!path.empty()) {
            way_up& below = up[path.back()];
            path.pop_back();
            least = below.least = std::min(below.least, least);
            below.ancestor = top;
        }
        return least;
    };
    constexpr std::uint32_t ahead = 16;
    for (std::size_t i = count; i-- > 1;) {
        const auto node = static_cast<node_id>(i);
        for (std::uint32_t edge = into[i].first; edge < into[i + 1].first; ++edge) {
            if (edge >= ahead) __builtin_prefetch(&up[behind[edge - ahead]]);
            into[i].semi = std::min(into[i].semi, least_above(behind[edge], node + 1));
        }
        up[i] = {holder_[i], into[i].semi};
    }
    for (node_id node = 1; node < count; ++node) {
        node_id holder = holder_[node];
        while (holder > into[node].semi) holder = holder_[holder];
        holder_[node] = holder;
    }
    const std::size_t for_ways = up.size() * sizeof up[0];
    memory_ = (number_.size() + holder_.size()) * sizeof(node_id) +
              std::max(memory_, into.size() * sizeof into[0] + behind.size() * sizeof behind[0] +
                                    (for_ways > forgotten ? for_ways - forgotten : 0));
}

void dominator_tree::say_what() {
    what_.resize(holder_.size(), no_slot);
    for (slot_id slot = 0; slot < number_.size(); ++slot)
        if (number_[slot] != 0) what_[number_[slot]] = slot;
    for (std::size_t group = 0; group < group_node_.size(); ++group)
        what_[group_node_[group]] = static_cast<slot_id>(first_group_ + group);
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
