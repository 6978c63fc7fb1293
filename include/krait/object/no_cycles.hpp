// The no-cycles mode: for programs that want reference counts only, and to be told when a cycle has slipped in.
#pragma once

#include <exception>
#include <string>
#include <unordered_map>
#include <vector>

#include <krait/object/heap_extras.hpp>
#include <krait/object/visitors.hpp>

namespace krait::detail {

// Collects an object's references, each with the way to it: "to[0]", "#2.owner".
class labelled_edges final : public edge_visitor {
  public:
    struct labelled {
        std::string label;
        object_head* target;
    };
    std::vector<labelled> edges;

    void edge(object_head* target) override {
        std::string label;
        for (const auto& part : path_) label += part;
        edges.push_back({label, target});
    }
    void enter(std::string_view name) override { path_.push_back(std::string(".").append(name)); }
    void enter(std::size_t index) override {
        std::string part = path_.empty() ? ".#" : "[";
        part += std::to_string(index);
        if (!path_.empty()) part += ']';
        path_.push_back(std::move(part));
    }
    void leave() override { path_.pop_back(); }

  private:
    std::vector<std::string> path_;
};

inline std::vector<labelled_edges::labelled> references_of(const object_head* head) {
    labelled_edges visitor;
    if (const auto visit = record_of(head)->visit) visit(object_of(head), visitor);
    if (const weak_cell* const cell = cell_of(head))
        for (attachment* a = cell->attachments; a != nullptr; a = a->next) a->visit(visitor);
    return std::move(visitor.edges);
}

// A cycle among the suspects, as "a.to[0] -> b.up -> a" with the types' names; empty if there is none.
inline std::string find_cycle(gc_links& list) {
    struct step {
        object_head* from;
        std::vector<labelled_edges::labelled> edges;
        std::size_t next = 0;
    };
    enum class state { on_path, done };
    std::unordered_map<object_head*, state> seen;
    std::string path;
    for (gc_links* entry = list.next; entry != &list && path.empty(); entry = entry->next) {
        object_head* const root = head_of(entry);
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
            object_head* const target = here.edges[here.next++].target;
            if (place_of(target) != place::suspect) continue;
            if (const auto [where, is_new] = seen.emplace(target, state::on_path); is_new) {
                way.push_back({target, references_of(target)});
            } else if (where->second == state::on_path) {
                bool inside = false;
                for (const step& s : way) {
                    inside |= s.from == target;
                    if (inside) path.append(record_of(s.from)->name).append(s.edges[s.next - 1].label).append(" -> ");
                }
                path.append(record_of(target)->name);
            }
        }
    }
    return path;
}

inline void heap_extras::report_cycle(gc_links& list) noexcept {
    try {
        if (const std::string path = find_cycle(list); !path.empty()) on_cycle(path);
    } catch (...) {
        report_exception("the cycle handler", "gc::forbid_cycles");
    }
}

} // namespace krait::detail
