#include "doctor/heap_graph.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace krait::tools {

namespace {

class slot_set {
  public:
    explicit slot_set(slot_id slots) : words_(slots / 64 + 1) {}
    bool has(slot_id slot) const noexcept { return (words_[slot / 64] >> slot % 64 & 1) != 0; }
    void add(slot_id slot) noexcept { words_[slot / 64] |= std::uint64_t{1} << slot % 64; }
    void take(slot_id slot) noexcept { words_[slot / 64] &= ~(std::uint64_t{1} << slot % 64); }

  private:
    std::vector<std::uint64_t> words_;
};

bool has_bit(const std::vector<std::uint64_t>& words, slot_id slot) {
    return !words.empty() && (words[slot / 64] >> slot % 64 & 1) != 0;
}

template <class F>
void for_each_bit(const std::vector<std::uint64_t>& words, F&& visit) {
    for (std::size_t i = 0; i < words.size(); ++i)
        for (std::uint64_t left = words[i]; left != 0; left &= left - 1)
            visit(static_cast<slot_id>(i * 64 + static_cast<unsigned>(std::countr_zero(left))));
}

} // namespace

heap_graph::heap_graph(heap_blocks& blocks, const exact_objects& objects, const std::vector<slot_id>& opaque,
                       const std::vector<root_word>* from)
    : blocks_(blocks), edges_(std::make_unique<edge_store>(blocks.slots(), blocks.bytes())),
      left_(blocks.slots() / 64 + 1) {
    if (from != nullptr) reach_first(*from, objects, opaque);
    std::vector<slot_id> targets, to_visit;
    auto next_opaque = opaque.begin();
    blocks.read(
        [&](slot_id slot, const std::uint64_t* words, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i)
                if (const slot_id to = blocks.slot_at(words[i]);
                    to != no_slot && objects.is_edge(slot, i == 0, to) && !blocks.is_end_of_vector(words, i, to))
                    targets.push_back(to);
        },
        [&](slot_id slot) {
            if (next_opaque != opaque.end() && *next_opaque == slot) {
                ++next_opaque;
                targets.clear();
            }
            if (objects.has(slot)) {
                const auto exact = objects.targets(slot);
                targets.insert(targets.end(), exact.begin(), exact.end());
            }
            if (has_bit(reached_, slot)) {
                for (const slot_id to : targets) reach(to, slot, to_visit);
                targets.clear();
            }
            edges_->add(slot, targets.data(), targets.size());
            targets.clear();
            while (!to_visit.empty()) {
                const slot_id next = to_visit.back();
                to_visit.pop_back();
                edges_->for_each(next, [&](slot_id to) { reach(to, slot, to_visit); });
            }
        });
    for (std::size_t i = 0; i < left_.size(); ++i)
        left_[i] = blocks.live_words()[i] & ~(reached_.empty() ? 0 : reached_[i]);
    reached_ = {};
}

// One that was read before has its edges kept, as nobody knew then.
void heap_graph::reach(slot_id slot, slot_id read, std::vector<slot_id>& to_visit) {
    std::uint64_t& word = reached_[slot / 64];
    const std::uint64_t bit = std::uint64_t{1} << slot % 64;
    if ((word & bit) != 0) return;
    word |= bit;
    if (slot < read) to_visit.push_back(slot);
}

// What roots lead to, and the system allocator's blocks behind them: the large ones, which lead to many.
void heap_graph::reach_first(const std::vector<root_word>& words, const exact_objects& objects,
                             const std::vector<slot_id>& opaque) {
    reached_.resize(left_.size());
    std::vector<slot_id> large;
    const auto reach_one = [&](slot_id to) {
        if (has_bit(reached_, to)) return;
        reached_[to / 64] |= std::uint64_t{1} << to % 64;
        const bool leads_on = !objects.has(to) && !std::binary_search(opaque.begin(), opaque.end(), to);
        if (to >= blocks_.first_of_system() && leads_on) large.push_back(to);
    };
    for (const root_word& each : words) reach_one(each.to);
    while (!large.empty()) {
        const slot_id slot = large.back();
        large.pop_back();
        blocks_.read_system_block(slot, [&](const std::uint64_t* content, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i)
                if (const slot_id to = blocks_.slot_at(content[i]);
                    to != no_slot && objects.is_edge(slot, i == 0, to) && !blocks_.is_end_of_vector(content, i, to))
                    reach_one(to);
        });
    }
}

// A few steps lie between asking for what a block's edges are in and looking at them: it comes meanwhile.
void heap_graph::drain(std::vector<slot_id>& to_visit) {
    constexpr std::size_t ahead = 16;
    std::array<slot_id, ahead> asked{};
    std::size_t in = 0, out = 0;
    for (;;) {
        while (in - out < ahead && !to_visit.empty()) {
            const slot_id next = to_visit.back();
            to_visit.pop_back();
            edges_->prefetch(next);
            asked[in++ % ahead] = next;
        }
        if (in == out) return;
        edges_->for_each(asked[out++ % ahead], [&](slot_id to) {
            if (!is_left(to)) return;
            left_[to / 64] &= ~(std::uint64_t{1} << to % 64);
            edges_->prefetch_index(to);
            to_visit.push_back(to);
        });
        most_to_visit_ = std::max(most_to_visit_, to_visit.size());
    }
}

void heap_graph::mark_from(const std::vector<root_word>& words, bool is_lasting) {
    std::vector<slot_id> to_visit;
    for (const root_word& each : words) {
        if (each.is_lasting() != is_lasting || !is_left(each.to)) continue;
        left_[each.to / 64] &= ~(std::uint64_t{1} << each.to % 64);
        to_visit.push_back(each.to);
        drain(to_visit);
    }
}

void heap_graph::mark(const std::vector<root_word>& from) {
    mark_from(from, true);
    not_lasting_ = left_;
    mark_from(from, false);
    // Of the system allocator's, none of which bears a mark there; krait asks it for larger ones.
    const auto may_be_in_fastbin = [this](slot_id slot, std::uint64_t size) {
        constexpr std::uint64_t most_of_fastbin = 136;
        return slot >= blocks_.first_of_system() && size <= most_of_fastbin;
    };
    live_ = unreachable_ = {};
    blocks_.for_each_live([&](slot_id slot, std::uint64_t size) {
        live_.add(size);
        if (is_left(slot) && (!blocks_.may_be_told_free(slot) || may_be_in_fastbin(slot, size)))
            left_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
        if (is_left(slot)) unreachable_.add(size);
    });
}

std::vector<lost_block> heap_graph::find_lost() const {
    const auto left = [this](slot_id from, auto visit) {
        for_each_target(from, [&](slot_id to) {
            if (is_left(to)) visit(to);
        });
    };
    slot_set led_to(blocks_.slots()), seen(blocks_.slots());
    for_each_bit(left_, [&](slot_id from) { left(from, [&](slot_id to) { led_to.add(to); }); });

    std::vector<lost_block> lost;
    std::vector<slot_id> to_visit;
    const auto take = [&](slot_id first, bool is_circle) {
        lost_block found{first, is_circle, {}};
        seen.add(first);
        to_visit.push_back(first);
        while (!to_visit.empty()) {
            const slot_id from = to_visit.back();
            to_visit.pop_back();
            if (from != first) found.behind.add(blocks_[from].size);
            left(from, [&](slot_id to) {
                if (seen.has(to)) return;
                seen.add(to);
                to_visit.push_back(to);
            });
        }
        lost.push_back(found);
    };
    for_each_bit(left_, [&](slot_id each) {
        if (!led_to.has(each)) take(each, false);
    });

    // Only circles are left, and what is behind them. In the order in which a walk in depth leaves blocks, the last one
    // is in a circle that nobody else leads to.
    struct step {
        slot_id slot;
        edge_store::cursor edges;
    };
    std::vector<slot_id> left_in_order;
    slot_set entered(blocks_.slots());
    std::vector<step> path;
    for_each_bit(left_, [&](slot_id each) {
        if (seen.has(each) || entered.has(each)) return;
        entered.add(each);
        path.push_back({each, edges_->of(each)});
        while (!path.empty()) {
            slot_id to = no_slot;
            if (!path.back().edges.next(to)) {
                left_in_order.push_back(path.back().slot);
                path.pop_back();
            } else if (is_left(to) && !seen.has(to) && !entered.has(to)) {
                entered.add(to);
                path.push_back({to, edges_->of(to)});
            }
        }
    });
    for (std::size_t i = left_in_order.size(); i-- > 0;)
        if (!seen.has(left_in_order[i])) take(left_in_order[i], true);
    std::sort(lost.begin(), lost.end(), [](const lost_block& a, const lost_block& b) { return a.slot < b.slot; });
    return lost;
}

std::size_t heap_graph::memory() const noexcept {
    return edges_->memory() + 3 * left_.size() * sizeof left_[0] + most_to_visit_ * sizeof(slot_id);
}

} // namespace krait::tools
