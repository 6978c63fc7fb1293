// The places where layers of this kind have broken, each with a test.
#include <algorithm>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::make;
using krait::ref;
using krait::weak;
namespace gc = krait::gc;

namespace {

struct actor {
    ref<actor> self;
    std::vector<ref<actor>> others;
    std::function<void(actor&)> finalizer, destructor;
    actor() = default;
    actor(const actor&) = delete;
    actor& operator=(const actor&) = delete;
    ~actor() {
        if (destructor) destructor(*this);
    }
    void krait_finalize() {
        if (finalizer) finalizer(*this);
    }
    KRAIT_FIELDS(self, others);
};

struct twice {
    ref<twice> once;
    explicit twice(int) {}
    friend void krait_trace(twice& t, auto& visit) {
        visit(t.once);
        visit(t.once);
    }
};

std::vector<std::string> reports;
void remember(std::string_view message) { reports.emplace_back(message); }

struct hooked {
    gc::unraisable_hook old = gc::set_unraisable_hook(remember);
    hooked() { reports.clear(); }
    hooked(const hooked&) = delete;
    hooked& operator=(const hooked&) = delete;
    ~hooked() { gc::set_unraisable_hook(old); }
};

} // namespace

TEST_CASE("clearing an ordered container keyed by references") {
    struct by_value {
        bool operator()(const ref<actor>& a, const ref<actor>& b) const { return a->others.size() < b->others.size(); }
    };
    struct owner {
        std::map<ref<actor>, ref<owner>, by_value> sorted; // its order looks into the keys
    };
    auto o = make<owner>();
    for (int i = 0; i < 20; ++i) {
        auto key = make<actor>();
        key->others.resize(static_cast<std::size_t>(i));
        key->self = key;
        o->sorted.emplace(key, o);
    }
    o.reset();
    CHECK(gc::collect() == 21);
}

TEST_CASE("one counted reference that is traced twice: the object lives, its type is reported") {
    const hooked h;
    const auto a = make<twice>(3);
    a->once = make<twice>(4); // 1 counted, 2 traced
    CHECK(gc::collect() == 0);
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].find("twice are traced than counted: a field is reported twice") != std::string::npos);
    CHECK(a->once);
    CHECK(gc::is_tracked(a->once));
}

TEST_CASE("over-tracing that looks like garbage never frees what is referred to") {
    const hooked h;
    const auto target = make<twice>(1);
    const auto a = make<twice>(2);
    a->once = target; // 2 counted, 2 traced: as if `target` on the stack did not exist
    CHECK(gc::collect() == 0);
    CHECK(gc::is_tracked(target));
    CHECK(a->once == target);
    auto b = make<twice>(3);
    b->once = target;
    b->once->once = b; // b is garbage but for `target`, which has 3 counted, 4 traced
    b.reset();
    gc::collect();
    CHECK(target->once);
    CHECK(target->once->once == target);
    target->once->once.reset();
    target->once.reset();
}

TEST_CASE("a finalizer that collects") {
    auto a = make<actor>();
    a->self = a;
    std::size_t inner = 99;
    a->finalizer = [&](actor&) { inner = gc::collect(); };
    a.reset();
    CHECK(gc::collect() == 1);
    CHECK(inner == 0);
    auto b = make<actor>();
    auto litter = make<actor>();
    litter->self = litter;
    litter.reset();
    b->finalizer = [&](actor&) { inner = gc::collect(); };
    b.reset();
    CHECK(inner == 0); // nor in a plain death: who dropped the object may be a container that is not done yet
    CHECK(gc::collect() == 1);
}

TEST_CASE("a destructor that collects") {
    auto a = make<actor>();
    auto litter = make<actor>();
    litter->self = litter;
    litter.reset();
    std::size_t found = 99;
    a->destructor = [&](actor&) {
        found = gc::collect() + gc::step(100) + gc::step(std::chrono::microseconds(1)) + gc::safe_point();
    };
    a.reset();
    CHECK(found == 0);
    CHECK(gc::collect() == 1);
}

TEST_CASE("finalizers that create garbage, and enough to trigger") {
    gc::set_threshold(10);
    for (int round = 0; round < 20; ++round) {
        auto a = make<actor>();
        a->self = a;
        a->finalizer = [](actor&) {
            for (int i = 0; i < 30; ++i) {
                auto g = make<actor>();
                g->self = g;
            }
        };
    }
    gc::collect();
    gc::collect();
    gc::set_threshold(2000);
    CHECK(gc::get_objects().empty());
}

TEST_CASE("a finalizer that takes its garbage apart") {
    auto a = make<actor>(), b = make<actor>(), c = make<actor>();
    a->others = {b, c};
    b->others = {c, a};
    c->others = {a, b};
    const auto destroy_all = [](actor& me) {
        for (const auto& other : std::vector(me.others)) other->others.clear();
        me.others.clear();
    };
    for (const auto& x : {a, b, c}) x->finalizer = destroy_all;
    a = b = c = nullptr;
    gc::collect();
    gc::collect();
    CHECK(gc::get_objects().empty());
}

TEST_CASE("a finalizer that resurrects part of the garbage") {
    ref<actor> saved;
    auto a = make<actor>(), b = make<actor>();
    a->others = {b};
    b->self = b;
    a->self = a;
    b->finalizer = [&](actor& me) { saved = krait::ref_to(me); };
    a = b = nullptr;
    CHECK(gc::collect() == 1); // a is gone, b lives
    REQUIRE(saved);
    CHECK(saved.use_count() == 2);
    saved->self.reset();
    saved.reset();
    CHECK(gc::get_objects().empty());
}

TEST_CASE("references made and dropped in a destructor do not kill twice; one that escapes is reported") {
    const hooked h;
    int deaths = 0;
    auto a = make<actor>();
    a->destructor = [&](actor& me) {
        ++deaths;
        const auto me_again = krait::ref_to(me);
        CHECK(me_again.get() == &me);
    };
    a.reset();
    CHECK(deaths == 1);
    CHECK(reports.empty());

    static ref<actor>* const escaped = new ref<actor>;
    auto b = make<actor>();
    b->destructor = [](actor& me) { *escaped = krait::ref_to(me); };
    b.reset();
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].find("outlives its destructor") != std::string::npos);
    [[maybe_unused]] static const actor* const kept = escaped->get(); // for leak checkers
    escaped->reset();                                                 // harmless: the memory was kept
}

TEST_CASE("reset during destruction, and replacing a field while it is being dropped") {
    auto root = make<actor>();
    root->self = make<actor>();
    actor* const raw = root.get();
    root->self->destructor = [raw](actor&) {
        CHECK(!raw->self); // already null
        raw->self = make<actor>();
    };
    root->self.reset();
    CHECK(root->self);
    std::vector<ref<actor>>& list = root->others;
    for (int i = 0; i < 5; ++i) {
        list.push_back(make<actor>());
        list.back()->destructor = [&list](actor&) { CHECK(list.empty()); };
    }
    auto aside = std::move(list);
    list.clear();
}

TEST_CASE("callbacks that drop the last handle to themselves, and that throw") {
    const hooked h;
    auto a = make<actor>();
    std::vector<weak<actor>> handles;
    int called = 0;
    handles.emplace_back(a, [&](weak<actor>&) {
        ++called;
        handles.clear();
    });
    handles.emplace_back(a, [&](weak<actor>&) {
        ++called;
        throw 7;
    });
    a.reset();
    CHECK(called == 2);
    CHECK(handles.empty());
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].find("a weak reference's callback") != std::string::npos);
}

TEST_CASE("a callback that makes a new object in the place of the dead one, and new weak references") {
    auto a = make<actor>();
    weak<actor> second;
    ref<actor> heir;
    const weak<actor> first(a, [&](weak<actor>&) {
        heir = make<actor>();
        second = heir;
    });
    a.reset();
    CHECK(first.expired());
    CHECK(second.lock() == heir);
}

TEST_CASE("weak references look dead while their object waits in the trashcan") {
    ref<actor> chain;
    std::vector<weak<actor>> watch;
    int alive_but_dead = 0;
    for (int i = 0; i < 500; ++i) {
        auto head = make<actor>();
        watch.emplace_back(head);
        head->self = std::move(chain);
        head->destructor = [&, i](actor&) {
            for (int k = i; k < 500; ++k) alive_but_dead += watch[static_cast<std::size_t>(k)].expired() ? 0 : 1;
            for (const auto& w : watch) (void)w.lock();
        };
        chain = std::move(head);
    }
    chain.reset();
    CHECK(alive_but_dead == 0);
    for (const auto& w : watch) CHECK(w.expired());
}

TEST_CASE("resurrection out of the trashcan's reach") {
    std::vector<ref<actor>> saved;
    ref<actor> chain;
    for (int i = 0; i < 300; ++i) {
        auto head = make<actor>();
        head->self = std::move(chain);
        if (i % 7 == 0) head->finalizer = [&](actor& me) { saved.push_back(krait::ref_to(me)); };
        chain = std::move(head);
    }
    chain.reset();
    int rounds = 0;
    while (!saved.empty()) { // each survivor holds the chain up to the next one with a finalizer
        const std::vector<ref<actor>> last = std::exchange(saved, {});
        ++rounds;
    }
    CHECK(rounds == 43);
    CHECK(gc::get_objects().empty());
}

TEST_CASE("a constructor that throws after it gave out a weak reference to the object") {
    static weak<actor>* given;
    struct thrower : actor {
        thrower() {
            *given = krait::ref_to<actor>(*this);
            throw 1;
        }
        KRAIT_FIELDS();
        KRAIT_BASES(actor);
    };
    weak<actor> w;
    given = &w;
    CHECK_THROWS(make<thrower>());
    CHECK(w.expired());
    CHECK(!w.lock());
}

TEST_CASE("an interned string that is dropped deep inside a chain's death can be interned again meanwhile") {
    struct named {
        ref<named> next;
        std::optional<krait::interned> name;
        std::function<void()> after;
        named() = default;
        named(const named&) = delete;
        named& operator=(const named&) = delete;
        ~named() {
            name.reset();
            if (after) after();
        }
        KRAIT_FIELDS(next);
    };
    std::vector<krait::interned> again;
    ref<named> chain;
    for (int i = 0; i < 200; ++i) {
        auto head = make<named>();
        head->next = std::move(chain);
        head->name.emplace("name " + std::to_string(i));
        head->after = [&again, i] { again.emplace_back("name " + std::to_string(i)); };
        chain = std::move(head);
    }
    chain.reset();
    REQUIRE(again.size() == 200);
    for (const auto& name : again) CHECK(name.view().substr(0, 5) == "name ");
    CHECK(krait::interned::count() >= 200);
}

TEST_CASE("moving a container of references into itself through the collector's callbacks") {
    auto a = make<actor>();
    a->others.push_back(a);
    gc::callbacks().push_back([&](gc::phase p, const gc::run_info&) {
        if (p == gc::phase::start) a->others.push_back(make<actor>());
    });
    gc::collect();
    gc::callbacks().clear();
    CHECK(a->others.size() == 2);
    actor* const raw = a.get();
    a.reset();
    CHECK(raw->others.size() == 2);
    CHECK(gc::collect() == 2);
}

TEST_CASE("a weak reference made by a finalizer does not let out an object whose references were dropped") {
    struct node;
    static weak<node> made, called;
    static ref<node> saved;
    static int calls;
    struct leaf { // acyclic: dies while the references in the garbage are dropped
        int number = 0;
        ~leaf() {
            if (auto found = made.lock()) saved = found;
        }
    };
    struct node {
        ref<node> peer;
        ref<leaf> own;
        explicit node(int) {}
        void krait_finalize() {
            if (made != weak<node>()) return;
            made = krait::ref_to(*this);
            called = weak<node>(krait::ref_to(*this), [](weak<node>& w) {
                ++calls;
                CHECK(!w.lock());
            });
        }
        KRAIT_FIELDS(peer, own);
    };
    saved = nullptr;
    made = called = {};
    calls = 0;
    {
        const auto a = make<node>(1), b = make<node>(2);
        a->peer = b;
        b->peer = a;
        b->own = make<leaf>();
        a->own = make<leaf>();
    }
    CHECK(gc::collect() == 2);
    CHECK(!saved);
    CHECK(made.expired());
    CHECK(calls == 1);
    CHECK(gc::garbage().empty());
    made = called = {};
}

TEST_CASE("a weak reference made while the references in the garbage are dropped is null from the start") {
    struct node {
        ref<node> self;
    };
    static weak<node> made, called;
    static node* raw;
    static int calls;
    struct leaf { // acyclic: dies while the references in the garbage are dropped
        int number = 0;
        ~leaf() {
            made = krait::ref_to(*raw);
            CHECK(!made.lock());
            called = weak<node>(krait::ref_to(*raw), [](weak<node>&) { ++calls; });
            CHECK(!called.lock());
        }
    };
    struct owner {
        ref<leaf> own;
        ref<owner> self;
        ref<node> other;
    };
    calls = 0;
    {
        const auto n = make<node>();
        n->self = n;
        raw = n.get();
        const auto o = make<owner>();
        o->self = o;
        o->own = make<leaf>();
        o->other = n;
    }
    CHECK(gc::collect() == 2);
    CHECK(calls == 1);
    CHECK(gc::garbage().empty());
    made = called = {};
}

namespace {

// Chains of values that own each other. Their destructors take them apart one by one: that is theirs to do.
struct by_pointer {
    ref<actor> held;
    std::unique_ptr<by_pointer> next;
    weak<actor> watched;
    by_pointer() = default;
    by_pointer(const by_pointer&) = delete;
    by_pointer& operator=(const by_pointer&) = delete;
    ~by_pointer() {
        while (next) {
            const auto gone = std::move(next);
            next = std::move(gone->next);
        }
    }
    KRAIT_FIELDS(held, next, watched);
};
template <template <class...> class Container>
struct by_container {
    ref<actor> held;
    Container<by_container> next;
    by_container() = default;
    by_container(by_container&&) = default;
    by_container& operator=(by_container&&) = default;
    ~by_container() {
        while (!next.empty()) {
            Container<by_container> gone = std::move(next);
            next = std::move(gone.front().next);
        }
    }
    KRAIT_FIELDS(held, next);
};
struct by_choice {
    ref<actor> held;
    std::variant<int, std::optional<std::unique_ptr<by_choice>>> next;
    by_choice() = default;
    by_choice(const by_choice&) = delete;
    by_choice& operator=(const by_choice&) = delete;
    ~by_choice() {
        while (auto* const rest = std::get_if<1>(&next)) {
            const auto gone = std::move(**rest);
            next = 0;
            if (gone) std::swap(next, gone->next);
        }
    }
    KRAIT_FIELDS(held, next);
};
struct by_function {
    ref<actor> held;
    std::unique_ptr<by_function> next;
    by_function() = default;
    by_function(const by_function&) = delete;
    by_function& operator=(const by_function&) = delete;
    ~by_function() {
        while (next) {
            const auto gone = std::move(next);
            next = std::move(gone->next);
        }
    }
    friend void krait_trace(by_function& b, auto& visit) {
        visit(b.held);
        visit(b.next);
    }
};

constexpr int links = 300'000;

template <class First>
struct chain_owner {
    using krait_cyclic = void;
    First first;
    ref<chain_owner> self;
    ref<actor> found; // the last value of the chain holds it, too
};

template <class First, class Prepend>
void check_long_chain(Prepend prepend) {
    gc::collect();
    const auto a = make<actor>();
    auto o = make<chain_owner<First>>();
    o->self = o;
    prepend(o->first, a);
    for (int i = 1; i < links; ++i) prepend(o->first, nullptr);
    CHECK(a.use_count() == 2);
    CHECK(gc::collect() == 0); // subtracted and reached
    CHECK(gc::get_referents(o).size() == 2);
    CHECK(gc::get_referrers(a).size() == 1);
    a->self = a;
    const weak<chain_owner<First>> watch(o, [](auto&) {}); // the garbage's weak references are looked at
    o.reset();
    CHECK(gc::collect() == 1);
    CHECK(a.use_count() == 2);
    a->self.reset();
}

} // namespace

TEST_CASE("chains of values are walked on a bounded stack: unique_ptr") {
    check_long_chain<std::unique_ptr<by_pointer>>([](auto& first, const ref<actor>& held) {
        auto link = std::make_unique<by_pointer>();
        link->held = held;
        link->next = std::move(first);
        first = std::move(link);
    });
}

TEST_CASE("chains of values are walked on a bounded stack: vector, list") {
    const auto prepend = [](auto& first, const ref<actor>& held) {
        typename std::remove_cvref_t<decltype(first)>::value_type link;
        link.held = held;
        link.next = std::move(first);
        first.clear();
        first.push_back(std::move(link));
    };
    check_long_chain<std::vector<by_container<std::vector>>>(prepend);
    check_long_chain<std::list<by_container<std::list>>>(prepend);
}

TEST_CASE("chains of values are walked on a bounded stack: variant of optional of unique_ptr, krait_trace") {
    check_long_chain<std::variant<int, std::optional<std::unique_ptr<by_choice>>>>(
        [](auto& first, const ref<actor>& held) {
            auto link = std::make_unique<by_choice>();
            link->held = held;
            link->next = std::move(first);
            first = std::optional(std::move(link));
        });
    check_long_chain<std::unique_ptr<by_function>>([](auto& first, const ref<actor>& held) {
        auto link = std::make_unique<by_function>();
        link->held = held;
        link->next = std::move(first);
        first = std::move(link);
    });
}

TEST_CASE("a frozen graph, a step and a path of names go through a long chain of values") {
    gc::collect();
    const auto a = make<actor>();
    auto o = make<chain_owner<std::unique_ptr<by_pointer>>>();
    o->self = o;
    for (int i = 0; i < 1000; ++i) {
        auto link = std::make_unique<by_pointer>();
        link->next = std::move(o->first);
        o->first = std::move(link);
        if (i == 0) o->first->held = a;
    }
    CHECK(gc::step(100) == 0);
    std::string path;
    gc::forbid_cycles([&](std::string_view found) { path = found; });
    a->others.push_back(a);
    o.reset();
    CHECK(gc::collect() == 1);
    gc::forbid_cycles({});
    CHECK(path.find("chain_owner") != std::string::npos);
    const auto root = make<chain_owner<std::unique_ptr<by_pointer>>>();
    root->first = std::make_unique<by_pointer>();
    root->first->held = a;
    krait::freeze_deep(root);
    CHECK(krait::is_immortal(a));
}
