// The no-cycles mode: for programs that want reference counts only, and to be told when a cycle has slipped in.
// Templates over the one kind of head that there is, so that only who says gc::forbid_cycles() pays for compiling them.
#pragma once

#include <exception>
#include <string>
#include <unordered_map>
#include <vector>

#include <krait/object/edge_path.hpp>
#include <krait/object/heap_extras.hpp>

namespace krait::detail {

// Collects an object's references, each with the way to it: "to[0]", "#2.owner".
template <class Head>
class labelled_edges final : public edge_path {
  public:
    struct labelled {
        std::string label;
        Head* target;
    };
    std::vector<labelled> edges;

    explicit labelled_edges(const object_head* from) noexcept { start(from); }
    void edge(object_head* target) override { edges.push_back({label(), target}); }
};

template <class Head>
auto references_of(const Head* head) {
    labelled_edges<Head> visitor(head);
    if (const auto visit = record_of(head)->visit) visit(object_of(head), visitor);
    if (const weak_cell* const cell = cell_of(head))
        for (attachment* a = cell->attachments; a != nullptr; a = a->next) a->visit(visitor);
    return std::move(visitor.edges);
}

// A cycle among the suspects, as "a.to[0] -> b.up -> a" with the types' names; empty if there is none.
template <class Head>
std::string find_cycle(gc_links& list) {
    struct step {
        Head* from;
        std::vector<typename labelled_edges<Head>::labelled> edges;
        std::size_t next = 0;
    };
    enum class state { on_path, done };
    std::unordered_map<Head*, state> seen;
    std::string path;
    for (gc_links* entry = list.next; entry != &list && path.empty(); entry = entry->next) {
        Head* const root = head_of(entry);
        if (!seen.emplace(root, state::on_path).second) continue;
        std::vector<step> way;
        way.push_back({root, references_of(root)});
        while (!way.empty() && path.empty()) {
            step& here = way.back();
            if (here.next == here.edges.size()) {
                seen[here.from] = state::done;
                way.pop_back();
                continue;
            }
            Head* const target = here.edges[here.next++].target;
            if (place_of(target) != place::suspect) continue;
            if (const auto [where, is_new] = seen.emplace(target, state::on_path); is_new) {
                way.push_back({target, references_of(target)});
            } else if (where->second == state::on_path) {
                bool inside = false;
                for (const step& s : way) {
                    inside |= s.from == target;
                    if (inside) path.append(display_name(s.from)).append(s.edges[s.next - 1].label).append(" -> ");
                }
                path.append(display_name(target));
            }
        }
    }
    return path;
}

template <class Head>
void report_cycle(gc_links& list, heap_extras& extras) noexcept {
    try {
        if (const std::string path = find_cycle<Head>(list); !path.empty()) extras.on_cycle(path);
    } catch (...) {
        report_exception("the cycle handler", "gc::forbid_cycles");
    }
}

} // namespace krait::detail
