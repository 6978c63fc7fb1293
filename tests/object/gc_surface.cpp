// Every function and constant of CPython's gc module has its counterpart.
#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::make;
using krait::ref;
namespace gc = krait::gc;

namespace {

struct item {
    ref<item> other;
    const ref<item> fixed{};
    item() = default;
    explicit item(ref<item> f) : fixed(std::move(f)) {}
    KRAIT_FIELDS(other, fixed);
};

ref<item> loop() {
    auto a = make<item>();
    a->other = a;
    return a;
}

std::vector<std::string> reports;

struct catch_reports {
    gc::unraisable_hook old;
    catch_reports() : old(gc::set_unraisable_hook([](std::string_view m) { reports.emplace_back(m); })) {
        reports.clear();
    }
    catch_reports(const catch_reports&) = delete;
    catch_reports& operator=(const catch_reports&) = delete;
    ~catch_reports() { gc::set_unraisable_hook(old); }
};

} // namespace

TEST_CASE("enable, disable, isenabled") {
    CHECK(gc::isenabled());
    gc::disable();
    CHECK(!gc::isenabled());
    loop();
    CHECK(gc::collect() == 1);
    gc::enable();
    CHECK(gc::isenabled());
}

TEST_CASE("collect refuses generations that do not exist") {
    CHECK_THROWS_AS(gc::collect(3), std::invalid_argument);
    CHECK_THROWS_AS(gc::collect(-1), std::invalid_argument);
    CHECK_THROWS_AS(gc::get_objects(3), std::invalid_argument);
}

TEST_CASE("thresholds: what is left out stays") {
    gc::set_threshold(7, 8, 9);
    gc::set_threshold(5);
    CHECK(gc::get_threshold() == std::array<std::uint32_t, 3>{5, 8, 9});
    gc::set_threshold(2000, 10, 10);
}

TEST_CASE("get_objects, get_referrers, get_referents, is_tracked, is_finalized") {
    const auto a = make<item>();
    const auto b = make<item>(a);
    b->other = a;
    const auto objects = gc::get_objects();
    CHECK(std::count(objects.begin(), objects.end(), a) == 1);
    CHECK(gc::get_referrers(a) == std::vector<ref<void>>{b});
    CHECK(gc::get_referrers(b).empty());
    CHECK(gc::get_referents(b) == std::vector<ref<void>>{a, a});
    CHECK(gc::is_tracked(a));
    CHECK(!gc::is_tracked(make<int>(1)));
    CHECK(!gc::is_finalized(a));
    CHECK(!gc::is_tracked(ref<item>()));
}

TEST_CASE("freeze, unfreeze, get_freeze_count") {
    gc::collect();
    auto a = loop();
    gc::freeze();
    CHECK(gc::get_freeze_count() == 1);
    CHECK(gc::get_count()[0] == 0);
    a = nullptr;
    CHECK(gc::collect() == 0); // out of sight
    CHECK(gc::get_objects().empty());
    gc::unfreeze();
    CHECK(gc::get_freeze_count() == 0);
    CHECK(gc::collect() == 1);
}

TEST_CASE("callbacks see both phases, may change the list, and may throw") {
    const catch_reports c;
    std::vector<std::string> seen;
    gc::callbacks().push_back([&](gc::phase p, const gc::run_info& info) {
        seen.push_back((p == gc::phase::start ? "start " : "stop ") + std::to_string(info.generation) + " " +
                       std::to_string(info.collected));
        CHECK(gc::collect() == 0); // not while one is running
        if (p == gc::phase::stop) gc::callbacks().clear();
    });
    gc::callbacks().push_back([](gc::phase, const gc::run_info&) { throw std::runtime_error("oops"); });
    loop();
    CHECK(gc::collect() == 1);
    CHECK(seen == std::vector<std::string>{"start 2 0", "stop 2 1"});
    CHECK(reports == std::vector<std::string>{"exception ignored in a gc callback of phase start: oops"});
    gc::collect();
    CHECK(seen.size() == 2);
}

TEST_CASE("DEBUG_SAVEALL keeps the unreachable in garbage") {
    CHECK(gc::DEBUG_STATS == 1);
    CHECK(gc::DEBUG_LEAK == 38);
    gc::set_debug(gc::DEBUG_SAVEALL);
    CHECK(gc::get_debug() == gc::DEBUG_SAVEALL);
    loop();
    CHECK(gc::collect() == 1);
    gc::set_debug(0);
    REQUIRE(gc::garbage().size() == 1);
    CHECK(gc::is_tracked(gc::garbage()[0]));
    gc::garbage().clear();
    CHECK(gc::collect() == 1);
}

TEST_CASE("a cycle through constant references cannot be broken: it is uncollectable") {
    gc::collect();
    {
        const auto a = make<item>();
        a->other = make<item>(a);
        const auto b = make<item>(a->other);
        const_cast<ref<item>&>(a->other->fixed) = b; // two constant references, to each other
        a->other.reset();
        const_cast<ref<item>&>(b->fixed)->other = nullptr;
    }
    const auto before = gc::get_stats()[2].uncollectable;
    CHECK(gc::collect() == 2);
    CHECK(gc::get_stats()[2].uncollectable == before + 2);
    CHECK(gc::garbage().size() == 2);
    for (const auto& object : gc::garbage()) const_cast<ref<item>&>(static_cast<item*>(object.get())->fixed) = nullptr;
    gc::garbage().clear();
    CHECK(gc::collect() == 0);
    CHECK(gc::get_objects().empty());
}

TEST_CASE("what finalizers throw is reported") {
    struct thrower {
        ref<thrower> self;
        void krait_finalize() { throw std::runtime_error("in finalizer"); }
        KRAIT_FIELDS(self);
    };
    const catch_reports c;
    make<thrower>();
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].find("exception ignored in the finalizer of ") == 0);
    CHECK(reports[0].find("in finalizer") != std::string::npos);
    {
        auto t = make<thrower>();
        t->self = t;
    }
    CHECK(gc::collect() == 1);
    CHECK(reports.size() == 2);
}

TEST_CASE("free lists are filled, limited, counted and cleared by a full run") {
#if KRAIT_FREELISTS
    struct tiny {
        int x;
    };
    {
        std::vector<ref<tiny>> many;
        for (int i = 0; i < 500; ++i) many.push_back(make<tiny>(i));
    }
    const auto info = [] {
        for (const auto& list : gc::get_freelists())
            if (list.type.find("tiny") != std::string_view::npos) return list;
        return gc::freelist_info{};
    };
    CHECK(info().size == 100);
    CHECK(info().limit == 100);
    const auto reused = info().reused;
    make<tiny>(1);
    CHECK(info().reused == reused + 1);
    gc::collect();
    CHECK(info().size == 0);
#endif
}

TEST_CASE("get_stats tells how many objects were examined, and for how long") {
    gc::collect();
    const auto before = gc::get_stats()[2];
    std::size_t told = 0;
    double duration = 0;
    gc::callbacks().push_back([&](gc::phase p, const gc::run_info& info) {
        if (p != gc::phase::stop) return;
        told = info.candidates;
        duration = info.duration;
    });
    for (int i = 0; i < 10; ++i) loop();
    auto kept = loop();
    CHECK(gc::collect() == 10);
    gc::callbacks().clear();
    const auto after = gc::get_stats()[2];
    CHECK(told >= 11);
    CHECK(after.candidates == before.candidates + told);
    CHECK(after.collected == before.collected + 10);
    CHECK(after.duration > before.duration);
    CHECK(after.duration - before.duration == Approx(duration));
    kept.reset();
    CHECK(gc::collect() == 1);
}

TEST_CASE("get_objects<T>: the tracked objects of one type") {
    struct special {
        ref<special> next;
        int id = 0;
    };
    const auto a = make<special>(nullptr, 1), b = make<special>(a, 2);
    auto other = loop();
    gc::collect(0);
    const auto c = make<special>(nullptr, 3);
    int sum = 0;
    for (const ref<special>& object : gc::get_objects<special>()) sum += object->id;
    CHECK(sum == 6);
    CHECK(gc::get_objects<special>(0).size() == 1);
    CHECK(gc::get_objects<special>(1).size() == 2);
    CHECK_THROWS_AS(gc::get_objects<special>(3), std::invalid_argument);
    other.reset();
    CHECK(gc::collect() == 1);
}
