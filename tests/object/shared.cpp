#include "in_threads.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::atomic_shared;
using krait::make_shared;
using krait::shared;
using krait::weak_shared;

namespace {

std::atomic<int> alive{0};

struct counted {
    int value = 0;
    explicit counted(int v = 0) : value(v) { ++alive; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() {
        value = -1;
        --alive;
    }
    KRAIT_FIELDS();
};
struct derived : counted {
    int more = 5;
    derived() : counted(4) {}
    KRAIT_FIELDS();
};

// In a graph of shared objects a way back is a weak one.
struct child;
struct parent {
    shared<child> first;
    std::string name;
};
struct child {
    weak_shared<parent> up;
    atomic_shared<counted> latest;
    explicit child(weak_shared<parent> p) : up(std::move(p)) {}
    KRAIT_FIELDS(up, latest);
};

struct selfish {
    shared<selfish> me() { return krait::shared_to(*this); }
};

struct ring {
    shared<ring> next;
    using krait_acyclic = void;
};

struct phoenix {
    static inline weak_shared<phoenix> watch;
    static inline shared<phoenix> nest;
    static inline int finalized = 0;
    void krait_finalize() {
        ++finalized;
        nest = watch.lock();
    }
    KRAIT_FIELDS();
};

} // namespace

TEST_CASE("weak_shared: one word, lock, expired, identity after death") {
    static_assert(sizeof(weak_shared<counted>) == sizeof(void*));
    static_assert(sizeof(atomic_shared<counted>) == sizeof(void*));
    auto a = make_shared<counted>(7);
    const weak_shared<counted> w = a, v = w;
    const weak_shared<const counted> c = w;
    CHECK(a.use_count() == 1);
    CHECK(w.lock() == a);
    CHECK(w.lock()->value == 7);
    CHECK(c.lock()->value == 7);
    CHECK(w == v);
    a.reset();
    CHECK(alive == 0);
    CHECK(w.expired());
    CHECK(!w.lock());
    CHECK(!c.lock());
    CHECK(w == v);
    const weak_shared<counted> other = make_shared<counted>(1);
    CHECK(!(w == other)); // its block is not the one that w keeps
    CHECK(other.expired());
    CHECK(weak_shared<counted>().expired());
    CHECK(weak_shared<counted>(shared<counted>()).expired());
    CHECK(std::unordered_set<weak_shared<counted>>{w, v, other}.size() == 2);
}

TEST_CASE("weak_shared: to a base class, from the living and the dead") {
    auto d = make_shared<derived>();
    const weak_shared<derived> w = d;
    const weak_shared<counted> base = w, again = d;
    CHECK(base.lock()->value == 4);
    CHECK(base == again);
    d.reset();
    const weak_shared<counted> late = w;
    CHECK(late.expired());
    CHECK(alive == 0);
}

TEST_CASE("a weak way back in a graph that threads share") {
    auto p = make_shared<parent>(shared<child>(), "p");
    p->first = make_shared<child>(p);
    p->first->latest = make_shared<counted>(3);
    CHECK(p->first->up.lock()->name == "p");
    CHECK(alive == 1);
    const weak_shared<child> c = p->first;
    p.reset();
    CHECK(c.expired());
    CHECK(alive == 0);
}

TEST_CASE("shared_to(*this) is one more reference") {
    const auto s = make_shared<selfish>();
    const auto again = s->me();
    CHECK(again == s);
    CHECK(s.use_count() == 2);
    const auto read_only = krait::shared_to(*shared<const selfish>(s));
    CHECK(read_only.use_count() == 3);
    const auto root = krait::make<parent>();
    krait::freeze_deep(root);
    const shared<const parent> frozen = krait::shared_to(*shared<const parent>(root));
    CHECK(frozen.get() == root.get());
    const weak_shared<const parent> w = frozen;
    CHECK(w.lock() == frozen);
}

TEST_CASE("a chain of a million shared objects dies on a bounded stack, watched by weak references or not") {
    for (const bool watched : {false, true}) {
        std::vector<weak_shared<ring>> watch;
        shared<ring> chain;
        for (int i = 0; i < 1'000'000; ++i) {
            auto next = make_shared<ring>();
            next->next = std::move(chain);
            chain = std::move(next);
            if (watched && i % 3 == 0) watch.emplace_back(chain);
        }
        const weak_shared<ring> head = chain;
        chain.reset();
        CHECK(head.expired());
        std::size_t expired = 0;
        for (const auto& w : watch) expired += w.expired();
        CHECK(expired == watch.size());
    }
}

TEST_CASE("a finalizer may bring a shared object back, by a weak reference too; it does not run again") {
    auto p = make_shared<phoenix>();
    phoenix::watch = p;
    p.reset();
    CHECK(phoenix::finalized == 1);
    REQUIRE(phoenix::nest);
    CHECK(phoenix::nest.use_count() == 1);
    CHECK(phoenix::watch.lock() == phoenix::nest);
    phoenix::nest.reset();
    CHECK(phoenix::watch.expired());
    CHECK(phoenix::finalized == 1);
    phoenix::watch.reset();
}

TEST_CASE("threads lock a weak_shared while the last reference goes") {
    for (int round = 0; round < 300; ++round) {
        auto s = make_shared<counted>(9);
        const weak_shared<counted> w = s;
        std::atomic<int> wrong{0};
        std::thread dropper([s = std::move(s)]() mutable { s.reset(); });
        in_threads(2, [&](int) {
            const weak_shared<counted> mine = w;
            while (const auto locked = mine.lock()) wrong += locked->value != 9;
        });
        dropper.join();
        CHECK(wrong == 0);
        CHECK(alive == 0);
    }
}

TEST_CASE("atomic_shared: load, store, exchange, compare and exchange") {
    {
        atomic_shared<counted> a;
        CHECK(!a.load());
        a.store(make_shared<counted>(1));
        auto one = a.load();
        CHECK(one->value == 1);
        auto two = make_shared<counted>(2);
        CHECK(a.exchange(two) == one);
        auto expected = one;
        CHECK(!a.compare_exchange_strong(expected, make_shared<counted>(3)));
        CHECK(expected == two);
        CHECK(alive == 2);
        CHECK(a.compare_exchange_strong(expected, one));
        CHECK(a.load() == one);
        expected = nullptr;
        CHECK(!a.compare_exchange_weak(expected, nullptr));
        CHECK(expected == one);
        a = nullptr;
        expected = nullptr;
        CHECK(a.compare_exchange_strong(expected, two));
        a = nullptr;
        CHECK(one.use_count() == 1);
        CHECK(two.use_count() == 1);
    }
    CHECK(alive == 0);
    std::atomic<shared<counted>> standard(make_shared<counted>(5));
    CHECK(standard.load()->value == 5);
    standard = make_shared<counted>(6);
    CHECK(standard.load()->value == 6);
    CHECK(alive == 1);
    standard.store({});
    CHECK(alive == 0);
}

TEST_CASE("atomic_shared: a hundred thousand loads of one object give back what they took") {
    auto s = make_shared<counted>(1);
    {
        const atomic_shared<counted> a(s);
        for (int i = 0; i < 100'000; ++i) CHECK(a.load().get() == s.get());
        std::vector<shared<counted>> many;
        for (int i = 0; i < 10'000; ++i) many.push_back(a.load());
        CHECK(s.use_count() > 10'000);
    }
    CHECK(s.use_count() == 1);
}

TEST_CASE("atomic_shared of a frozen object writes to no count") {
    const auto root = krait::make<parent>();
    krait::freeze_deep(root);
    const atomic_shared<const parent> a{shared<const parent>(root)};
    for (int i = 0; i < 5000; ++i) CHECK(a.load().get() == root.get());
    CHECK(krait::is_immortal(root));
}

TEST_CASE("threads read, replace and exchange one atomic_shared") {
    {
        atomic_shared<counted> a(make_shared<counted>(0));
        std::atomic<int> wrong{0};
        in_threads(4, [&](int t) {
            for (int i = 0; i < 5000; ++i) {
                const auto seen = a.load();
                wrong += seen && seen->value < 0;
                if (i % 16 == t) a.store(make_shared<counted>(i));
                if (i % 64 == t) wrong += a.exchange(nullptr).use_count() > 1'000'000;
                if (i % 32 == t) {
                    auto expected = seen;
                    a.compare_exchange_strong(expected, make_shared<counted>(i));
                }
            }
        });
        CHECK(wrong == 0);
        CHECK(alive <= 1);
    }
    CHECK(alive == 0);
}

TEST_CASE("atomic_shared: waiting for another value") {
    atomic_shared<counted> a(make_shared<counted>(1));
    const auto old = a.load();
    std::thread waiter([&] {
        a.wait(old);
        CHECK(a.load()->value == 2);
    });
    for (int i = 0; i < 100; ++i) a.load();
    a.store(make_shared<counted>(2));
    a.notify_all();
    waiter.join();
}
