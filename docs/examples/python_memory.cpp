// What Python programmers are told about memory, as one program: names and objects, counts, cascades, cycles,
// generations, weak references, reuse, sizes, slots, streaming, bounded caches, snapshots. The Python program prints
// the same (tests/object/values/python_memory.out); each line here says what the line there does. docs/values.md names
// what had to be written differently.
#include <algorithm>
#include <string>
#include <vector>

#include <krait/object/generator.hpp>
#include <krait/object/lru_cache.hpp>
#include <krait/object/tracemalloc.hpp>
#include <krait/object/value.hpp>

using namespace krait;

namespace {

std::int64_t count(object x) { // less the parameter here and getrefcount's own
    return static_cast<std::int64_t>(getrefcount(x)) - 2;
}

generator<std::int64_t> squares(std::int64_t n) {
    for (std::int64_t k = 0; k < n; ++k) co_yield k* k;
}

struct slotted {
    object x = 1, y = 2;
};

// A constant of the program, made before it starts and untracked by the first collection.
const tuple one_and_two{1, 2};

void names_and_objects(const names& n) {
    print("names: two names for one object");
    n["x"] = list{200};
    n["y"] = n["x"];
    print(n.at("x").is(n.at("y")), n.at("x") == n.at("y"), type_of(n.at("x")).name());
    n["x"] = list{200};
    print(n.at("x").is(n.at("y")), n.at("x") == n.at("y"));
    n["x"] = "text";
    print(type_of(n.at("x")).name(), type_of(n.at("y")).name());
    list::of(n.at("y")).append(1);
    n["alias"] = n["y"];
    print(n.at("alias"), n.at("y").is(n.at("alias")));
}

void counts(const names& n) {
    print("counts: what makes a reference and what removes one");
    n["a"] = list{};
    print(count(n["a"]));
    n["b"] = n["a"];
    print(count(n["a"]));
    n["box"] = list{n["a"], n["a"]};
    print(count(n["a"]));
    n.del("b");
    print(count(n["a"]));
    n["box"] = None;
    print(count(n["a"]));
}

void cascade(const names& n) {
    print("cascade: one count at zero takes the rest along");
    const class_ Link("Link");
    Link.def("__init__", [](const callable&, arguments a) {
        setattr(a[0], "name", a[1]);
        setattr(a[0], "next", a[2]);
        return None;
    });
    Link.def("__del__", [](const callable&, arguments a) {
        print("gone", getattr(a[0], "name"));
        return None;
    });
    n["chain"] = Link("one", Link("two", Link("three", None)));
    n.del("chain");
}

void cycles(const names& n) {
    print("cycles: counts cannot, the collector can");
    gc::collect();
    gc::disable();
    const class_ Person("Person");
    Person.def("__init__", [](const callable&, arguments a) {
        setattr(a[0], "name", a[1]);
        setattr(a[0], "friend", None);
        return None;
    });
    n["p"] = Person("p");
    n["q"] = Person("q");
    setattr(n["p"], "friend", n["q"]);
    setattr(n["q"], "friend", n["p"]);
    const weakref w(n["p"], [](weakref&) { print("callback: p has died"); });
    n.del("p");
    n.del("q");
    const bool alive = !is_none(w());
    const std::size_t collected = gc::collect();
    print(alive, collected, is_none(w()));
    n["root"] = Person("root");
    n["t1"] = Person("t1");
    n["t2"] = Person("t2");
    setattr(n["t1"], "friend", n["t2"]);
    setattr(n["t2"], "friend", n["t1"]);
    setattr(n["root"], "friend", n["root"]);
    n.del("t1");
    n.del("t2");
    print("collected", gc::collect(), "root lives", getattr(n["root"], "friend").is(n["root"]));
    // One after the other, as Python drops what it has looked at: the free list has one list afterwards.
    const bool root = gc::is_tracked(object(n["root"])), number = gc::is_tracked(object(42)),
               text = gc::is_tracked(str("s")), items = gc::is_tracked(list{}), constant = gc::is_tracked(one_and_two),
               nothing = gc::is_tracked(dict{}), holder = gc::is_tracked(dict{{"a", list{}}});
    print("tracked", root, number, text, items, constant, nothing, holder);
    const auto [t0, t1, t2] = gc::get_threshold();
    print("threshold", tuple{t0, t1, t2}, "generations", gc::get_stats().size());
    const std::uint32_t before = gc::get_count()[0];
    const list keep;
    for (int i = 0; i < 50; ++i) keep.append(list{});
    print("young", gc::get_count()[0] - before);
    const object young = keep[0];
    const auto is_in = [&](int generation) {
        const auto objects = gc::get_objects(generation);
        return std::any_of(objects.begin(), objects.end(), [&](const object& o) { return o.is(young); });
    };
    print("in young", is_in(0));
    gc::collect(0);
    print("in middle", is_in(1));
    gc::collect(1);
    print("in old", is_in(2));
    const class_ Phoenix("Phoenix");
    Phoenix.set("saved", None);
    Phoenix.def("__init__", [](const callable&, arguments a) {
        setattr(a[0], "me", a[0]);
        return None;
    });
    Phoenix.def("__del__", [](const callable&, arguments a) {
        instance::of(a[0]).type().set("saved", a[0]);
        return None;
    });
    Phoenix();
    const std::size_t found = gc::collect();
    print("found", found, "resurrected", !is_none(Phoenix.get("saved")));
    Phoenix.set("saved", None);
    const std::size_t again = gc::collect();
    print("again", again, "finalized once", is_none(Phoenix.get("saved")));
    gc::enable();
}

void reuse() {
    print("reuse: small integers, interned strings, free lists");
    object i = int_::parse("256"), j = int_::parse("256");
    print(i.is(j));
    i = int_::parse("257"), j = int_::parse("257");
    print(i.is(j), i == j);
    const str s = str().join(list{"co", "de"}), t = str().join(list{"co", "de"});
    print(s.is(t), intern(s).is(intern(t)));
    const object yes = object(1) == object(1), empty = tuple(), nothing = str().join(list());
    print(yes.is(object(2) == object(2)), empty.is(tuple()), nothing.is(str().join(list())));
    object d = list{1.5, 2.5};
    const std::uintptr_t old = id(d);
    d.reset();
    const object e = list{3.5};
    print("same shell", id(e) == old);
}

void sizes() {
    print("sizes: the shell, and what hangs on it");
    const object two(2);
    for (const object& v : std::vector<object>{
             0,           1,      power(two, 30), power(two, 60), 1.0,          True,        None,    "",
             "a",         "abc",  "\u00e9",       "\u20ac",       bytes(""),    bytes("ab"), tuple(), tuple{1},
             tuple{1, 2}, list(), list{1},        dict(),         dict{{1, 1}}, set(),       set{1}})
        print(repr(v), getsizeof(v));
    const list grow, all;
    for (int k = 0; k < 40; ++k) {
        grow.append(k);
        if (all.empty() || all[-1] != object(getsizeof(grow))) all.append(getsizeof(grow));
    }
    print("list grows", all);
    const class_ Plain("Plain");
    Plain.def("__init__", [](const callable&, arguments a) {
        setattr(a[0], "x", 1);
        setattr(a[0], "y", 2);
        return None;
    });
    const object fixed = make<slotted>();
    print("plain has dict", hasattr(Plain(), "__dict__"), "slotted", hasattr(fixed, "__dict__"), getsizeof(fixed));
    std::vector<unsigned> thousand(1000);
    print("array", getsizeof(packed<unsigned>(thousand)) - getsizeof(packed<unsigned>()), "list",
          getsizeof(list::of_range(0, 1000)));
    const dict g{{"b", 1}, {"a", 2}};
    g["c"] = 3;
    g.erase("b");
    g["b"] = 4;
    print("order", g.keys());
}

void streaming(const char* title) {
    print(title);
    std::int64_t sum = 0;
    for (const std::int64_t s : squares(1000)) sum += s;
    print(sum, getsizeof(squares(10)) == getsizeof(squares(1'000'000'000)));
    const list calls;
    lru_cache<object(object)> parse(
        [&](const object& k) {
            calls.append(k);
            return k * 10;
        },
        2);
    const list results;
    for (const int k : {1, 2, 1, 3, 2}) results.append(parse(k));
    const auto info = parse.cache_info();
    print(results, calls,
          "CacheInfo(hits=" + std::to_string(info.hits) + ", misses=" + std::to_string(info.misses) +
              ", maxsize=" + std::to_string(*info.maxsize) + ", currsize=" + std::to_string(info.currsize) + ")");
    const auto leak = [] {
        const cell large(list::repeat(0, 1000));
        return callable(
            "<lambda>",
            [](const callable& self, arguments) -> object {
                return len(cell::of(tuple::of(self.closure())[0]).contents());
            },
            tuple{large});
    };
    const callable f = leak();
    print("closure keeps", f(), !is_none(cell::of(tuple::of(f.closure())[0]).contents()));
}

void snapshots() {
    print("snapshots: where was it allocated");
    tracemalloc::start();
    const auto s1 = tracemalloc::take_snapshot();
    tracemalloc::line();
    object data = list();
    for (int i = 0; i < 100; ++i) list::of(data).append(packed<std::uint8_t>::zeros(1000));
    const auto s2 = tracemalloc::take_snapshot();
    const auto top = s2.compare_to(s1)[0];
    print("grew", top.size_diff > 100'000, top.count_diff >= 200, top.where.filename == __FILE__);
    const auto [current, peak] = tracemalloc::get_traced_memory();
    data.reset();
    const auto [now, peak2] = tracemalloc::get_traced_memory();
    print("fell", current - now > 100'000, "peak stays", peak2 >= peak);
    tracemalloc::reset_peak();
    print("peak reset", tracemalloc::get_traced_memory().second < peak);
    tracemalloc::stop();
}

} // namespace

int main() {
    gc::set_threshold(700, 10, 10); // as 3.11's; krait's own are 3.13's
    const names n;
    names_and_objects(n);
    counts(n);
    cascade(n);
    cycles(n);
    reuse();
    sizes();
    streaming("streaming and bounded caches");
    snapshots();
}
