#include "doctor/diagnosis.hpp"

#include "doctor/picture.hpp"
#include "doctor/shapes.hpp"
#include "failure.hpp"
#include "trace/amount_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace krait::tools {

namespace {

constexpr std::size_t most_of_a_circle = 8;

std::string address_text(foreign_address address) { return fmt::format("{:#x}", address); }

std::string_view kind_text(container_kind kind) {
    switch (kind) {
    case container_kind::vector:
        return "std::vector";
    case container_kind::string:
        return "std::string";
    case container_kind::list:
        return "std::list";
    case container_kind::tree:
        return "std::map or set";
    case container_kind::hash_table:
        return "std::unordered_map or set";
    case container_kind::deque:
        return "std::deque";
    case container_kind::function:
        return "std::function";
    }
    return {};
}

} // namespace

std::string block_count_text(std::uint64_t blocks) {
    return count_text(static_cast<double>(blocks)) + (blocks == 1 ? " block" : " blocks");
}

namespace {

class diagnoser {
  public:
    diagnoser(picture& of, const diagnosis_request& request) : of_(of), request_(request) {}

    diagnosis made() {
        describe_picture();
        describe_lost();
        if (of_.holders() != nullptr) describe_holders();
        made_.shapes = find_shapes(made_, nullptr);
        return std::move(made_);
    }

  private:
    void describe_picture() {
        made_.process = of_.process();
        made_.program = of_.program();
        made_.library = of_.library();
        made_.seconds_stopped = of_.seconds_stopped();
        made_.seconds = of_.seconds();
        made_.how = of_.how();
        made_.bytes_for_marking = of_.memory_for_marking();
        made_.bytes_for_holders = of_.memory_for_holders();
        made_.threads = of_.threads().size();
        made_.has_places = of_.places().has_any();
        made_.has_sampled_places = of_.places().is_sampled();
        made_.live = of_.graph().live();
        made_.unreachable = of_.graph().unreachable();
        made_.has_holders = of_.holders() != nullptr;
        made_.has_object_layer = of_.objects().has_layer();
        made_.objects = of_.objects().count();
        made_.why_not_objects = of_.objects().why_not();
    }

    void describe_lost() {
        std::map<std::tuple<std::string, std::string, std::string>, lost_group> groups;
        for (const lost_block& each : of_.graph().find_lost()) {
            ++made_.lost;
            const heap_block block = of_.blocks()[each.slot];
            const std::string circle = each.is_circle ? circle_text(each.slot) : "";
            std::string looks = of_.looks().looks_of(each.slot);
            const std::string& place = of_.places().place_of(each.slot);
            std::string fate = fate_text(each.slot);
            lost_group& group = groups[{looks, place, circle + fate}];
            if (group.own.blocks == 0) {
                group.looks = std::move(looks);
                group.place = place;
                group.example = address_text(block.start);
                group.is_circle = each.is_circle;
                group.circle = circle;
                group.fate = std::move(fate);
            }
            group.own.add(block.size);
            group.behind += each.behind;
        }
        for (slot_id slot = 0; slot < of_.blocks().slots(); ++slot)
            if (of_.graph().is_unreachable(slot)) ++made_.unreachable_by_size[of_.blocks()[slot].size];
        for (auto& [key, group] : groups) made_.lost_groups.push_back(std::move(group));
        std::stable_sort(made_.lost_groups.begin(), made_.lost_groups.end(), [](const auto& a, const auto& b) {
            return a.own.bytes + a.behind.bytes > b.own.bytes + b.behind.bytes;
        });
        if (made_.lost_groups.size() > request_.most_lost_groups) made_.lost_groups.resize(request_.most_lost_groups);
    }

    std::string fate_text(slot_id lost) {
        const auto outside = of_.objects().outside(lost);
        if (!outside) return {};
        if (*outside == 0) return of_.objects().is_in_care(lost) ? "garbage that the collector will free" : "";
        return fmt::format("kept alive by {} that nobody has any more",
                           *outside == 1 ? "a reference" : fmt::format("{} references", *outside));
    }

    // Around a circle from the block back to it, by way of unreachable blocks; empty where its objects are not known
    // to be shared ones.
    std::string circle_text(slot_id first) {
        std::map<slot_id, slot_id> from{{first, no_slot}};
        std::vector<slot_id> to_visit{first};
        slot_id last = no_slot;
        constexpr std::size_t far_enough = 4096;
        for (std::size_t i = 0; i < to_visit.size() && last == no_slot && to_visit.size() < far_enough; ++i)
            of_.graph().for_each_target(to_visit[i], [&](slot_id to) {
                if (to == first && last == no_slot) last = to_visit[i];
                if (of_.graph().is_unreachable(to) && from.try_emplace(to, to_visit[i]).second) to_visit.push_back(to);
            });
        std::vector<slot_id> circle;
        for (; last != no_slot; last = from[last]) circle.push_back(last);
        std::reverse(circle.begin(), circle.end());
        std::string text;
        bool has_shared = false, has_one_owner_each = true;
        for (const slot_id each : circle) {
            const auto count = of_.looks().shared_count(each);
            if (!count) continue;
            has_shared = true;
            has_one_owner_each = has_one_owner_each && *count == 1;
            if (circle.size() <= most_of_a_circle) text += (text.empty() ? "" : " -> ") + of_.looks().looks_of(each);
        }
        if (!has_shared) return {};
        if (text.empty()) text = block_count_text(circle.size());
        return text + (has_one_owner_each ? " -> back, each with one owner" : " -> back");
    }

    void describe_holders() {
        const dominator_tree& tree = *of_.holders();
        words_of_group_.resize(of_.groups().all().size());
        for (std::size_t i = 0; i < of_.root_words().size(); ++i) {
            std::vector<std::size_t>& words = words_of_group_[of_.groups().group_of(i)];
            if (words.size() < most_words_looked_at) words.push_back(i);
        }
        worth_a_line_ = std::max<std::uint64_t>(of_.graph().live().bytes / 2000, 256);
        nodes_left_ = request_.most_nodes;
        const std::vector<node_id> first = tree.held_by(0);
        for (const node_id node : first) {
            if (!tree.is_group(node)) {
                made_.shared.blocks += tree.retained_blocks(node);
                made_.shared.bytes += tree.retained_bytes(node);
            } else if (made_.holders.size() < request_.most_holders && tree.retained_bytes(node) != 0) {
                made_.holders.push_back(of_holder(tree, node));
            }
        }
        held_node shared;
        shared.name = "(more than one of these)";
        shared.retained = made_.shared;
        for (const node_id node : first)
            if (!tree.is_group(node)) add_held(tree, node, shared, 0);
        if (shared.retained.blocks != 0) made_.holders.push_back(std::move(shared));
        std::stable_sort(made_.holders.begin(), made_.holders.end(),
                         [](const held_node& a, const held_node& b) { return a.retained.bytes > b.retained.bytes; });
    }

    held_node of_holder(const dominator_tree& tree, node_id node) {
        const std::size_t group = tree.group_of(node);
        const root_group& of = of_.groups().all()[group];
        held_node made;
        made.name = of.name;
        made.where = of.where;
        made.retained = {tree.retained_blocks(node), tree.retained_bytes(node)};
        if (made.retained.bytes >= worth_a_line_ || made_.holders.size() < 20) {
            std::set<foreign_address> seen;
            for (const std::size_t word : words_of_group_[group]) {
                const root_word& at = of_.root_words()[word];
                if (at.kind == root_kind::registers || at.kind == root_kind::epoll) continue;
                if (auto found = of_.looks().container_with_pointer_at(at.at); found && seen.insert(found->at).second)
                    add_container(*found, made);
            }
            for (const node_id each : tree.held_by(node)) add_held(tree, each, made, 0);
        }
        return made;
    }

    void add_container(const container& found, held_node& to) {
        constexpr std::uint64_t many = 16, much = 1024;
        constexpr std::size_t most = 16;
        if (to.containers.size() >= most) return;
        // Any two pointers to one place may be an empty vector's.
        if (found.elements == 0 && found.bytes == 0 && found.kind != container_kind::function) return;
        const slot_id storage = of_.blocks().live_at(found.storage);
        const node_id node = storage == no_slot ? 0 : of_.holders()->node_of(storage);
        const std::uint64_t retained = node == 0 ? 0 : of_.holders()->retained_bytes(node);
        if (found.elements < many && found.bytes < much && retained < much) return;
        const std::uint64_t bytes = found.kind == container_kind::function ? retained : std::max(found.bytes, retained);
        to.containers.push_back({found.text(),
                                 std::string(kind_text(found.kind)) + (found.has_functions ? " of std::function"
                                                                       : found.has_objects ? " of pointers to objects"
                                                                                           : ""),
                                 found.elements, bytes});
    }

    void add_held(const dominator_tree& tree, node_id node, held_node& to, unsigned depth) {
        constexpr unsigned deepest = 40;
        constexpr std::size_t most_lines = 100;
        const block_total retained{tree.retained_blocks(node), tree.retained_bytes(node)};
        if (retained.bytes < worth_a_line_ || nodes_left_ == 0 || depth > deepest || to.held.size() >= most_lines) {
            to.others += retained;
            return;
        }
        --nodes_left_;
        const slot_id slot = tree.slot_of(node);
        const heap_block block = of_.blocks()[slot];
        held_node made;
        made.name = of_.looks().looks_of(slot);
        made.where = of_.places().place_of(slot);
        made.address = address_text(block.start);
        made.retained = retained;
        constexpr foreign_address most_scanned = 2048;
        for (foreign_address at = 0; at < std::min(block.size, most_scanned); at += 8) {
            const auto found = of_.looks().container_at(block.start + at);
            if (!found) continue;
            add_container(*found, made);
        }
        for (const node_id each : tree.held_by(node)) add_held(tree, each, made, depth + 1);
        to.held.push_back(std::move(made));
    }

    static constexpr std::size_t most_words_looked_at = 256;

    picture& of_;
    const diagnosis_request& request_;
    diagnosis made_;
    std::vector<std::vector<std::size_t>> words_of_group_;
    std::uint64_t worth_a_line_ = 0;
    std::size_t nodes_left_ = 0;
};

} // namespace

diagnosis diagnose(picture& of, const diagnosis_request& request) { return diagnoser(of, request).made(); }

void compare(diagnosis& now, const diagnosis& before) {
    std::map<std::string, growth> by_name;
    const auto add = [&](const std::vector<held_node>& holders, std::int64_t sign) {
        for (const held_node& each : holders) {
            growth& of = by_name[each.name];
            of.name = each.name;
            of.bytes += sign * static_cast<std::int64_t>(each.retained.bytes);
            of.blocks += sign * static_cast<std::int64_t>(each.retained.blocks);
        }
    };
    add(now.holders, 1);
    add(before.holders, -1);
    growth lost{"(unreachable)", static_cast<std::int64_t>(now.unreachable.bytes - before.unreachable.bytes),
                static_cast<std::int64_t>(now.unreachable.blocks - before.unreachable.blocks)};
    if (lost.bytes != 0 || lost.blocks != 0) now.grown.push_back(lost);
    for (const auto& [name, of] : by_name)
        if (of.bytes != 0 || of.blocks != 0) now.grown.push_back(of);
    std::stable_sort(now.grown.begin(), now.grown.end(),
                     [](const growth& a, const growth& b) { return a.bytes > b.bytes; });
    now.is_compared = true;
    now.shapes = find_shapes(now, &before);
}

namespace {

// Where in the block the other one is pointed to; of objects, in which of their fields.
std::string offset_text(picture& of, slot_id holder, slot_id to) {
    if (std::string label = of.objects().label(holder, to); !label.empty()) return label;
    const heap_block from = of.blocks()[holder];
    std::vector<std::uint64_t> words(from.size / sizeof(std::uint64_t));
    of.memory().read(from.start, words.data(), words.size() * sizeof words[0]);
    for (std::size_t i = 0; i < words.size(); ++i)
        if (of.blocks().slot_at(words[i]) == to) return fmt::format("+{}", i * sizeof words[0]);
    return "+?";
}

std::string block_text(picture& of, slot_id slot) {
    const heap_block block = of.blocks()[slot];
    const std::string& place = of.places().place_of(slot);
    return fmt::format("{:#x}, {} bytes, {}{}", block.start, block.size, of.looks().looks_of(slot),
                       place.empty() ? "" : ", from " + place);
}

} // namespace

std::string why_text(picture& of, std::uint64_t address) {
    const slot_id wanted = of.blocks().slot_at(address);
    if (wanted == no_slot) fail("{:#x} is in no block: neither krait nor glibc gave it out", address);
    if (!of.blocks().is_live(wanted)) fail("{:#x} is in a block that is free", address);
    std::string text = fmt::format("the block is {}\n", block_text(of, wanted));

    // In width from the roots: the first way found is a shortest one.
    std::vector<slot_id> from(of.blocks().slots(), no_slot), queue;
    std::vector<std::uint32_t> root(of.blocks().slots(), ~std::uint32_t{0});
    for (std::size_t i = 0; i < of.root_words().size(); ++i) {
        const slot_id to = of.root_words()[i].to;
        if (root[to] != ~std::uint32_t{0}) continue;
        root[to] = static_cast<std::uint32_t>(i);
        queue.push_back(to);
    }
    for (std::size_t i = 0; i < queue.size() && root[wanted] == ~std::uint32_t{0} && from[wanted] == no_slot; ++i)
        of.graph().for_each_target(queue[i], [&](slot_id to) {
            if (root[to] != ~std::uint32_t{0} || from[to] != no_slot) return;
            from[to] = queue[i];
            queue.push_back(to);
        });
    if (root[wanted] == ~std::uint32_t{0} && from[wanted] == no_slot) {
        text += "no way leads to it from a root: it is unreachable\n";
        std::size_t said = 0;
        for (slot_id slot = 0; slot < of.blocks().slots() && said < 4; ++slot) {
            if (!of.graph().is_unreachable(slot)) continue;
            bool leads = false;
            of.graph().for_each_target(slot, [&](slot_id to) { leads = leads || to == wanted; });
            if (!leads) continue;
            ++said;
            text += fmt::format("  it is pointed to by {}, which is unreachable too\n", block_text(of, slot));
        }
        return text;
    }
    std::vector<slot_id> way{wanted};
    while (from[way.back()] != no_slot) way.push_back(from[way.back()]);
    std::reverse(way.begin(), way.end());
    const std::size_t word = root[way.front()];
    const root_word& first = of.root_words()[word];
    const root_group& group = of.groups().all()[of.groups().group_of(word)];
    std::string where = first.kind == root_kind::registers || first.kind == root_kind::epoll
                            ? ""
                            : fmt::format(", in the word at {:#x}", first.at);
    if (group.start != 0 && first.at != group.start) where = fmt::format(" +{}", first.at - group.start);
    text += fmt::format("{}{}{}\n", group.name, group.where.empty() ? "" : " (" + group.where + ")", where);
    for (std::size_t i = 0; i < way.size(); ++i) {
        const std::string at = i + 1 < way.size() ? offset_text(of, way[i], way[i + 1]) + " of " : "";
        text += fmt::format("  -> {}{}\n", at, block_text(of, way[i]));
    }
    return text;
}

} // namespace krait::tools
