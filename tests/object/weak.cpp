#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::make;
using krait::ref;
using krait::weak;
namespace gc = krait::gc;

namespace {

struct subject {
    int id = 0;
    ref<subject> self;
    weak<subject> observer; // may carry a callback, and be part of the garbage
};

struct tracked_key {
    using krait_cyclic = void;
    int id = 0;
};

ref<subject> make_subject(int id) {
    auto s = make<subject>();
    s->id = id;
    return s;
}

} // namespace

TEST_CASE("weak references: one word, lock, expired, sharing") {
    static_assert(sizeof(weak<subject>) == sizeof(void*));
    auto a = make_subject(1);
    const weak<subject> w = a, v = a;
    CHECK(w == v);
    CHECK(w.lock() == a);
    CHECK(a.use_count() == 1);
    const weak<const subject> c = w;
    CHECK(c.lock()->id == 1);
    a.reset();
    CHECK(w.expired());
    CHECK(!w.lock());
    CHECK(!c.lock());
    const weak<subject> null;
    CHECK(null.expired());
    const weak<subject> of_null = ref<subject>();
    CHECK(of_null.expired());
}

TEST_CASE("the cell is made by the first weak reference, and reused") {
    auto a = make_subject(1);
    auto* const head = krait::detail::head_of(a.get());
    CHECK(!krait::detail::has_cell(head));
    { const weak<subject> w = a; }
    const auto* const cell = krait::detail::cell_of(head);
    REQUIRE(cell != nullptr);
    const weak<subject> again = a;
    CHECK(krait::detail::cell_of(head) == cell);
}

TEST_CASE("callbacks: newest first, after all have become null, only while a handle lives") {
    auto a = make_subject(1);
    std::vector<int> called;
    std::vector<weak<subject>> watch;
    const auto note = [&](int n) {
        return [&called, &watch, n](weak<subject>& w) {
            called.push_back(n);
            CHECK(w.expired());
            for (const auto& other : watch) CHECK(other.expired());
        };
    };
    watch.emplace_back(a, note(1));
    watch.emplace_back(a);
    watch.emplace_back(a, note(2));
    { const weak<subject> dropped(a, note(3)); }
    watch.push_back(watch[0]); // a copy: still called once
    a.reset();
    CHECK(called == std::vector<int>{2, 1});
}

TEST_CASE("in a collection: callbacks before finalizers, those in the garbage never") {
    int outside = 0, inside = 0;
    auto a = make_subject(1);
    a->self = a;
    const weak<subject> w(a, [&](weak<subject>&) { ++outside; });
    a->observer = weak<subject>(a, [&](weak<subject>&) { ++inside; });
    a.reset();
    CHECK(gc::collect() == 1);
    CHECK(outside == 1);
    CHECK(inside == 0);
}

TEST_CASE("a weak reference in the garbage to something alive") {
    int called = 0;
    auto alive = make_subject(1);
    auto a = make_subject(2);
    a->self = a;
    a->observer = weak<subject>(alive, [&](weak<subject>&) { ++called; });
    a.reset();
    CHECK(gc::collect() == 1);
    alive.reset();
    CHECK(called == 0);
}

TEST_CASE("weak_value_map") {
    krait::weak_value_map<std::string, subject> map;
    auto a = make_subject(1), b = make_subject(2);
    map.insert("a", a);
    map.insert("b", b);
    CHECK(map.find("a") == a);
    CHECK(map.size() == 2);
    map.insert("a", b); // replaced: the death of the old value must not remove the new one
    a.reset();
    CHECK(map.find("a") == b);
    b.reset();
    CHECK(map.size() == 0);
    CHECK(!map.contains("a"));
}

TEST_CASE("weak_set, with members that die while it is iterated") {
    krait::weak_set<subject> set;
    std::vector<ref<subject>> keep;
    for (int i = 0; i < 50; ++i) {
        keep.push_back(make_subject(i));
        CHECK(set.insert(keep.back()));
        CHECK(!set.insert(keep.back()));
    }
    std::size_t seen = 0;
    set.for_each([&](const ref<subject>&) {
        ++seen;
        keep.clear();
    });
    CHECK(seen == 1);
    CHECK(set.size() == 0);
}

TEST_CASE("weak_key_map is an ephemeron: a value that refers to its key does not keep it") {
    krait::weak_key_map<subject, ref<subject>> map;
    auto key = make_subject(1);
    {
        auto value = make_subject(2);
        value->self = key;
        map.insert(key, value);
    }
    CHECK((*map.find(key))->id == 2);
    CHECK(gc::collect() == 0);
    CHECK(gc::get_referents(key).size() == 1);
    key.reset();
    CHECK(map.size() == 1);
    CHECK(gc::collect() == 2);
    CHECK(map.size() == 0);
}

TEST_CASE("weak_key_map: a value that leads to its key through another object does not keep it") {
    struct holder_of_key {
        ref<tracked_key> key;
    };
    krait::weak_key_map<tracked_key, ref<holder_of_key>> map;
    auto key = make<tracked_key>();
    map.insert(key, make<holder_of_key>(key));
    key.reset();
    CHECK(gc::collect() == 2);
    CHECK(map.size() == 0);
}

TEST_CASE("weak_key_map: replace, erase, clear, and a value that is a map itself") {
    struct registry {
        krait::weak_key_map<subject, int> numbers;
    };
    krait::weak_key_map<subject, std::shared_ptr<registry>> map;
    auto key = make_subject(1);
    auto inner = std::make_shared<registry>();
    inner->numbers.insert(key, 5);
    map.insert(key, inner);
    inner.reset();
    key.reset(); // both maps lose the key; the inner map dies with its value
    CHECK(map.size() == 0);
    auto other = make_subject(2);
    map.insert(other, nullptr);
    map.insert(other, std::make_shared<registry>());
    CHECK(map.size() == 1);
    CHECK(map.erase(other));
    CHECK(!map.erase(other));
    map.insert(other, nullptr);
    map.clear();
    CHECK(!map.contains(other));
    CHECK_THROWS_AS(map.insert(nullptr, nullptr), std::invalid_argument);
}

TEST_CASE("weak keys survive the resurrection of their object with their value") {
    struct phoenix {
        ref<phoenix> self;
        ref<phoenix>* nest = nullptr;
        phoenix() = default;
        void krait_finalize() {
            if (nest != nullptr) *nest = krait::ref_to(*this);
        }
        KRAIT_FIELDS(self);
    };
    ref<phoenix> nest;
    krait::weak_key_map<phoenix, int> map;
    {
        auto p = make<phoenix>();
        p->self = p;
        p->nest = &nest;
        map.insert(p, 7);
    }
    CHECK(gc::collect() == 0);
    REQUIRE(nest);
    REQUIRE(map.find(nest));
    CHECK(*map.find(nest) == 7);
    nest->nest = nullptr;
    nest.reset();
    CHECK(gc::collect() == 1);
    CHECK(map.size() == 0);
}

TEST_CASE("finalize: once, detach, peek, atexit") {
    std::vector<std::string> log;
    auto a = make_subject(1);
    krait::finalize f(
        a, [&](const std::string& word) { log.push_back(word); }, "bye");
    CHECK(f.alive());
    CHECK(f.peek() == a);
    CHECK(f.atexit());
    a.reset();
    CHECK(!f.alive());
    CHECK(!f());
    CHECK(!f.peek());
    CHECK(log == std::vector<std::string>{"bye"});

    auto b = make_subject(2);
    krait::finalize g(b, [&] { log.push_back("called"); });
    CHECK(g());
    CHECK(!g());
    b.reset();
    CHECK(log.size() == 2);

    auto c = make_subject(3);
    krait::finalize d(c, [&] { log.push_back("never"); });
    CHECK(d.detach());
    CHECK(!d.detach());
    c.reset();
    CHECK(log.size() == 2);
    auto e = make_subject(4);
    {
        krait::finalize unheld(e, [&] { log.push_back("unheld"); });
    }
    e.reset();
    CHECK(log.back() == "unheld");
}

TEST_CASE("finalize: at the thread's end, unless it is told not to") {
    std::vector<std::string> log;
    std::thread([&log] {
        const auto cycle = make_subject(1);
        cycle->self = cycle;
        krait::finalize f(cycle, [&log] { log.push_back("at exit"); });
        krait::finalize g(cycle, [&log] { log.push_back("never"); });
        g.set_atexit(false);
        CHECK(f.atexit());
        CHECK(!g.atexit());
    }).join();
    CHECK(log == std::vector<std::string>{"at exit"});
}
