// krait::function: what std::function does, and captures that the collector sees.
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::closure;
using krait::function;
using krait::make;
using krait::ref;
namespace gc = krait::gc;

namespace {

struct button {
    function<int(int)> clicked;
    std::vector<function<void()>> later;
    int presses = 0;
};
static_assert(!krait::acyclic_v<button> && sizeof(function<void()>) == 4 * sizeof(void*));

int doubled(int x) { return 2 * x; }

struct counts { // copies, and deaths
    static inline int alive = 0;
    std::array<long, 8> large{};
    ref<button> target;
    explicit counts(ref<button> t = {}) : target(std::move(t)) { ++alive; }
    counts(const counts& other) : target(other.target) { ++alive; }
    counts& operator=(const counts&) = delete;
    ~counts() { --alive; }
    int operator()(int x) const { return target ? target->presses + x : x; }
    KRAIT_FIELDS(target);
};

template <class T>
std::size_t collected(ref<T> object) {
    const krait::weak<T> watch = object;
    object.reset();
    const std::size_t found = gc::collect();
    CHECK(watch.expired());
    return found;
}

} // namespace

TEST_CASE("a function calls, is empty, is copied, moved and swapped") {
    function<int(int)> f;
    CHECK(!f);
    CHECK(f == nullptr);
    CHECK_THROWS_AS(f(1), std::bad_function_call);
    f = doubled;
    CHECK(f(4) == 8);
    int offset = 3;
    f = [&offset](int x) { return x + offset; };
    CHECK(f(4) == 7);
    function<int(int)> g = f;
    offset = 5;
    CHECK(f(1) + g(1) == 12);
    const auto moved = std::move(f);
    CHECK(!f);
    CHECK(moved(0) == 5);
    g = [n = 0](int) mutable { return ++n; };
    g(0);
    CHECK(g(0) == 2);
    g.swap(f);
    CHECK(!g);
    CHECK(f(0) == 3);
    f = nullptr;
    CHECK(!f);
    int (*const none)(int) = nullptr;
    CHECK(!function<int(int)>(none));
    function<std::string(const button&)> member = [](const button& b) { return std::to_string(b.presses); };
    CHECK(member(button{}) == "0");
    CHECK(function<int(button&)>(&button::presses) != nullptr);
    function<void(std::unique_ptr<int>)> takes = [](std::unique_ptr<int> p) { CHECK(*p == 1); };
    takes(std::make_unique<int>(1));
}

TEST_CASE("targets larger than the room are copied and destroyed as often as they are made") {
    {
        function<int(int)> f = counts();
        function<int(int)> g = f;
        CHECK(counts::alive == 2);
        f = std::move(g);
        CHECK(counts::alive == 1);
        auto& same = f;
        f = same;
        f.swap(g);
        f.swap(f);
        CHECK(g(2) == 2);
        const std::vector<function<int(int)>> many(5, g);
        CHECK(counts::alive == 6);
    }
    CHECK(counts::alive == 0);
}

TEST_CASE("what a closure, an aggregate or a class with fields captures is seen, and collected") {
    struct caller {
        ref<button> target;
        int operator()(int x) const { return target->presses + x; }
    };
    const std::vector<void (*)(const ref<button>&)> ways{
        [](const ref<button>& b) {
            b->clicked = closure([](ref<button>& self, int x) { return self->presses += x; }, b);
        },
        [](const ref<button>& b) { b->clicked = caller{b}; },
        [](const ref<button>& b) { b->clicked = counts(b); },
        [](const ref<button>& b) {
            b->later.emplace_back(closure([](const ref<button>&, const std::string&) {}, b, std::string("text")));
        },
        [](const ref<button>& b) { // a function in a function
            b->later.emplace_back(closure([](function<int(int)>& f) { f(1); }, function<int(int)>(caller{b})));
        },
    };
    for (const auto way : ways) {
        auto b = make<button>();
        way(b);
        CHECK(gc::collect() == 0);
        if (b->clicked) CHECK(b->clicked(2) == 2);
        CHECK(gc::get_referents(b).size() == 1);
        CHECK(gc::get_referrers(b).size() == 1);
        CHECK(collected(std::move(b)) == 1);
        CHECK(counts::alive == 0);
    }
}

TEST_CASE("a closure's captures are its own, and arguments come after them") {
    auto b = make<button>();
    function<std::string(std::string)> f = closure(
        [](int& calls, const std::string& a, std::string c) { return a + c + std::to_string(++calls); }, 0, "x");
    CHECK(f("y") == "xy1");
    auto g = f;
    CHECK(f("z") == "xz2");
    CHECK(g("z") == "xz2");
    const function<int()> presses = closure(&button::presses, button{{}, {}, 7});
    CHECK(presses() == 7);
}

TEST_CASE("weak references in captures become null and call back as others do") {
    struct owner {
        function<bool()> alive;
        ref<owner> self;
    };
    auto o = make<owner>();
    int called = 0;
    o->self = o;
    o->alive =
        closure([](krait::weak<owner>& w) { return !w.expired(); }, krait::weak<owner>(o, [&](auto&) { ++called; }));
    CHECK(o->alive());
    CHECK(collected(std::move(o)) == 1);
    CHECK(called == 0); // the handle is garbage itself
}

TEST_CASE("in garbage a function has no target") {
    struct late {
        function<void()> f;
        ref<late> self;
        bool* had_target = nullptr;
        late() = default;
        late(const late&) = delete;
        late& operator=(const late&) = delete;
        ~late() { *had_target = static_cast<bool>(f); }
        KRAIT_FIELDS(f, self);
    };
    bool had = true;
    auto a = make<late>();
    a->had_target = &had;
    a->self = a;
    a->f = closure([](const ref<late>&) {}, a);
    CHECK(collected(std::move(a)) == 1);
    CHECK(!had);
}

TEST_CASE("functions in functions are walked on a bounded stack") {
    auto b = make<button>();
    function<void()> f = closure([](const ref<button>&) {}, b);
    for (int i = 0; i < 5000; ++i) {
        function<void()> outer = closure([](const function<void()>&) {}, std::move(f));
        f = std::move(outer);
    }
    b->later.push_back(std::move(f));
    CHECK(gc::collect() == 0);
    CHECK(gc::get_referents(b).size() == 1);
    CHECK(collected(std::move(b)) == 1);
}
