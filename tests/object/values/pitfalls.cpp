// What code of the program does in the middle of an operation on values: it changes or drops what is being looked at,
// answers nonsense, runs the collector, comes too late. Nothing dangles, nothing is lost.
#include <catch2/catch.hpp>

#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <krait/object/builtins.hpp>
#include <krait/object/gc.hpp>
#include <krait/object/lru_cache.hpp>

using namespace krait;

namespace {

std::string answer(const std::function<object()>& f) {
    try {
        return repr(f());
    } catch (const error& e) {
        return std::string(e.kind()) + ": " + e.what();
    }
}
std::string error_of(const std::function<void()>& f) {
    return answer([&] {
        f();
        return None;
    });
}

object slot; // what code of the program drops or changes
int calls;

// Garbage whose finalizer runs the code: the next collection calls it.
void leave_garbage(const class_& type) {
    const instance made = type();
    setattr(made, "itself", made);
}
// f, with a collection at its n-th new container, for each n.
void at_each_new_container(const class_& type, const std::function<void()>& f) {
    const auto before = gc::get_threshold();
    for (unsigned n = 1; n < 8; ++n) {
        gc::disable();
        leave_garbage(type);
        gc::set_threshold(n, 100, 100);
        gc::collect(0);
        leave_garbage(type);
        gc::enable();
        f();
        gc::disable();
        slot.reset();
        gc::collect();
    }
    gc::enable();
    gc::set_threshold(before[0], before[1], before[2]);
}

TEST_CASE("a comparison may make a dict of strings of the dict that looks for a key") {
    const dict d;
    slot = d;
    calls = 0;
    const class_ key("key");
    key.def("__hash__", [](const callable&, arguments) -> object { return 7; });
    key.def("__eq__", [](const callable&, arguments) -> object {
        if (calls++ != 0) return false;
        const dict changed = dict::of(slot);
        changed.clear();
        for (int i = 0; i < 5; ++i) changed.set("k" + std::to_string(i), i);
        return false;
    });
    d.set(key(), 1);
    CHECK(answer([&] { return d.get(key(), None); }) == "None");
    CHECK(repr(d) == "{'k0': 0, 'k1': 1, 'k2': 2, 'k3': 3, 'k4': 4}");
    slot.reset();
}

TEST_CASE("a dict that a comparison's collection lets go is tracked again") {
    const class_ key("key");
    key.def("__hash__", [](const callable&, arguments) -> object { return 7; });
    key.def("__eq__", [](const callable&, arguments) -> object {
        gc::collect();
        return false;
    });
    {
        const dict d{{7, 1}};
        d.set(key(), list{d});
        CHECK(gc::is_tracked(d.reference()));
    }
    CHECK(gc::collect() >= 2);
}

TEST_CASE("what makes a container may set off a finalizer that changes the dict") {
    const class_ clears("clears"), adds("adds"), plain("plain");
    clears.def("__del__", [](const callable&, arguments) -> object {
        if (slot) dict::of(slot).clear();
        return None;
    });
    at_each_new_container(clears, [] {
        const dict d{{"a", 1}};
        slot = d;
        const std::string popped = answer([&] { return call_method(d, "popitem"); });
        CHECK((popped == "('a', 1)" || popped == "KeyError: 'popitem(): dictionary is empty'"));
        CHECK(d.empty());
    });
    adds.def("__del__", [](const callable&, arguments) -> object {
        if (slot) instance::of(slot).dict().set("y", 6);
        return None;
    });
    at_each_new_container(adds, [&] {
        const instance i = plain();
        setattr(i, "x", 5);
        slot = i;
        const dict attributes = i.dict();
        CHECK(getattr(i, "x") == object(5));
        CHECK(attributes.is(i.dict()));
    });
}

TEST_CASE("an unset object is no key, no value and no attribute") {
    const std::string told = "TypeError: an unset object is no value";
    const object unset;
    const dict d{{"a", 1}};
    const set s{1};
    const instance i = class_("C")();
    const krait::attribute x("x");
    setattr(i, "x", 1);
    CHECK(error_of([&] { d.set("a", unset); }) == told);
    CHECK(error_of([&] { d.set("b", unset); }) == told);
    CHECK(error_of([&] { d.set(2.5, unset); }) == told);
    CHECK(error_of([&] { d.set(unset, 1); }) == told);
    CHECK(error_of([&] { d["a"] = unset; }) == told);
    CHECK(error_of([&] { d.setdefault("c", unset); }) == told);
    CHECK(error_of([&] { s.add(unset); }) == told);
    CHECK(error_of([&] { frozenset{unset}; }) == told);
    CHECK(error_of([&] { setattr(i, "x", unset); }) == told);
    CHECK(error_of([&] { setattr(i, "y", unset); }) == told);
    CHECK(error_of([&] { x.set(i, unset); }) == told);
    CHECK(error_of([&] { (void)hash(unset); }) == told);
    CHECK(repr(d) == "{'a': 1}");
    CHECK(repr(s) == "{1}");
    CHECK(repr(i.dict()) == "{'x': 1}");
}

TEST_CASE("iterators and items outlive what they come from, and tell of changes") {
    dict d{{"a", 1}};
    auto in_dict = d.begin();
    d.clear();
    CHECK_THROWS_AS(*in_dict, state_error);
    set s;
    for (int i = 0; i < 100; ++i) s.add(i);
    auto in_set = s.begin();
    for (int i = 0; i < 50; ++i) ++in_set;
    s.clear();
    CHECK_THROWS_AS(*in_set, state_error);
    list l;
    for (int i = 0; i < 100; ++i) l.append(i);
    auto in_list = l.begin();
    for (int i = 0; i < 50; ++i) ++in_list;
    l.clear();
    CHECK_THROWS_AS(*in_list, index_error);
    object o = list{1000, 2000};
    const auto first = list::of(o).begin();
    o.reset();
    CHECK(*first == object(1000));
    o = dict();
    const auto place = dict::of(o)["a"];
    place = 5;
    CHECK(repr(o) == "{'a': 5}");
    const auto name = [] {
        const names n;
        n["x"] = 77777;
        return n["x"];
    }();
    CHECK(object(name) == object(77777));
}

TEST_CASE("comparisons, hashes and texts may drop what is being asked, and its keys") {
    const class_ drops("drops"), hashed("hashed");
    const auto drop = [](const callable&, arguments) -> object {
        slot.reset();
        return false;
    };
    drops.def("__hash__", [](const callable&, arguments) -> object { return 7; });
    drops.def("__eq__", drop).def("__lt__", drop);
    drops.def("__repr__", [](const callable&, arguments) -> object {
        slot.reset();
        return "dropped";
    });
    hashed.def("__hash__", [](const callable&, arguments) -> object {
        slot.reset();
        return 7;
    });
    const auto on = [](object made, const std::function<object()>& f) {
        slot = std::move(made);
        return answer(f);
    };
    const auto as_dict = []() -> const dict& { return static_cast<const dict&>(slot); };
    const auto as_set = []() -> const set& { return static_cast<const set&>(slot); };
    const auto d = [&] { return drops(); };
    for (const bool tuples : {false, true}) {
        const auto row = [&]() -> object { return tuples ? object(tuple{d(), 1, 2}) : object(list{d(), 1, 2}); };
        CHECK(on(row(), [&]() -> object { return slot == row(); }) == "False");
        CHECK(on(row(), [&]() -> object { return row() == slot; }) == "False");
        CHECK(on(row(), [&]() -> object { return repr(slot); }).find("dropped, 1, 2") == 2);
        CHECK(on(row(), [&]() -> object { return compare(slot, row()) < 0; }) == "False");
        CHECK(on(row(), [&]() -> object { return krait::contains(slot, d()); }) == "False");
        CHECK(on(row(), [&]() -> object { return call_method(slot, "count", d()); }) == "0");
        CHECK(on(row(), [&]() -> object { return krait::min(slot); }).starts_with("TypeError")); // of 1 and 2
    }
    CHECK(on(tuple{hashed(), hashed()}, []() -> object { return hash(slot) != 0; }) == "True");
    CHECK(on(dict{{1, d()}, {2, 3}}, [&]() -> object { return slot == dict{{1, d()}, {2, 3}}; }) == "False");
    CHECK(on(dict{{1, d()}, {2, 3}}, []() -> object { return repr(slot); }) == "'{1: dropped, 2: 3}'");
    CHECK(on(set{d(), 1}, [&]() -> object { return slot == set{d(), 1}; }) == "False");
    CHECK(on(list{d(), d()}, [] { return sort(static_cast<const list&>(slot)), None; }) == "None");
    const auto asked = [&](const class_& key, const std::function<void(const object&)>& f) {
        (void)on(dict{{d(), 1}}, [&] { return f(key()), None; });
        CHECK(!slot);
    };
    for (const class_& key : {drops, hashed}) {
        asked(key, [&](const object& k) { (void)as_dict().get(k); });
        asked(key, [&](const object& k) { as_dict().set(k, 2); });
        asked(key, [&](const object& k) { as_dict().pop(k, None); });
        asked(key, [&](const object& k) { as_dict().erase(k); });
        asked(key, [&](const object& k) { as_dict().setdefault(k, None); });
        const auto asked_set = [&](const std::function<void(const object&)>& f) {
            (void)on(set{d()}, [&] { return f(key()), None; });
            CHECK(!slot);
        };
        asked_set([&](const object& k) { as_set().add(k); });
        asked_set([&](const object& k) { (void)as_set().contains(k); });
        asked_set([&](const object& k) { as_set().discard(k); });
        asked_set([&](const object& k) { as_set().remove(k); });
        const dict keys{{d(), 1}};
        (void)on(key(), [&] { return keys.set(slot, 5), None; });
        for (const auto& [k, value] : keys) CHECK((k && value));
        const set other{d()};
        (void)on(key(), [&] { return other.add(slot), None; });
        for (const object& k : other) CHECK(k);
    }
    for (const char* const name : {"union", "intersection", "difference", "symmetric_difference", "issubset", "update",
                                   "issuperset", "isdisjoint", "intersection_update", "symmetric_difference_update"})
        CHECK(on(set{d(), 1}, [&] { return call_method(slot, name, set{d(), 1}), None; }) == "None");
}

TEST_CASE("code that an iterator runs may drop the iterator") {
    static const callable drop("drop", [](const callable&, arguments) -> object {
        slot.reset();
        return 1;
    });
    const auto step = [](object iterator) {
        slot = std::move(iterator);
        return answer([] { return next(slot); });
    };
    const object own = iterator_of(drop), over[] = {iter(list{1, 2})}, both[] = {own, own};
    CHECK(step(krait::map(drop, over)) == "1");
    CHECK(step(krait::filter(drop, list{1, 2})) == "1");
    CHECK(step(iterator_of(drop)) == "1");
    CHECK(step(enumerate(own)) == "(0, 1)");
    CHECK(step(krait::zip(both)) == "(1, 1)");
}

TEST_CASE("sets and dicts are filled from each other without a hash or a comparison more than in CPython") {
    const class_ counted("counted");
    calls = 0;
    counted.def("__hash__", [](const callable&, arguments) -> object { return ++calls, 7; });
    counted.def("__eq__", [](const callable&, arguments) -> object { return ++calls, false; });
    const object a = counted(), b = counted();
    const dict d{{a, 1}, {b, 2}}, empty;
    const set s{a, b};
    const auto counts = [](const std::function<void()>& f) {
        calls = 0;
        f();
        return calls;
    };
    CHECK(counts([&] { empty.update(d); }) == 0);
    CHECK(counts([&] { CHECK(d.copy() == d); }) == 1); // b is compared with a where it is looked up
    CHECK(counts([&] { CHECK(len(bit_or(d, dict())) == 2); }) == 0);
    CHECK(counts([&] { call_method(dict(), "fromkeys", s); }) == 1);
    CHECK(counts([&] { call_method(dict(), "fromkeys", d); }) == 1);
    CHECK(counts([&] { call_method(set(), "update", d); }) == 1);
    CHECK(counts([&] { call_method(set(), "difference_update", s); }) == 0);
    CHECK(counts([&] { CHECK(call_method(s, "isdisjoint", set{1}).is(True)); }) == 0);
    CHECK(counts([&] { CHECK(call_method(set(), "issuperset", list{a, b}).is(False)); }) == 1);
    CHECK(counts([&] { dict().setdefault(a, 1); }) == 1);
}

TEST_CASE("lists that comparisons make longer or shorter are searched as CPython does") {
    const class_ changes("changes");
    changes.def("__eq__", [](const callable&, arguments) -> object {
        const list l = list::of(slot);
        if (l.size() < 5)
            l.append(3);
        else
            l.clear();
        return l.empty();
    });
    const list l{changes(), 2};
    slot = l;
    CHECK(answer([&] { return call_method(l, "index", 3); }) == "2");
    slot = list{changes(), 1, 2, 3, 4};
    CHECK(error_of([&] { call_method(slot, "remove", 9); }) == "None");
    CHECK(len(slot) == 0);
    const callable key("key", [](const callable&, arguments) -> object {
        list::of(slot).append(1);
        list::of(slot).clear();
        return 1;
    });
    slot = list{1, 2};
    CHECK(error_of([&] { call_method(slot, "sort", {}, {{"key", key}}); }) == "ValueError: list modified during sort");
    slot.reset();
}

TEST_CASE("iterators in iterators end in an error, not at the stack's end") {
    const callable same("same", [](const callable&, arguments a) -> object { return a[0]; });
    for (int kind = 0; kind < 4; ++kind) {
        object it = iter(list{1, 2});
        for (int i = 0; i < 200'000; ++i) {
            const object over[] = {it};
            it = kind == 0   ? krait::map(same, over)
                 : kind == 1 ? krait::filter(None, it)
                 : kind == 2 ? krait::zip(over)
                             : enumerate(it);
        }
        CHECK(answer([&] { return next(it); }) == "RecursionError: maximum recursion depth exceeded");
    }
}

TEST_CASE("a base may get its special methods after the derived class is made") {
    const class_ base("Base"), derived("Derived", base);
    calls = 0;
    base.def("__eq__", [](const callable&, arguments) -> object { return true; });
    base.def("__len__", [](const callable&, arguments) -> object { return 3; });
    base.def("__del__", [](const callable&, arguments) -> object {
        ++calls;
        return None;
    });
    CHECK(derived() == derived());
    CHECK(len(derived()) == 3);
    CHECK(calls == 3);
}

TEST_CASE("special methods answer what Python takes") {
    const auto with = [](const char* name, native code) {
        const class_ c("C");
        c.def(name, code);
        return c();
    };
    const auto hashed = [&](native code) { return answer([&]() -> object { return hash(with("__hash__", code)); }); };
    CHECK(hashed([](const callable&, arguments) { return power(2, 70); }) == "512");
    CHECK(hashed([](const callable&, arguments) { return power(2, 62); }) == "4611686018427387904");
    CHECK(hashed([](const callable&, arguments) -> object { return -1; }) == "-2");
    CHECK(hashed([](const callable&, arguments) -> object { return true; }) == "1");
    CHECK(hashed([](const callable&, arguments) -> object { return "x"; }) ==
          "TypeError: __hash__ method should return an integer");
    CHECK(answer([&]() -> object {
              return truth(with("__bool__", [](const callable&, arguments) -> object { return 3; }));
          }) == "TypeError: __bool__ should return bool, returned int");
    CHECK(answer([&]() -> object {
              return static_cast<std::int64_t>(
                  len(with("__len__", [](const callable&, arguments) { return power(2, 70); })));
          }) == "OverflowError: cannot fit 'int' into an index-sized integer");
    CHECK(answer([&]() -> object {
              return repr(with("__repr__", [](const callable&, arguments) -> object { return 3; }));
          }) == "TypeError: __repr__ returned non-string (type int)");
    CHECK(answer([&]() -> object {
              return to_text(with("__str__", [](const callable&, arguments) -> object { return 3; }));
          }) == "TypeError: __str__ returned non-string (type int)");
    CHECK(answer([&] { return list_of(with("__iter__", [](const callable&, arguments) -> object { return 3; })); }) ==
          "TypeError: iter() returned non-iterator of type 'int'");
}

TEST_CASE("what is no number is shown to 200 characters") {
    const std::string many(300, 'x'), told = "ValueError: invalid literal for int() with base 10: '";
    CHECK(answer([&] { return int_::parse(many); }) == told + many.substr(0, 199));
    CHECK(answer([] { return int_::parse("x"); }) == told + "x'");
}

TEST_CASE("ranges as long as there are numbers") {
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(), most = -(least + 1);
    const std::string told = "OverflowError: range beyond 63 bits";
    CHECK(answer([] { return range(least, most); }) == told);
    CHECK(answer([] { return range(least, 0); }) == told);
    CHECK(answer([] { return range(least + 1, 0); }) == "range(-9223372036854775807, 0)");
    CHECK(!contains(range(least, least + 5), 3));
    CHECK(contains(range(least + 1, least + 5), least + 4));
    CHECK(!contains(range(least + 1, least + 4), least + 4));
    CHECK(!contains(range(most - 5, most), -(std::int64_t{1} << 59)));
    CHECK(contains(range(10, -10, -3), 4));
    CHECK(!contains(range(10, -10, -3), 5));
    CHECK(!contains(range(10, -10, -3), 13));
    CHECK(!contains(range(10, -10, -3), -11));
    CHECK(answer([] { return list_of(enumerate(list{1, 2}, most)); }) == told);
    CHECK(error_of([] { list::of_range(least, most); }) == "MemoryError: ");
}

TEST_CASE("an lru_cache may be used and emptied by the comparisons that it makes") {
    static lru_cache<object(object)>* used;
    const class_ key("key");
    calls = 0;
    key.def("__hash__", [](const callable&, arguments) -> object { return 7; });
    key.def("__eq__", [](const callable&, arguments) -> object {
        if (calls++ > 3) return false;
        for (int i = 0; i < 200; ++i) (*used)(object(i + 1000 * calls));
        used->cache_clear();
        return false;
    });
    lru_cache<object(object)> cache([](object o) { return o; }, 8);
    used = &cache;
    const object first = key();
    cache(first);
    for (int i = 0; i < 3; ++i) cache(key());
    CHECK(cache(first).is(first));
    CHECK(cache.cache_info().currsize >= 1);
}

TEST_CASE("what a sort drops may fill the list again") {
    const class_ again("again");
    calls = 0;
    again.def("__del__", [](const callable&, arguments) -> object {
        if (calls++ < 3) list::of(slot).append("again");
        return None;
    });
    const list l{1, 2, 3};
    slot = l;
    const callable key(
        "key",
        [](const callable& self, arguments) -> object {
            list::of(slot).append(class_::of(self.closure())());
            return 1;
        },
        again);
    CHECK(error_of([&] { sort(l, key); }) == "ValueError: list modified during sort");
    CHECK(repr(l) == "[1, 2, 3, 'again', 'again', 'again']");
    slot.reset();
}

TEST_CASE("numbers of a range that are kept do not change as it goes on") {
    const list kept;
    object last;
    for (const object& i : each(range(300, 1000, 100))) {
        if (i == object(500)) kept.append(i);
        last = i;
        CHECK(last.is(i));
    }
    CHECK(repr(kept) == "[500]");
    CHECK(last == object(900));
    std::string shown;
    for (const std::int64_t step : {std::int64_t{1} << 29, std::int64_t{1} << 59, -(std::int64_t{1} << 59)})
        for (const object& i : each(range(-2 * step, 3 * step, step))) shown += repr(i) + ' ';
    CHECK(shown == "-1073741824 -536870912 0 536870912 1073741824 "
                   "-1152921504606846976 -576460752303423488 0 576460752303423488 1152921504606846976 "
                   "1152921504606846976 576460752303423488 0 -576460752303423488 -1152921504606846976 ");
    CHECK(repr(list_of(range(INT64_MIN, INT64_MAX, INT64_MAX))) == "[-9223372036854775808, -1, 9223372036854775806]");
}

TEST_CASE("a list that what is dropped changes is walked as it is then") {
    const class_ shrinks("shrinks");
    shrinks.def("__del__", [](const callable&, arguments) -> object {
        list::of(slot).append("end");
        return None;
    });
    const list l{shrinks(), 1, 2};
    slot = l;
    l.set(0, None);
    CHECK(repr(l) == "[None, 1, 2, 'end']");
    l.set(1, shrinks());
    std::string seen;
    std::size_t n = 0;
    for (const object& item : each(l)) {
        if (n++ == 0) l.set(1, 7); // the old one adds to the list
        seen += repr(item) + ' ';
    }
    CHECK(seen == "None 7 2 'end' 'end' ");
    slot.reset();
}

TEST_CASE("a slice of a list that is emptied meanwhile has no more than there is") {
    const class_ empties("empties");
    empties.def("__del__", [](const callable&, arguments) -> object {
        if (slot.kind() == value_kind::list) list::of(slot).clear();
        return None;
    });
    std::vector<object> kept; // so that each list is a new block
    for (int i = 0; i < 100; ++i) kept.push_back(list());
    std::string seen;
    at_each_new_container(empties, [&] {
        slot = list{1, 2, 3, 4};
        for (int i = 0; i < 4; ++i) kept.push_back(getitem(slot, slice{0, 4, 2}));
        for (int i = 4; i > 0; --i) seen += repr(*(kept.end() - i));
        slot.reset();
    });
    CHECK(seen.find("[1, 3][]") != std::string::npos);
}

TEST_CASE("many may be zipped, and a table may have more places than two bytes tell") {
    const object texts[] = {"abc", "defg", "hij", "klm", "nop", "qrst"};
    CHECK(repr(list_of(zip(std::span(texts).first(2)))) == "[('a', 'd'), ('b', 'e'), ('c', 'f')]");
    CHECK(repr(next(zip(texts))) == "('a', 'd', 'h', 'k', 'n', 'q')");
    CHECK(error_of([&] { list_of(zip(texts, true)); }) == "ValueError: zip() argument 2 is longer than argument 1");
    const dict d;
    constexpr std::int64_t many = 100'000;
    for (std::int64_t i = 0; i < many; ++i) d.set(to_text(i), i);
    std::int64_t right = 0;
    for (std::int64_t i = 0; i < many; ++i) right += d.at(to_text(i)) == object(i);
    CHECK(right == many);
}

TEST_CASE("finalizers that a thread's last collection calls find their names") {
    static int finalized;
    finalized = 0;
    std::thread([] {
        const class_ type("type");
        type.def("__del__", [](const callable&, arguments) -> object {
            finalized += 1;
            return None;
        });
        leave_garbage(type);
    }).join();
    CHECK(finalized == 1);
}

} // namespace
