// The krait side of oracle.py: reads scripts from the standard input, performs them, writes what happened.
#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <krait/object.hpp>

namespace {

struct thing {
    using krait_cyclic = void;
    int id = 0;
    bool is_weak = false;
    krait::weak<thing> target; // of a weak reference: CPython's are objects themselves
    // Destroyed in CPython's order: e0 first.
    krait::ref<thing> e3, e2, e1, e0;
    KRAIT_FIELDS(e0, e1, e2, e3, target);

    krait::ref<thing>& edge(int i) { return i == 0 ? e0 : i == 1 ? e1 : i == 2 ? e2 : e3; }
};

struct operation {
    std::string what;
    std::array<int, 4> with{};
};

constexpr int slots = 12;
std::array<krait::ref<thing>, slots> table;
std::map<int, std::vector<operation>> actions;
bool quiet = false;

void execute(const operation& op, thing* self);

struct final_thing : thing {
    KRAIT_FIELDS();
    KRAIT_BASES(thing);
    void krait_finalize() {
        if (quiet) return;
        std::cout << "finalize " << id << '\n';
        if (const auto found = actions.find(id); found != actions.end())
            for (const operation& op : found->second) execute(op, this);
    }
};

void called(int id, const krait::weak<thing>& weak) {
    if (quiet) return;
    std::cout << "callback " << id << ' ' << (weak.expired() ? "True" : "False") << '\n';
    if (const auto found = actions.find(id); found != actions.end())
        for (const operation& op : found->second) execute(op, nullptr);
}

krait::ref<thing>& slot(int i) { return table[static_cast<std::size_t>(i)]; }
bool is_node(int i) { return slot(i) && !slot(i)->is_weak; }

std::string ids(const std::vector<krait::ref<void>>& objects) {
    std::vector<std::string> names;
    for (const auto& object : objects) names.push_back(std::to_string(static_cast<thing*>(object.get())->id));
    std::sort(names.begin(), names.end());
    std::string all;
    for (const auto& name : names) all += (all.empty() ? "" : " ") + name;
    return all;
}

void make_new(const operation& op) {
    const krait::ref<thing> node = op.with[2] ? krait::ref<thing>(krait::make<final_thing>()) : krait::make<thing>();
    node->id = op.with[1];
    slot(op.with[0]) = node;
}

void make_weak(const operation& op) {
    if (!is_node(op.with[1])) return;
    const krait::ref<thing> weak = krait::make<thing>();
    weak->id = op.with[2];
    weak->is_weak = true;
    if (op.with[3])
        weak->target = krait::weak<thing>(slot(op.with[1]),
                                          [id = op.with[2]](krait::weak<thing>& expired) { called(id, expired); });
    else
        weak->target = slot(op.with[1]);
    slot(op.with[0]) = weak;
}

void set_edge(int node, int edge, const krait::ref<thing>& value) {
    const krait::ref<thing> second = value, first = slot(node); // dropped in the order of CPython's arguments
    first->edge(edge) = second;
}

void look(const operation& op) {
    if (!slot(op.with[0]) || !slot(op.with[0])->is_weak) return;
    const krait::ref<thing> target = slot(op.with[0])->target.lock();
    std::cout << "look " << slot(op.with[0])->id << ' ' << (target ? std::to_string(target->id) : "dead") << '\n';
}

void relations(const krait::ref<thing>& node) {
    std::cout << "relations of " << node->id << ": to " << ids(krait::gc::get_referents(node)) << " from "
              << ids(krait::gc::get_referrers(node)) << '\n';
}

void execute(const operation& op, thing* self) {
    const auto& [a, b, c, d] = op.with;
    if (op.what == "new") {
        make_new(op);
    } else if (op.what == "edge") {
        if (is_node(a) && slot(c)) set_edge(a, b, slot(c));
    } else if (op.what == "cut") {
        if (is_node(a)) set_edge(a, b, nullptr);
    } else if (op.what == "drop") {
        slot(a) = nullptr;
    } else if (op.what == "follow") {
        if (is_node(b)) slot(a) = krait::ref<thing>(slot(b)->edge(c));
    } else if (op.what == "rescue") {
        slot(a) = krait::ref_to(*self);
    } else if (op.what == "weak") {
        make_weak(op);
    } else if (op.what == "look") {
        look(op);
    } else if (op.what == "collect") {
        const std::size_t found = krait::gc::collect(a);
        std::cout << "collected " << found << '\n';
    } else if (op.what == "count") {
        const auto count = krait::gc::get_count();
        std::cout << "count " << count[0] << ' ' << count[1] << ' ' << count[2] << '\n';
        krait::gc::collect(0);
    } else if (op.what == "older_count") {
        const auto count = krait::gc::get_count();
        std::cout << "older_count " << count[1] << ' ' << count[2] << '\n';
    } else if (op.what == "objects") {
        std::cout << "objects " << krait::gc::get_objects(a).size() << '\n';
    } else if (op.what == "relations") {
        if (is_node(a)) relations(slot(a));
    } else if (op.what == "state") {
        if (slot(a))
            std::cout << "state " << slot(a)->id << ' ' << (krait::gc::is_tracked(slot(a)) ? "tracked " : "untracked ")
                      << (krait::gc::is_finalized(slot(a)) ? "finalized" : "whole") << '\n';
    } else if (op.what == "freeze") {
        krait::gc::freeze();
    } else if (op.what == "unfreeze") {
        krait::gc::unfreeze();
    } else {
        std::cerr << "unknown operation " << op.what << '\n';
        std::exit(2);
    }
}

void settle() {
    quiet = true;
    for (auto& entry : table) entry = nullptr;
    krait::gc::unfreeze();
    krait::gc::collect();
    krait::gc::collect();
    quiet = false;
}

operation parse(std::istream& in) {
    operation op;
    in >> op.what;
    for (int& value : op.with) in >> value;
    return op;
}

void perform(const std::string& family, bool freezes, const std::vector<operation>& operations) {
    const auto before = krait::gc::get_stats();
    if (family == "auto") krait::gc::enable();
    for (const operation& op : operations) {
        execute(op, nullptr);
        std::cout << "--\n";
    }
    krait::gc::disable();
    std::cout << "frozen " << (freezes ? krait::gc::get_freeze_count() : 0) << '\n';
    if (family == "auto") {
        const auto after = krait::gc::get_stats();
        std::cout << "stats [";
        for (std::size_t i = 0; i < 3; ++i)
            std::cout << (i ? ", (" : "(") << after[i].collections - before[i].collections << ", "
                      << after[i].collected - before[i].collected << ", "
                      << after[i].uncollectable - before[i].uncollectable << ')';
        std::cout << "]\n";
    }
    std::cout << "=====\n";
}

} // namespace

int main() {
    krait::gc::disable();
    krait::gc::set_adaptive(false);
    std::string line, family;
    bool freezes = false;
    std::vector<operation> operations;
    while (std::getline(std::cin, line)) {
        std::istringstream in(line);
        std::string first;
        in >> first;
        if (first == "script") {
            std::array<std::uint32_t, 3> thresholds{};
            in >> family >> freezes >> thresholds[0] >> thresholds[1] >> thresholds[2];
            krait::gc::set_threshold(thresholds[0], thresholds[1], thresholds[2]);
            actions.clear();
            operations.clear();
        } else if (first == "on") {
            int id = 0;
            in >> id;
            actions[id].push_back(parse(in));
        } else if (first == "end") {
            settle();
            perform(family, freezes, operations);
            settle();
        } else {
            in.seekg(0);
            operations.push_back(parse(in));
        }
    }
}
