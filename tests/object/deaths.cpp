// Deaths by loop: which types have a tail, and that nobody can tell.
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::make;
using krait::ref;
using krait::weak;
using krait::detail::has_tail;

namespace {

std::vector<std::string> told;

struct plain {
    ref<plain> next;
    long value = 0;
};
struct late {
    int id;
    ref<late> next;
    std::string name;
    std::vector<int> numbers;
};
struct two {
    ref<two> left, right;
};
// Each of these could tell.
struct with_destructor {
    ref<with_destructor> next;
    int id = 0;
    ~with_destructor() { told.push_back(std::to_string(id) + (next ? " has next" : " is the last")); }
};
struct telling {
    std::string name;
    ~telling() { told.push_back(name); }
};
struct with_telling_member {
    ref<with_telling_member> next;
    telling member;
};
struct behind_string {
    std::string name;
    ref<behind_string> next;
};
struct constant {
    const ref<constant> next;
};
struct listed {
    ref<listed> next;
    KRAIT_FIELDS(next);
};
struct holder {
    ref<plain> first;
    ref<telling> second;
};
struct watched {
    ref<watched> next;
    int id = 0;
    void krait_finalize() { told.push_back("finalized " + std::to_string(id) + (next ? "" : ", the last")); }
};

static_assert(has_tail<plain> && has_tail<late> && has_tail<two> && has_tail<holder> && has_tail<watched>);
static_assert(!has_tail<with_destructor> && !has_tail<with_telling_member> && !has_tail<behind_string>);
static_assert(!has_tail<constant> && !has_tail<listed> && !has_tail<telling> && !has_tail<int>);

} // namespace

TEST_CASE("a destructor finds its references intact, at any place in a chain") {
    told.clear();
    auto chain = make<with_destructor>(nullptr, 3);
    for (int id = 2; id > 0; --id) chain = make<with_destructor>(chain, id);
    chain.reset();
    CHECK(told == std::vector<std::string>{"1 has next", "2 has next", "3 is the last"});
}

TEST_CASE("members die in their order, and the whole chain before the next statement") {
    told.clear();
    auto chain = make<with_telling_member>(nullptr, telling{"b"});
    told.clear(); // of temporaries
    chain = make<with_telling_member>(chain, telling{"a"});
    told.clear();
    chain.reset();
    CHECK(told == std::vector<std::string>{"a", "b"});

    told.clear();
    auto h = make<holder>(make<plain>(), make<telling>("told"));
    auto end = h->first;
    end->next = make<plain>();
    const weak<plain> last = end->next;
    h.reset();
    CHECK(told == std::vector<std::string>{"told"});
    CHECK(end.use_count() == 1);
    end.reset();
    CHECK(last.expired());
}

TEST_CASE("chains of a million die by loop: those with finalizers, weak references and side branches too") {
    ref<late> chain;
    std::vector<weak<late>> watch;
    int called = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        chain = make<late>(i, std::move(chain), "a name that is long enough for a block", std::vector<int>{});
        if (i % 1000 == 0) watch.emplace_back(chain, [&](weak<late>&) { ++called; });
    }
    chain.reset();
    CHECK(called == 1000);

    ref<two> tree, other;
    for (int i = 0; i < 300'000; ++i) {
        auto root = make<two>(tree, make<two>(other, nullptr));
        other = root->right;
        tree = std::move(root);
    }
    const weak<two> top = tree;
    other.reset();
    tree.reset();
    CHECK(top.expired());
    CHECK(krait::gc::collect() == 0);
}

TEST_CASE("a chain stops dying where somebody holds it, where an object is immortal, where a finalizer brings back") {
    auto chain = make<plain>();
    const auto held = chain;
    for (int i = 0; i < 100; ++i) chain = make<plain>(chain);
    chain = {};
    CHECK(held.use_count() == 1);
    auto for_ever = make<plain>();
    krait::immortalize(for_ever);
    chain = make<plain>(for_ever);
    chain = {};
    CHECK(krait::is_immortal(for_ever));

    told.clear();
    auto w = make<watched>(make<watched>(nullptr, 2), 1);
    w.reset();
    CHECK(told == std::vector<std::string>{"finalized 1", "finalized 2, the last"});
}
