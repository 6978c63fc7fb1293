#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::make;
using krait::ref;
using krait::weak;
namespace gc = krait::gc;

namespace {

struct node {
    static inline int alive = 0;
    std::vector<ref<node>> to;
    std::function<void(node&)> at_finalize;
    std::function<void(node&)> at_destruction;
    int id = 0;

    explicit node(int i = 0) : id(i) { ++alive; }
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    ~node() {
        if (at_destruction) at_destruction(*this);
        --alive;
    }
    void krait_finalize() {
        if (at_finalize) at_finalize(*this);
    }
    KRAIT_FIELDS(to);
};

// Leaves the collector as the next test expects it.
struct clean {
    clean() { reset(); }
    clean(const clean&) = delete;
    clean& operator=(const clean&) = delete;
    ~clean() { reset(); }
    static void reset() {
        gc::collect();
        gc::collect();
        gc::enable();
        gc::set_threshold(2000, 10, 10);
        gc::set_trigger(gc::trigger::at_make);
    }
};

void tie(const ref<node>& a, const ref<node>& b) {
    a->to.push_back(b);
    b->to.push_back(a);
}

} // namespace

TEST_CASE("a cycle is collected, what is referred to from outside is not") {
    const clean c;
    auto a = make<node>(1), b = make<node>(2), outside = make<node>(3);
    tie(a, b);
    tie(b, outside);
    a = b = nullptr;
    CHECK(gc::collect() == 0);
    outside.reset();
    CHECK(gc::collect() == 3);
    CHECK(node::alive == 0);
}

TEST_CASE("random graphs: exactly the unreachable objects are collected") {
    const clean c;
    gc::disable();
    std::mt19937 random(11);
    for (int round = 0; round < 200; ++round) {
        const std::size_t size = 1 + random() % 60;
        std::vector<ref<node>> nodes;
        std::vector<std::vector<std::size_t>> edges(size);
        for (std::size_t i = 0; i < size; ++i) nodes.push_back(make<node>(static_cast<int>(i)));
        for (std::size_t e = random() % (3 * size); e > 0; --e) {
            const std::size_t from = random() % size, to = random() % size;
            nodes[from]->to.push_back(nodes[to]);
            edges[from].push_back(to);
        }
        std::vector<bool> reachable(size, false);
        std::vector<std::size_t> pending;
        for (std::size_t i = 0; i < size; ++i)
            if (random() % 4 == 0) reachable[i] = true, pending.push_back(i);
        while (!pending.empty()) {
            const std::size_t from = pending.back();
            pending.pop_back();
            for (const std::size_t to : edges[from])
                if (!reachable[to]) reachable[to] = true, pending.push_back(to);
        }
        std::vector<bool> root = reachable;
        for (std::size_t i = 0; i < size; ++i)
            if (!reachable[i]) nodes[i] = nullptr;
        gc::collect();
        const auto expected = std::count(reachable.begin(), reachable.end(), true);
        CHECK(node::alive == expected);
        nodes.clear();
        gc::collect();
        CHECK(node::alive == 0);
    }
}

TEST_CASE("finalizers run once, with all neighbours intact, before any destructor") {
    const clean c;
    std::vector<std::string> order;
    auto a = make<node>(1), b = make<node>(2);
    tie(a, b);
    for (const auto& n : {a, b}) {
        n->at_finalize = [&](node& self) {
            CHECK(self.to.size() == 1);
            CHECK(self.to[0]->to.size() == 1);
            order.push_back("finalize");
        };
        n->at_destruction = [&](node& self) {
            CHECK(self.to.empty());
            order.push_back("destroy");
        };
    }
    a = b = nullptr;
    CHECK(gc::collect() == 2);
    CHECK(order == std::vector<std::string>{"finalize", "finalize", "destroy", "destroy"});
}

TEST_CASE("destructors of acyclic deaths see their references intact") {
    const clean c;
    auto a = make<node>(1);
    a->to.push_back(make<node>(2));
    bool seen = false;
    a->at_destruction = [&](node& self) { seen = self.to.size() == 1 && self.to[0]->id == 2; };
    a.reset();
    CHECK(seen);
}

TEST_CASE("an object resurrected by its finalizer lives on, and is not finalized again") {
    const clean c;
    ref<node> saved;
    int finalized = 0;
    auto a = make<node>(1), b = make<node>(2);
    tie(a, b);
    a->at_finalize = [&](node& self) {
        ++finalized;
        saved = krait::ref_to(self);
    };
    const weak<node> watch = b;
    a = b = nullptr;
    CHECK(gc::collect() == 0);
    REQUIRE(saved);
    CHECK(saved->to[0]->id == 2); // the neighbour came back with it
    CHECK(gc::is_finalized(saved));
    CHECK(gc::is_tracked(saved));
    CHECK(watch.expired()); // as in CPython 3.11, weak references were cleared before
    saved.reset();
    CHECK(gc::collect() == 2);
    CHECK(finalized == 1);
}

TEST_CASE("resurrection in a plain death") {
    const clean c;
    ref<node> saved;
    auto a = make<node>(1);
    a->at_finalize = [&](node& self) { saved = krait::ref_to(self); };
    weak<node> watch = a;
    a.reset();
    REQUIRE(saved);
    CHECK(saved.use_count() == 1);
    CHECK(gc::is_tracked(saved));
    CHECK(watch.lock() == saved); // weak references are cleared after the finalizer
    saved.reset();
    CHECK(node::alive == 0);
    CHECK(watch.expired());
}

TEST_CASE("generations: survivors grow old, and counts say so") {
    const clean c;
    gc::collect();
    gc::disable();
    const auto before = gc::get_stats();
    const auto a = make<node>(1);
    CHECK(gc::get_count()[0] == 1);
    CHECK(gc::get_objects(0).size() == 1);
    gc::collect(0);
    CHECK(gc::get_objects(0).empty());
    CHECK(gc::get_objects(1).size() == 1);
    CHECK(gc::get_count() == std::array<std::uint32_t, 3>{0, 1, 0});
    gc::collect(1);
    CHECK(gc::get_objects(2).size() == 1);
    CHECK(gc::get_count() == std::array<std::uint32_t, 3>{0, 0, 1});
    const auto after = gc::get_stats();
    CHECK(after[0].collections == before[0].collections + 1);
    CHECK(after[1].collections == before[1].collections + 1);
}

TEST_CASE("automatic runs keep garbage bounded") {
    const clean c;
    gc::set_threshold(100, 5, 5);
    for (int i = 0; i < 20000; ++i) {
        const auto a = make<node>(1), b = make<node>(2);
        tie(a, b);
    }
    CHECK(node::alive < 3000);
    CHECK(gc::get_threshold() == std::array<std::uint32_t, 3>{100, 5, 5}); // sticky, whatever was adapted
}

TEST_CASE("triggers: off, at safe points, thresholds of zero, disable") {
    const clean c;
    const auto litter = [] {
        for (int i = 0; i < 3000; ++i) {
            const auto a = make<node>(1);
            a->to.push_back(a);
        }
    };
    const auto runs = [] { return gc::get_stats()[0].collections; };
    gc::set_threshold(100, 10, 10);
    CHECK(gc::get_trigger() == gc::trigger::at_make);
    gc::set_trigger(gc::trigger::off);
    CHECK(gc::get_trigger() == gc::trigger::off);
    auto before = runs();
    litter();
    CHECK(runs() == before);
    gc::set_trigger(gc::trigger::at_safe_point);
    litter();
    CHECK(runs() == before);
    CHECK(gc::safe_point() == 6000);
    CHECK(runs() == before + 1);
    gc::set_trigger(gc::trigger::at_make);
    gc::set_threshold(0);
    before = runs();
    litter();
    CHECK(runs() == before);
    gc::set_threshold(100);
    gc::disable();
    litter();
    CHECK(runs() == before);
    gc::enable();
    litter();
    CHECK(runs() > before);
}

TEST_CASE("memory pressure brings a full run forward") {
    const clean c;
    gc::set_pressure_limit(1000);
    {
        const auto a = make<node>(1);
        tie(a, a);
    }
    gc::memory_pressure(900);
    make<node>();
    CHECK(node::alive == 1);
    gc::memory_pressure(-100);
    gc::memory_pressure(300);
    const auto runs = gc::get_stats()[2].collections;
    make<node>();
    CHECK(node::alive == 0);
    CHECK(gc::get_stats()[2].collections == runs + 1);
    gc::set_pressure_limit(std::size_t{64} << 20);
}

TEST_CASE("incremental steps find old garbage, and the bound makes a step complete") {
    const clean c;
    gc::disable();
    std::vector<ref<node>> kept;
    for (int i = 0; i < 500; ++i) {
        kept.push_back(make<node>(i));
        const auto a = make<node>(i), b = make<node>(i);
        tie(a, b);
        kept.push_back(a);
    }
    gc::collect(); // all are old now
    for (std::size_t i = 1; i < kept.size(); i += 2) kept[i] = nullptr;
    CHECK(node::alive == 1500);
    std::size_t found = 0;
    int steps = 0;
    while (found < 1000 && steps < 100) found += gc::step(50), ++steps;
    CHECK(found == 1000);
    CHECK(steps > 5);
    CHECK(node::alive == 500);
    CHECK(gc::get_objects(2).size() == 500);

    // A ring larger than the budget is beyond steps, until the bound is reached.
    auto first = make<node>(0), last = first;
    for (int i = 0; i < 200; ++i) {
        auto next = make<node>(i);
        last->to.push_back(next);
        last = next;
    }
    last->to.push_back(first);
    gc::collect();
    first = last = nullptr;
    for (int i = 0; i < 100; ++i) gc::step(50);
    CHECK(node::alive == 701);
    gc::set_garbage_bound(10);
    std::vector<ref<node>> more;
    for (int i = 0; i < 20; ++i) more.push_back(make<node>());
    CHECK(gc::step(50) == 201);
    gc::set_garbage_bound(1'000'000);
    CHECK(gc::step(std::chrono::microseconds(200)) == 0);
}

TEST_CASE("automatic incremental mode") {
    const clean c;
    gc::set_incremental(500);
    gc::set_threshold(50, 2, 2);
    for (int i = 0; i < 20000; ++i) {
        const auto a = make<node>(1), b = make<node>(2);
        tie(a, b);
    }
    CHECK(node::alive < 5000);
    gc::set_incremental(0);
    gc::collect();
    CHECK(node::alive == 0);
}

TEST_CASE("the no-cycles mode describes the cycle by its fields") {
    const clean c;
    struct order;
    struct customer {
        ref<order> last_order;
        KRAIT_FIELDS(last_order);
    };
    struct order {
        std::vector<ref<customer>> items;
        KRAIT_FIELDS(items);
    };
    std::vector<std::string> paths;
    gc::forbid_cycles([&](std::string_view path) { paths.emplace_back(path); });
    {
        const auto o = make<order>();
        o->items.push_back(nullptr);
        o->items.push_back(make<customer>());
        o->items[1]->last_order = o;
    }
    CHECK(gc::collect() == 2);
    gc::forbid_cycles({});
    REQUIRE(paths.size() == 1);
    CHECK(paths[0].find(".items[1] -> ") != std::string::npos);
    CHECK(paths[0].find(".last_order -> ") != std::string::npos);
}

TEST_CASE("adaptive triggers: runs that find nothing become rarer, but not by CPython's plain rule") {
    const clean c;
    CHECK(gc::get_adaptive());
    const auto runs_of = [](bool adaptive) {
        gc::collect();
        gc::set_adaptive(adaptive);
        CHECK(gc::get_adaptive() == adaptive);
        gc::set_threshold(100, 1'000'000, 10);
        const auto before = gc::get_stats()[0].collections;
        std::vector<ref<node>> living;
        for (int i = 0; i < 5'000; ++i) living.push_back(make<node>(i));
        return gc::get_stats()[0].collections - before;
    };
    const auto plain = runs_of(false), adapted = runs_of(true);
    CHECK(plain >= 48);
    CHECK(adapted < plain / 4);
    gc::set_adaptive(true);
}
