// A mutable graph goes to another thread as a whole, or is refused with a sentence that says why.
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using Catch::Matchers::Contains;
using krait::hand_over;
using krait::handed;
using krait::make;
using krait::ref;
using krait::weak;
namespace gc = krait::gc;

namespace {

struct leaf {
    int value = 0;
};
struct node {
    std::string name;
    std::vector<ref<node>> to;
    weak<node> up;
    ref<leaf> own;
    krait::shared<const leaf> common;
};
struct named {
    krait::interned name;
};
struct keeping_map {
    ref<keeping_map> next;
    krait::weak_value_map<int, leaf> map;
};

// root -> child -> root, root -> child2; both know the root weakly; leaves are of an acyclic type.
ref<node> make_graph() {
    auto root = make<node>("root");
    for (const char* name : {"a", "b"}) {
        auto child = make<node>(name);
        child->up = root;
        child->own = make<leaf>(7);
        root->to.push_back(child);
    }
    root->to[0]->to.push_back(root);
    return root;
}

std::string refused(ref<node>& root) {
    const auto before = gc::get_objects().size();
    try {
        handed<node> parcel = hand_over(std::move(root));
    } catch (const krait::not_handed_over& error) {
        CHECK(root);
        CHECK(gc::get_objects().size() == before);
        return error.what();
    }
    return "handed over";
}

template <class F>
void elsewhere(F f) {
    std::thread(std::move(f)).join();
}

} // namespace

TEST_CASE("a graph with cycles, weak references and shared values goes to a thread, changes there, and comes back") {
    gc::collect();
    auto root = make_graph();
    root->common = krait::make_shared<leaf>(5);
    const auto common = root->common;
    const auto before = gc::get_count()[0];
    handed<node> parcel = hand_over(std::move(root));
    CHECK(!root); // NOLINT
    CHECK(parcel);
    CHECK(parcel.size() == 5);
    CHECK(gc::get_objects().empty());
    CHECK(gc::get_count()[0] + 3 == before);
    handed<node> back;
    elsewhere([parcel = std::move(parcel), &back]() mutable {
        ref<node> mine = std::move(parcel).receive();
        CHECK(gc::get_objects<node>().size() == 3);
        CHECK(gc::get_count()[0] == 3);
        CHECK(mine->to[0]->up.lock() == mine);
        CHECK(mine->common->value == 5);
        mine->to.push_back(make<node>("new"));
        mine->to[0]->own->value = 8;
        mine->to.erase(mine->to.begin() + 1); // dies here
        auto cycle = make<node>("garbage");
        cycle->to.push_back(cycle);
        cycle.reset();
        CHECK(gc::collect() == 1);
        back = hand_over(std::move(mine));
    });
    root = std::move(back).receive();
    CHECK(!std::move(back).receive()); // NOLINT
    CHECK(root->to.size() == 2);
    CHECK(root->to[1]->name == "new");
    CHECK(root->to[0]->own->value == 8);
    CHECK(common.use_count() == 2);
    CHECK(gc::is_tracked(root));
    root.reset();
    CHECK(gc::collect() == 3);
    CHECK(gc::get_objects().empty());
}

TEST_CASE("a parcel that nobody receives dies with its graph") {
    const krait::shared<const leaf> common = krait::make_shared<leaf>(5);
    {
        auto root = make_graph();
        root->common = common;
        const handed<node> parcel = hand_over(std::move(root));
    }
    gc::collect();
    CHECK(common.use_count() == 1);
    elsewhere([common] {
        auto root = make_graph();
        root->common = common;
        auto parcel = std::make_shared<handed<node>>(hand_over(std::move(root)));
        std::thread([parcel = std::move(parcel)]() mutable { parcel.reset(); }).join();
    });
    CHECK(common.use_count() == 1);
    CHECK(!hand_over(ref<node>()));
}

TEST_CASE("what is referred to from outside is not handed over") {
    auto root = make_graph();
    const auto also = root;
    CHECK_THAT(refused(root), Contains("node is referred to from outside of the graph: 3 references, 2 of them"));
    const_cast<ref<node>&>(also).reset();
    ref<node> child = root->to[1];
    CHECK_THAT(refused(root), Contains("2 references, 1 of them"));
    child.reset();
    ref<leaf> deep = root->to[0]->own;
    CHECK_THAT(refused(root), Contains("leaf is referred to from outside"));
    deep.reset();
    const std::function<void()> captures = [kept = root->to[0]] {};
    CHECK_THAT(refused(root), Contains("from outside"));
    const_cast<std::function<void()>&>(captures) = {};
    root->to[1]->to.push_back(root->to[0]); // two references from inside are fine
    CHECK(refused(root) == "handed over");
}

TEST_CASE("weak references across the border are refused") {
    auto root = make_graph();
    weak<node> outside = root->to[0];
    CHECK_THAT(refused(root), Contains("node is the object of a weak reference from outside"));
    outside.reset();
    outside = weak<node>(root, [](weak<node>&) {});
    CHECK_THAT(refused(root), Contains("callback"));
    outside.reset();
    krait::finalize at_end(root, [] {});
    CHECK_THAT(refused(root), Contains("finalize()"));
    at_end.detach();
    const auto stranger = make<node>("stranger");
    root->to[1]->up = stranger;
    CHECK_THAT(refused(root), Contains("node is outside of the graph, but inside is a weak reference to it"));
    root->to[1]->up = make<node>("dead at once");
    const weak<node> copy = root->to[1]->up;
    CHECK_THAT(refused(root), Contains("a dead object is shared with one outside"));
    const_cast<weak<node>&>(copy).reset();
    krait::weak_key_map<node, int> map;
    map.insert(root, 1);
    CHECK_THAT(refused(root), Contains("key of a weak_key_map"));
    map.clear();
    krait::weak_value_map<int, node> values;
    values[1] = root;
    CHECK_THAT(refused(root), Contains("weak map"));
    values.clear();
    CHECK(refused(root) == "handed over");
}

TEST_CASE("what belongs to a thread in other ways is refused") {
    auto name = make<named>(krait::interned("x"));
    CHECK_THROWS_WITH(hand_over(std::move(name)), Contains("interned"));
    auto keeper = make<keeping_map>();
    CHECK_THROWS_WITH(hand_over(std::move(keeper)), Contains("weak map"));
    CHECK(name);
    CHECK(keeper);
    auto root = make_graph();
    auto constant = make<node>("constant");
    constant->to.push_back(make<node>("still mutable"));
    krait::immortalize(constant);
    root->to.push_back(constant);
    CHECK_THAT(refused(root), Contains("node is led to by an immortal object"));
    krait::freeze_deep(constant);
    CHECK(refused(root) == "handed over");
    CHECK_THROWS_WITH(hand_over(std::move(constant)), Contains("shared<const T>"));
    auto one = make_graph();
    gc::callbacks().push_back([&](gc::phase, const gc::run_info&) {
        CHECK_THROWS_WITH(hand_over(std::move(one)), Contains("while the collector"));
    });
    gc::collect();
    gc::callbacks().clear();
    CHECK(one);
}

TEST_CASE("cursors within the graph, arrays and objects that a dead thread has left go along") {
    struct tree {
        krait::cursor<tree> parent;
        ref<krait::array<ref<tree>>> children;
        int id = 0;
    };
    auto root = make<tree>();
    root->children = make<ref<tree>[]>({make<tree>(), make<tree>()});
    for (auto& child : *root->children) child->parent = root;
    elsewhere([parcel = hand_over(std::move(root))]() mutable {
        const auto mine = std::move(parcel).receive();
        CHECK((*mine->children)[1]->parent->id == 0);
    });
    gc::collect();
    ref<node> left;
    elsewhere([&] { left = make_graph(); });
    handed<node> parcel = hand_over(std::move(left));
    left = std::move(parcel).receive();
    CHECK(gc::is_tracked(left)); // in this thread's care now
    left.reset();
    CHECK(gc::collect() == 3);
}

TEST_CASE("threads pass a graph on and on") {
    auto root = make_graph();
    handed<node> parcel = hand_over(std::move(root));
    for (int hop = 0; hop < 50; ++hop)
        elsewhere([&parcel, hop] {
            auto mine = std::move(parcel).receive();
            mine->to.push_back(make<node>(std::to_string(hop)));
            mine->to.back()->up = mine;
            if (mine->to.size() > 10) mine->to.erase(mine->to.begin() + 1);
            gc::collect();
            parcel = hand_over(std::move(mine));
        });
    root = std::move(parcel).receive();
    CHECK(root->to.size() == 10);
    CHECK(root->to.back()->name == "49");
    for (const auto& child : root->to) CHECK(child->up.lock() == root);
}
