// Python's values: what the scripts of oracle.py do not reach. Deep structures, finalizers, closures, classes, the seams
// to ref<T>, iteration over what changes, generators, traces.
#include <catch2/catch.hpp>

#include <algorithm>
#include <clocale>
#include <cmath>
#include <fstream>
#include <string>

#include <krait/object/builtins.hpp>
#include <krait/object/generator.hpp>
#include <krait/object/lru_cache.hpp>
#include <krait/object/tracemalloc.hpp>
#include <krait/object/value.hpp>

using namespace krait;

namespace {

template <class E, class F>
std::string what(F&& f) {
    try {
        f();
    } catch (const E& e) {
        return e.what();
    } catch (...) {
        return "another error";
    }
    return "no error";
}

list nested(int depth) {
    list inner;
    for (int i = 0; i < depth; ++i) {
        const list outer{inner};
        inner = outer;
    }
    return inner;
}

struct holder {
    object held;
    ref<holder> next;
};

TEST_CASE("deep values die, and are compared and shown, without overflowing the stack") {
    list deep = nested(300'000), other = nested(300'000);
    CHECK(what<recursion_error>([&] { (void)(deep == other); }) == "maximum recursion depth exceeded in comparison");
    CHECK(what<recursion_error>([&] { (void)repr(deep); }) ==
          "maximum recursion depth exceeded while getting the repr of an object");
    CHECK(what<recursion_error>([&] { (void)compare(deep, other); }) ==
          "maximum recursion depth exceeded in comparison");
    CHECK(nested(100) == nested(100));
    deep = list();
    other = list();

    object pair = tuple{None, None};
    for (int i = 0; i < 300'000; ++i) pair = tuple{pair, i};
    CHECK(what<recursion_error>([&] { (void)hash(pair); }) == "maximum recursion depth exceeded");
    pair.reset();
    object chain = dict();
    for (int i = 0; i < 100'000; ++i) chain = dict{{"next", chain}};
}

TEST_CASE("values inside themselves are shown as ellipses and collected") {
    gc::collect();
    const auto before = gc::get_objects().size();
    {
        list l{1};
        l.append(l);
        dict d{{"self", None}};
        d["self"] = d;
        CHECK(repr(l) == "[1, [...]]");
        CHECK(repr(d) == "{'self': {...}}");
        const tuple t{list()};
        list::of(t[0]).append(t);
        CHECK(repr(t) == "([(...)],)");
    }
    CHECK(gc::collect() == 4);
    CHECK(gc::get_objects().size() == before);
}

TEST_CASE("a C++ object may hold values, and a value any object") {
    gc::collect();
    ref<holder> node = make<holder>();
    node->held = list{node, "text"}; // a cycle through both
    const object seen(node);
    CHECK(seen.kind() == value_kind::other);
    CHECK(getsizeof(seen) == 32 + sizeof(holder));
    CHECK(type_of(seen).name().find("holder") != std::string::npos);
    const weak<holder> w(node);
    node = nullptr;
    const_cast<object&>(seen).reset();
    CHECK(gc::collect() == 2);
    CHECK(w.expired());
}

TEST_CASE("tuples and dicts of atoms leave the collector's lists") {
    const tuple atoms{1, "a", 2.5}, holds_list{list()};
    CHECK(gc::is_tracked(atoms));
    const tuple outer{atoms};
    gc::collect(0);
    CHECK_FALSE(gc::is_tracked(atoms));
    CHECK_FALSE(gc::is_tracked(outer)); // it came after what it holds
    CHECK(gc::is_tracked(holds_list));
    const dict d{{"a", 1}};
    CHECK_FALSE(gc::is_tracked(d));
    d["l"] = list();
    CHECK(gc::is_tracked(d));
    d.erase("l");
    gc::collect(1);
    CHECK(gc::is_tracked(d));
    gc::collect(2);
    CHECK_FALSE(gc::is_tracked(d));
    d[tuple{1, "b"}] = 2; // the tuple is found to be reachable when the dict has been looked at
    CHECK(gc::is_tracked(d));
    gc::collect(2);
    CHECK_FALSE(gc::is_tracked(d));
}

TEST_CASE("names bind, and say what is missing") {
    const names n;
    n["x"] = list{1};
    n["y"] = n["x"];
    CHECK(n.at("x").is(n.at("y")));
    n.del("x");
    CHECK(what<name_error>([&] { (void)n.at("x"); }) == "name 'x' is not defined");
    CHECK(what<name_error>([&] { n.del("x"); }) == "name 'x' is not defined");
    CHECK(getrefcount(n["y"]) == 2);
}

TEST_CASE("an attribute remembers where it was, and finds it elsewhere") {
    const class_ kind("Kind"), other("Other");
    const attribute x("x"), y("y");
    const instance a = kind(), b = other();
    CHECK(what<attribute_error>([&] { (void)x.get(a); }) == "'Kind' object has no attribute 'x'");
    y.set(a, 1);
    x.set(a, 2);
    x.set(b, 3); // another class, another place
    for (int i = 0; i < 2; ++i) CHECK((x.get(a) == object(2) && x.get(b) == object(3) && y.get(a) == object(1)));
    const dict attributes = a.dict(); // the values move
    CHECK(x.get(a) == object(2));
    x.set(a, 4);
    CHECK(attributes.at("x") == object(4));
    delattr(b, "x");
    CHECK(what<attribute_error>([&] { (void)x.get(b); }) == "'Other' object has no attribute 'x'");
    CHECK(what<attribute_error>([&] { (void)x.get(list()); }) == "'list' object has no attribute 'x'");
}

TEST_CASE("classes: attributes, methods, inheritance, special methods") {
    const class_ base("Base");
    base.def("__init__", [](const callable&, arguments a) {
        setattr(a[0], "value", a[1]);
        return None;
    });
    base.def("twice", [](const callable&, arguments a) -> object { return getattr(a[0], "value") * 2; });
    base.def("__eq__", [](const callable&, arguments a) -> object {
        return a[1].kind() == value_kind::instance && getattr(a[0], "value") == getattr(a[1], "value");
    });
    base.def("__hash__", [](const callable&, arguments a) -> object { return hash(getattr(a[0], "value")); });
    base.def("__add__", [](const callable&, arguments a) -> object { return getattr(a[0], "value") + a[1]; });
    base.def("__len__", [](const callable&, arguments) -> object { return 0; });
    const class_ derived("Derived", base);
    const instance a = derived(21), b = derived(21);
    CHECK(type_of(a).name() == "Derived");
    CHECK(call(getattr(a, "twice")) == object(42));
    CHECK(a == b);
    CHECK_FALSE(a.is(b));
    CHECK(add(a, 1) == object(22));
    CHECK_FALSE(truth(a));
    const dict d{{a, "found"}};
    CHECK(d.at(b) == object("found"));
    CHECK(d.at(21 == 21 ? object(b) : None) == object("found"));
    CHECK(what<attribute_error>([&] { (void)getattr(a, "none"); }) == "'Derived' object has no attribute 'none'");
    CHECK(what<attribute_error>([&] { delattr(a, "none"); }) == "'Derived' object has no attribute 'none'");
    CHECK(what<type_error>([&] { (void)call(object(1)); }) == "'int' object is not callable");
    CHECK(what<type_error>([&] { class_("Empty")(1); }) == "Empty() takes no arguments");
    CHECK(derived.is_subclass_of(base));
    CHECK(getsizeof(a) == 56);
    CHECK(repr(derived) == "<class 'Derived'>");
}

TEST_CASE("attributes become a dict when somebody asks, and keep their order") {
    const class_ plain("Plain");
    const instance a = plain(), b = plain();
    for (const char* name : {"one", "two", "three"}) setattr(a, name, name);
    for (const char* name : {"three", "one"}) setattr(b, name, name);
    delattr(a, "one");
    setattr(a, "one", 1);
    CHECK(repr(b.dict()) == "{'three': 'three', 'one': 'one'}");
    CHECK(repr(a.dict()) == "{'two': 'two', 'three': 'three', 'one': 1}");
    CHECK(a.dict().is(getattr(a, "__dict__")));
    a.dict()["four"] = 4;
    CHECK(getattr(a, "four") == object(4));
    setattr(a, "five", 5);
    CHECK(a.dict().at("five") == object(5));
    a.dict().erase("two");
    CHECK_FALSE(hasattr(a, "two"));
    CHECK(repr(b.dict()) == "{'three': 'three', 'one': 'one'}");
    delattr(b, "three");
    CHECK(repr(b.dict()) == "{'one': 'one'}");
    const instance many = plain();
    for (int i = 0; i < 100; ++i) setattr(many, str("n" + std::to_string(i)), i);
    for (int i = 0; i < 100; ++i) CHECK(getattr(many, str("n" + std::to_string(i))) == object(i));
    CHECK(many.dict().size() == 100);
    CHECK(many.dict().keys()[99] == object("n99"));
}

TEST_CASE("__del__ runs once, with the object whole, and may bring it back") {
    const list log;
    const class_ phoenix("Phoenix");
    phoenix.def(
        "__del__",
        [](const callable& self, arguments a) {
            const list said = list::of(self.closure());
            said.append(getattr(a[0], "name"));
            if (getattr(a[0], "back") == True) said.append(a[0]);
            return None;
        },
        log);
    object p = phoenix();
    setattr(p, "name", "plain");
    setattr(p, "back", False);
    p.reset();
    CHECK(repr(log) == "['plain']");
    p = phoenix();
    setattr(p, "name", "back");
    setattr(p, "back", True);
    const weakref w(p);
    p.reset();
    CHECK(log.size() == 3);
    CHECK(gc::is_finalized(log[2]));
    log.clear();
    CHECK(log.empty());
    CHECK(is_none(w()));

    gc::set_unraisable_hook([](std::string_view) {});
    const class_ failing("Failing");
    failing.def("__del__", [](const callable&, arguments) -> object { throw value_error("in __del__"); });
    failing();
    gc::set_unraisable_hook(nullptr);
}

TEST_CASE("weak references: to instances, sets, functions, classes; not to atoms, lists, dicts") {
    int called = 0;
    object s = set{1};
    const weakref w(s, [&](weakref& self) { called += is_none(self()); });
    CHECK(w().is(s));
    s.reset();
    CHECK(called == 1);
    CHECK(is_none(w()));
    for (const object& o : std::vector<object>{1, "a", 1.5, list(), dict(), tuple(), None})
        CHECK(what<type_error>([&] { weakref{o}; }) ==
              "cannot create weak reference to '" + type_of(o).name() + "' object");
}

TEST_CASE("interned strings are mortal") {
    str a = intern(str("a string that nobody else has"));
    const str b = intern(str("a string that nobody else has"));
    CHECK(a.is(b));
    CHECK(is_interned(a));
    const std::int64_t size = static_cast<std::int64_t>(detail::interned_strings->size);
    {
        const str c = intern(str("one more, for a moment"));
        CHECK(static_cast<std::int64_t>(detail::interned_strings->size) == size + 1);
    }
    CHECK(static_cast<std::int64_t>(detail::interned_strings->size) == size);
    std::vector<str> many;
    for (int i = 0; i < 1000; ++i) many.push_back(intern(str("many " + std::to_string(i))));
    for (int i = 0; i < 1000; ++i)
        CHECK(intern(str("many " + std::to_string(i))).is(many[static_cast<std::size_t>(i)]));
}

TEST_CASE("iterating over what changes says so") {
    const dict d{{"a", 1}, {"b", 2}};
    CHECK(what<state_error>([&] {
              for (const auto& [key, value] : d) d[key + "x"] = value;
          }) == "dictionary changed size during iteration");
    const set s{1, 2};
    CHECK(what<state_error>([&] {
              for (const object& key : s) s.add(key + 10);
          }) == "Set changed size during iteration");
    const list l{1};
    for (const object& item : l)
        if (l.size() < 5) l.append(item + 1);
    CHECK(repr(l) == "[1, 2, 3, 4, 5]");
}

TEST_CASE("numbers of different types are equal, and hash alike") {
    CHECK(object(1) == object(1.0));
    CHECK(object(1) == True);
    CHECK(hash(object(1)) == hash(object(1.0)));
    CHECK(hash(power(object(2), 200)) == hash(object(std::ldexp(1.0, 200))));
    CHECK(power(object(2), 200) == object(std::ldexp(1.0, 200)));
    CHECK(add(power(object(2), 53), 1) != object(std::ldexp(1.0, 53)));
    const dict d{{1, "one"}};
    CHECK(d.at(1.0) == object("one"));
    CHECK(d.at(True) == object("one"));
    CHECK(int_::to_int64(object(INT64_MIN)) == INT64_MIN);
    CHECK(what<overflow_error>([] { (void)int_::to_int64(power(object(2), 63)); }) ==
          "Python int too large to convert to C long");
    CHECK(what<overflow_error>([] { (void)divide(power(object(10), 400), 3); }) ==
          "integer division result too large for a float");
    CHECK(what<value_error>([] { (void)int_::parse("12x"); }) == "invalid literal for int() with base 10: '12x'");
    CHECK(what<value_error>([] { (void)repr(power(object(10), 5000)); }) ==
          "Exceeds the limit (4300 digits) for integer string conversion; "
          "use sys.set_int_max_str_digits() to increase the limit");
    CHECK(repr(int_::parse(" -1_000 ")) == "-1000");
    CHECK(repr(object(std::uint64_t{1} << 63)) == "9223372036854775808");
}

TEST_CASE("a value that compares itself may change the dict that looks for it") {
    const dict d;
    const class_ odd("Odd");
    odd.def("__hash__", [](const callable&, arguments) -> object { return 1; });
    odd.def(
        "__eq__",
        [](const callable& self, arguments) -> object {
            dict::of(self.closure()).clear();
            return false;
        },
        d);
    const object a = odd(), b = odd();
    d[a] = 1;
    d[b] = 2; // the comparison of b with a clears the dict
    CHECK(d.size() == 1);
    CHECK(d.at(b) == object(2));
    d.clear(); // the closure is part of a cycle otherwise: d -> b -> its class -> __eq__ -> d
}

TEST_CASE("an empty list that is extended has room for two more at a time") {
    const list l;
    l.extend(list{1, 2, 3});
    CHECK(getsizeof(l) == 56 + 4 * 8);
    l.append(4);
    CHECK(getsizeof(l) == 56 + 4 * 8);
}

TEST_CASE("closures share their cells") {
    const cell n(object(0));
    const callable add_one(
        "add_one",
        [](const callable& self, arguments) {
            const cell c = cell::of(tuple::of(self.closure())[0]);
            c.set(c.contents() + 1);
            return None;
        },
        tuple{n});
    add_one();
    add_one();
    CHECK(n.contents() == object(2));
    CHECK(getsizeof(n) == 40);
    const callable forever("forever", [](const callable& self, arguments) -> object { return self(); });
    CHECK(what<recursion_error>([&] { forever(); }) == "maximum recursion depth exceeded");
    CHECK(what<value_error>([] { (void)cell().contents(); }) == "Cell is empty");
}

generator<int> counting(int& cleaned) {
    struct guard {
        int& c;
        ~guard() { ++c; }
    } const g{cleaned};
    for (int i = 0;; ++i) co_yield i;
}
generator<object> chunks(std::istream& in, std::size_t size) {
    std::string buffer(size, '\0');
    while (in.read(buffer.data(), static_cast<std::streamsize>(size)) || in.gcount() != 0)
        co_yield bytes(std::string_view(buffer).substr(0, static_cast<std::size_t>(in.gcount())));
}
generator<int> asking_itself(generator<int>*& own) {
    co_yield 1;
    co_yield *own->next();
}
generator<int> changing_itself(generator<int>*& own, generator<int>& elsewhere) {
    co_yield 1;
    try {
        own->close();
    } catch (const std::logic_error&) {
        elsewhere = std::move(*own);
    }
    co_yield 2;
}
generator<int> failing() {
    co_yield 1;
    throw value_error("in a generator");
}

TEST_CASE("generators run as far as they are asked, and are cleaned up half way") {
    int cleaned = 0;
    {
        auto g = counting(cleaned);
        CHECK(*g.next() == 0);
        CHECK(*g.next() == 1);
        CHECK(getsizeof(g) > sizeof g);
        auto moved = std::move(g);
        CHECK(*moved.next() == 2);
        CHECK(g.next() == nullptr);
        CHECK(cleaned == 0);
    }
    CHECK(cleaned == 1);
    { auto never_started = counting(cleaned); }
    CHECK(cleaned == 1);
    auto f = failing();
    CHECK(*f.next() == 1);
    CHECK(what<value_error>([&] { f.next(); }) == "in a generator");
    CHECK(f.next() == nullptr);

    generator<int>* own = nullptr;
    auto asking = asking_itself(own);
    own = &asking;
    CHECK(*asking.next() == 1);
    CHECK(what<std::logic_error>([&] { asking.next(); }) == "generator already executing");
    CHECK(asking.next() == nullptr);
    generator<int> elsewhere;
    auto changing = changing_itself(own, elsewhere);
    own = &changing;
    CHECK(*changing.next() == 1);
    CHECK(*changing.next() == 2);
    CHECK(changing.next() == nullptr); // it moved
    CHECK(elsewhere.frame_size() != 0);
    CHECK(elsewhere.next() == nullptr);

    std::istringstream file(std::string(10'000, 'x'));
    std::size_t total = 0, most = 0;
    for (const object& chunk : chunks(file, 4096)) {
        total += len(chunk);
        most = std::max(most, getsizeof(chunk));
    }
    CHECK(total == 10'000);
    CHECK(most == 33 + 4096);
}

TEST_CASE("lru_cache over values") {
    int calls = 0;
    lru_cache<object(object)> square([&](const object& x) { return ++calls, x * x; }, 2);
    CHECK(square(3) == object(9));
    CHECK(square(3.0) == object(9)); // equal, so the same key
    CHECK(calls == 1);
    CHECK(what<type_error>([&] { square(list()); }) == "unhashable type: 'list'");
}

TEST_CASE("tracemalloc counts what is there, by line") {
    gc::collect();
    tracemalloc::start();
    tracemalloc::line("some_file", 7);
    const auto before = tracemalloc::take_snapshot();
    object l = list();
    for (int i = 0; i < 100; ++i) list::of(l).append(1000 + i);
    const auto top = tracemalloc::take_snapshot().compare_to(before);
    CHECK(top.at(0).where.filename == "some_file");
    CHECK(top[0].where.lineno == 7);
    CHECK(top[0].count_diff == 102); // a list, its items, a hundred numbers
    CHECK(top[0].size_diff == static_cast<std::int64_t>(getsizeof(l)) + 100 * 32);
    const auto [current, peak] = tracemalloc::get_traced_memory();
    l.reset();
    CHECK(tracemalloc::get_traced_memory().first == 0);
    CHECK(current > 0);
    CHECK(peak >= current);
    tracemalloc::stop();
    CHECK(what<state_error>([] { tracemalloc::take_snapshot(); }) ==
          "the tracemalloc module must be tracing memory allocations to take a snapshot");
}

TEST_CASE("packed numbers grow as Python's arrays") {
    packed<int> p;
    for (int i = 0; i < 100; ++i) p.append(i);
    CHECK(p[-1] == 99);
    CHECK(p.size() == 100);
    CHECK(what<index_error>([&] { (void)p[100]; }) == "array index out of range");
    CHECK(repr(packed<int>(std::vector<int>{1, 2})) == "packed([1, 2])");
    CHECK(packed<int>(std::vector<int>{1, 2}) == packed<int>(std::vector<int>{1, 2}));
}

TEST_CASE("invalid UTF-8 is refused") {
    for (const char* text : {"\xff", "a\xc3", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc0\x80"})
        CHECK(what<error>([&] { str{text}; }).starts_with("'utf-8' codec can't decode byte 0x"));
}

// An iterator that changes something at its first step, and then has one item, and no more.
object once(const object& changed, object (*change)(const callable&, arguments)) {
    return iterator_of(callable("once", change), changed);
}

TEST_CASE("a list that shrinks under its iterator has nothing more to come") { // answers as Python's
    for (const bool back : {false, true}) {
        list a{1, 2, 3}, b{7, 7};
        const object i = back ? reversed(a) : iter(a);
        for (int n = 0; !back && n < 3; ++n) next(i);
        delitem(a, slice{1, None});
        call_method(b, "extend", i);
        CHECK(repr(b) == "[7, 7]");
        CHECK(list_of(i).empty());
    }
    list a = list::of_range(0, 100);
    const object clears = once(a, [](const callable&, arguments x) -> object {
        const list l = list::of(x[0]);
        const bool first = !l.empty();
        l.clear();
        return first ? object(1) : object();
    });
    setitem(a, slice{50, 60}, clears);
    CHECK(repr(a) == "[1]");
    list stepped = list::of_range(0, 100);
    const object halves = once(stepped, [](const callable&, arguments x) -> object {
        if (len(x[0]) <= 4) return {};
        delitem(x[0], slice{4, None});
        return 7;
    });
    CHECK(what<value_error>([&] { setitem(stepped, slice{None, None, 50}, halves); }) == "no error"); // one of 4
    CHECK(repr(stepped) == "[7, 1, 2, 3]");
}

TEST_CASE("sizes that nothing can hold are refused") {
    constexpr std::int64_t huge = std::int64_t{1} << 59;
    for (const object& o : {object(list{1}), object(tuple{1, 2}), object("ab"), object(bytes("abcd"))})
        CHECK(what<memory_error>([&] { (void)multiply(o, huge * 8 - 1); }) == "");
    CHECK(what<memory_error>([] { (void)multiply(list{1}, huge * 4); }) == "");
    CHECK(what<memory_error>([] { (void)multiply(tuple{1, 2}, huge * 2); }) == "");
    CHECK(what<memory_error>([] { (void)multiply("ab", huge * 4); }) == "");
    CHECK(multiply(list(), huge) == list());
    CHECK(multiply("", huge) == str());
    const class_ long_one("long_one");
    long_one.def("__len__", [](const callable&, arguments) -> object { return huge * 4; });
    long_one.def("__iter__", [](const callable&, arguments) -> object { return iter(list{1}); });
    CHECK(what<memory_error>([&] { (void)list_of(long_one()); }) == "");
    list some{1};
    CHECK(what<memory_error>([&] { call_method(some, "extend", long_one()); }) == "");
    CHECK(repr(some) == "[1]");
    CHECK(what<memory_error>([] { (void)packed<int>::zeros(std::size_t{1} << 62); }) == "");

    CHECK(what<memory_error>([] { (void)shift_left(1, std::int64_t{1} << 39); }) == "");
    CHECK(what<memory_error>([] { (void)power(10, std::int64_t{1} << 40); }) == "");
    CHECK(what<memory_error>([] { (void)call_method(5, "to_bytes", std::int64_t{1} << 40, "big"); }) == "");
    CHECK(what<memory_error>([] { (void)call_method(5, "to_bytes", std::int64_t{1} << 59, "big"); }) == "");
    CHECK(power(-1, (std::int64_t{1} << 59) + 1) == object(-1));
    CHECK(power(1, shift_left(1, 70)) == object(1));
    CHECK(shift_right(-5, std::int64_t{1} << 59) == object(-1));
    CHECK(call_method(-1, "to_bytes", {2, "big"}, {{"signed", true}}) == bytes("\xff\xff"));
}

TEST_CASE("an order that contradicts itself sorts somehow, and loses nothing") {
    static unsigned state;
    for (const unsigned kind : {0u, 1u, 2u}) {
        state = kind;
        const class_ odd("odd");
        odd.def("__lt__", [](const callable&, arguments) -> object {
            if (state < 3) return state == 2;
            state = state * 1103515245 + 12345;
            return (state >> 16 & 1) != 0;
        });
        if (kind == 1) state = 3;
        for (int size = 0; size < 200; size += 7) {
            list l;
            for (int i = 0; i < size; ++i) l.append(odd());
            const set before = set::of(set_of(l));
            sort(l);
            CHECK(set_of(l) == before);
            CHECK(len(sorted(l)) == static_cast<std::size_t>(size));
        }
    }
    list numbers;
    for (int i = 0; i < 1000; ++i) numbers.append(tuple{i * 7919 % 10, i});
    const object first = callable("first", [](const callable&, arguments x) -> object { return getitem(x[0], 0); });
    for (const bool reverse : {false, true}) { // stable, both ways
        const list l = sorted(numbers, first, reverse);
        bool stable = true;
        for (int i = 1; i < 1000; ++i) {
            const auto order = compare(getitem(l[i - 1], 0), getitem(l[i], 0));
            stable = stable && (order == 0 ? compare(l[i - 1], l[i]) < 0 : (order < 0) != reverse);
        }
        CHECK(stable);
    }
}

TEST_CASE("sets and dicts may be changed by the comparisons that they make") {
    static object changed; // what each comparison empties and fills again
    const class_ key("key");
    key.def("__hash__", [](const callable&, arguments) -> object { return 7; });
    key.def("__eq__", [](const callable&, arguments) -> object {
        if (!changed) return false;
        if (changed.kind() == value_kind::dict) {
            dict::of(changed).clear();
            return false;
        }
        set::of(changed).clear();
        for (int i = 0; i < 100; ++i) set::of(changed).add(1000 + i);
        return false;
    });
    using operation = object (*)(const object& a, const object& b);
    constexpr operation operations[] = {
        [](const object& a, const object& b) { return bit_or(a, b); },
        [](const object& a, const object& b) { return bit_and(a, b); },
        [](const object& a, const object& b) { return bit_xor(a, b); },
        [](const object& a, const object& b) { return subtract(a, b); },
        [](const object& a, const object& b) { return subtract(b, a); },
        [](const object& a, const object& b) { return object(a == b); },
        [](const object& a, const object& b) { return object(compare(a, b) < 0 || compare(b, a) < 0); },
        [](const object& a, const object& b) { return call_method(a, "update", b); },
        [](const object& a, const object& b) { return call_method(a, "union", b); },
        [](const object& a, const object& b) { return call_method(b, "difference", a); },
        [](const object& a, const object& b) { return call_method(a, "difference_update", b); },
        [](const object& a, const object& b) { return call_method(a, "intersection_update", b); },
        [](const object& a, const object& b) { return call_method(a, "symmetric_difference", b); },
        [](const object& a, const object& b) { return operate_in_place("^", a, b); },
        [](const object& a, const object& b) { return operate_in_place("&", a, b); },
    };
    const auto whole = [](const object& o) { return o.kind() != value_kind::set || list_of(o).size() == len(o); };
    for (const operation operate : operations)
        for (const bool first : {false, true}) {
            const set a{key(), 99}, b{key(), 5};
            a.add(key());
            b.add(key());
            changed = first ? a : b;
            object made;
            try {
                made = operate(a, b);
            } catch (const state_error& e) {
                CHECK(std::string(e.what()) == "Set changed size during iteration");
            }
            changed.reset();
            CHECK((whole(a) && whole(b) && whole(made)));
        }
    const dict d{{key(), 1}};
    for (int i = 0; i < 3; ++i) d.set(key(), i);
    changed = d;
    CHECK(getitem(call_method(d, "popitem"), 1) == object(2)); // asks no comparison
    changed.reset();
    CHECK(d.size() == 3);

    // A table may move without a key more or less.
    static set moved;
    moved = set();
    const class_ grower("grower");
    grower.def("__hash__", [](const callable&, arguments) -> object { return 7; });
    grower.def("__eq__", [](const callable&, arguments) -> object {
        const set same{8, 9, 10, 11};
        operate_in_place("|", moved, same);
        return false;
    });
    for (int i : {8, 9, 10, 11}) moved.add(i);
    for (int i = 0; i < 20; ++i) moved.add(grower());
    CHECK(moved.size() == 24);
    CHECK(!moved.contains(grower()));
    moved.clear();
}

TEST_CASE("an iterator may end while it makes its next item") {
    static object outer;
    static int depth;
    const auto reenters = [](const callable&, arguments) -> object {
        if (++depth > 1) return {};
        (void)next(outer);
        return 1;
    };
    for (const int which : {0, 1, 2, 3}) {
        depth = 0;
        object inner = iterator_of(callable("reenters", reenters));
        const object given[] = {inner};
        const object str_of = callable("str", [](const callable&, arguments x) -> object { return str(repr(x[0])); });
        outer = which == 0   ? enumerate(inner)
                : which == 1 ? filter(None, inner)
                : which == 2 ? zip(given)
                             : map(str_of, given);
        inner.reset();
        const_cast<object&>(given[0]).reset();
        const object item = next(outer);
        CHECK(repr(item) == (which == 0 ? "(0, 1)" : which == 1 ? "1" : which == 2 ? "(1,)" : "'1'"));
    }
    outer.reset();
}

TEST_CASE("instances answer for the operator that is asked, by the method of either") {
    const auto said = [](const callable& self, arguments x) -> object {
        return str(self.closure()) + str(x.size() > 1 ? repr(x[1]) : "");
    };
    const class_ p("P");
    p.def("__init__", [](const callable&, arguments x) -> object { return setattr(x[0], "n", x[1]), None; });
    p.def("__lt__",
          [](const callable&, arguments x) -> object { return compare(getattr(x[0], "n"), getattr(x[1], "n")) < 0; });
    const object one = p(1), same = p(1), two = p(2);
    CHECK((compare(one, two) < 0));
    CHECK((compare(two, one, ">") > 0)); // by one < two
    CHECK(!(compare(one, same, ">") > 0));
    CHECK(what<type_error>([&] { (void)compare(one, same, "<="); }) ==
          "'<=' not supported between instances of 'P' and 'P'");
    CHECK(what<type_error>([&] { (void)compare(5, one); }) == "'<' not supported between instances of 'int' and 'P'");
    CHECK(max(list{one, same, p(0)}).is(one));
    CHECK(min(list{two, one, same}).is(one));
    CHECK(sorted(list{two, one})[0].is(one));

    const class_ q("Q");
    for (const char* name :
         {"__add__", "__radd__", "__rmul__", "__rsub__", "__mod__", "__floordiv__", "__pow__", "__rpow__", "__ror__",
          "__rlshift__", "__iadd__", "__gt__", "__le__", "__neg__", "__abs__", "__invert__"})
        q.def(name, said, str(name));
    const object o = q();
    CHECK(add(o, 1) == str("__add__1"));
    CHECK(add(1, o) == str("__radd__1"));
    CHECK(add("a", o) == str("__radd__'a'"));
    CHECK(multiply(list(), o) == str("__rmul__[]"));
    CHECK(subtract(2.5, o) == str("__rsub__2.5"));
    CHECK(modulo(o, 3) == str("__mod__3"));
    CHECK(floordiv(o, 3) == str("__floordiv__3"));
    CHECK(power(o, 3) == str("__pow__3"));
    CHECK(power(3, o) == str("__rpow__3"));
    CHECK(bit_or(4, o) == str("__ror__4"));
    CHECK(shift_left(4, o) == str("__rlshift__4"));
    CHECK(operate_in_place("+", o, 1) == str("__iadd__1"));
    CHECK(negate(o) == str("__neg__"));
    CHECK(absolute(o) == str("__abs__"));
    CHECK(invert(o) == str("__invert__"));
    CHECK((compare(5, o) < 0)); // by o > 5
    CHECK((compare(o, 5, "<=") <= 0));
    CHECK(what<type_error>([&] { (void)subtract(o, 1); }) == "unsupported operand type(s) for -: 'Q' and 'int'");
}

TEST_CASE("the % of strings refuses a width or precision without end") { // in Python's words
    const auto refused = [](const char* pattern, const object& value) {
        return what<error>([&] { (void)format_percent(pattern, value); });
    };
    CHECK(refused("%99999999999999999999d", 1) == "width too big");
    CHECK(refused("%.99999999999999999999d", 1) == "precision too big");
    CHECK(refused("%.99999999999f", 1.0) == "precision too big");
    CHECK(refused("%.*f", tuple{std::int64_t{1} << 40, 1.0}) == "Python int too large to convert to C int");
    CHECK(refused("%*d", tuple{std::numeric_limits<std::int64_t>::min(), 1}) != "no error");
    CHECK(format_percent("%.*s|%.*d", tuple{-1, "abc", -5, 3}) == str("|3"));
    CHECK(what<value_error>([] { (void)format(1, "99999999999999999999d"); }) ==
          "Too many decimal digits in format string");
}

template <class F>
std::string answer(F&& f) { // a result as Python shows it, or an error's kind and words
    try {
        return repr(f());
    } catch (const error& e) {
        return e.kind() + (": " + std::string(e.what()));
    }
}
// The C locale, whatever the test does to it, afterwards.
struct locale_of_c {
    ~locale_of_c() { std::setlocale(LC_ALL, "C"); }
};

TEST_CASE("numbers are written and read with a point in every locale") {
    const locale_of_c afterwards;
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8"}) // those that are installed
        if (std::setlocale(LC_ALL, name) != nullptr) break;
    CHECK(format(3.14159, ".2f") == "3.14");
    CHECK(format(1e10, "#.3g") == "1.00e+10");
    CHECK(format_percent("%#.0e", 5.0).utf8() == "5.e+00");
    CHECK(repr(to_float("1.5")) == "1.5");
    CHECK(repr(to_float("1e400")) == "inf");
    CHECK(repr(round(2.675, 2)) == "2.67");
    CHECK(repr(call_method(0.0, "fromhex", "0x1.8p1")) == "3.0");
}

TEST_CASE("formats take and refuse what Python's do") {
    const auto shown = [](const object& o, const char* spec) {
        return answer([&]() -> object { return str(format(o, spec)); });
    };
    CHECK(shown(12345, ">+012") == "'000000+12345'");
    CHECK(shown(5, "<08") == "'50000000'");
    CHECK(shown(5, "x<08") == "'5xxxxxxx'");
    CHECK(shown(1234.5, "^012,.1f") == "'001,234.5000'");
    CHECK(shown("ab", "010") == "'ab00000000'");
    CHECK(shown("a", "0=5") == "ValueError: '=' alignment not allowed in string format specifier");
    CHECK(shown(5, "z") == "ValueError: Negative zero coercion (z) not allowed in integer format specifier");
    CHECK(shown(5, "zf") == "'5.000000'");
    CHECK(shown("a", "z") == "ValueError: Negative zero coercion (z) not allowed in string format specifier");
    CHECK(shown("a", "-") == "ValueError: Sign not allowed in string format specifier");
    CHECK(shown(5, "-c") == "ValueError: Sign not allowed with integer format specifier 'c'");
    CHECK(shown(5, ",n") == "ValueError: Cannot specify ',' with 'n'.");
    CHECK(shown(5.0, "_n") == "ValueError: Cannot specify '_' with 'n'.");
    CHECK(shown(5, ",_") == "ValueError: Cannot specify both ',' and '_'.");
    CHECK(shown(5, "_c") == "ValueError: Cannot specify '_' with 'c'.");
    CHECK(shown("a", ",") == "ValueError: Cannot specify ',' with 's'.");
    const auto percent = [](const char* pattern, const object& values) {
        return answer([&]() -> object { return format_percent(pattern, values); });
    };
    CHECK(percent("%+ d", 5) == "'+5'");
    CHECK(percent("% +d", 5) == "'+5'");
    CHECK(percent("%5%", 1) == "ValueError: unsupported format character '%' (0x25) at index 2");
    CHECK(percent("%5%", tuple()) == "TypeError: not enough arguments for format string");
    CHECK(percent("%%", tuple()) == "'%'");
    CHECK(percent("%(a)%", dict{{"a", 1}}) == "ValueError: unsupported format character '%' (0x25) at index 4");
}

TEST_CASE("int() and float() read the texts that Python's do") {
    const auto read = [](const std::string& text, int base) { return answer([&] { return int_::parse(text, base); }); };
    CHECK(read("0x1f", 16) == "31");
    CHECK(read("0b101", 2) == "5");
    CHECK(read("0o17", 8) == "15");
    CHECK(read("0x_1f", 16) == "31");
    CHECK(read("0o17", 0) == "15");
    CHECK(read("-0b1", 2) == "-1");
    CHECK(read("0b1", 16) == "177");
    CHECK(read("0_0", 0) == "0");
    CHECK(read("\u0663", 10) == "3");
    CHECK(read("\u00a05", 10) == "5");
    CHECK(answer([] { return to_float("\u0663.5\u3000"); }) == "3.5");
    CHECK(read("017", 0) == "ValueError: invalid literal for int() with base 0: '017'");
    CHECK(read("0x", 0) == "ValueError: invalid literal for int() with base 0: '0x'");
    CHECK(read("0x__1f", 16) == "ValueError: invalid literal for int() with base 16: '0x__1f'");
    CHECK(read("_1", 10) == "ValueError: invalid literal for int() with base 10: '_1'");
    for (const int base : {-1, 1, 37, 62})
        CHECK(read("5", base) == "ValueError: int() base must be >= 2 and <= 36, or 0");
    const std::string limit = "ValueError: Exceeds the limit (4300 digits) for integer string conversion",
                      remedy = "; use sys.set_int_max_str_digits() to increase the limit";
    CHECK(read(std::string(5000, '1'), 10) == limit + ": value has 5000 digits" + remedy);
    CHECK(answer([] { return power(10, 5000); }) == limit + remedy);
    CHECK(read(std::string(5000, '0'), 16) == "0");
    CHECK(answer([] { return to_int(5, 16); }) == "TypeError: int() can't convert non-string with explicit base");
}

TEST_CASE("views of dicts are sets beside whatever can be walked") {
    const dict d{{"a", 1}}, holds_list{{"a", list{1}}};
    const object keys = call_method(d, "keys"), items = call_method(holds_list, "items");
    CHECK(answer([&] { return subtract(keys, set{1}); }) == "{'a'}");
    CHECK(answer([&] { return bit_and(keys, list{"a"}); }) == "{'a'}");
    CHECK(answer([&] { return object(static_cast<std::int64_t>(len(bit_or(keys, "xy")))); }) == "3");
    CHECK(answer([&] { return subtract(list{"a", "b"}, keys); }) == "{'b'}");
    CHECK(answer([&] { return subtract(keys, 5); }) == "TypeError: 'int' object is not iterable");
    CHECK(answer([&]() -> object { return compare(items, items, "<=") <= 0; }) == "True");
    CHECK(answer([&]() -> object { return compare(keys, set{"a", "b"}) < 0; }) == "True");
    CHECK(answer([&]() -> object { return set{"a"} == keys; }) == "True");
    CHECK(answer([&]() -> object { return set{"b"} == keys; }) == "False");
    CHECK(answer([&]() -> object { return compare(keys, set{"b"}) < 0; }) == "False");
    CHECK(answer([&]() -> object { return items == call_method(dict{{"a", list{1}}}, "items"); }) == "True");
    CHECK(answer([&]() -> object { return items == call_method(dict{{"a", list{2}}}, "items"); }) == "False");
    CHECK(answer([&] { return call_method(items, "isdisjoint", list{tuple{"a", list{1}}}); }) == "False");
    CHECK(answer([&] { return call_method(items, "isdisjoint", list{tuple{"a", list{2}}}); }) == "True");
    CHECK(answer([&]() -> object { return contains(items, 7); }) == "False");

    // A set that is looked for is looked for as the frozenset that it equals.
    const set nested;
    nested.add(frozenset{1});
    CHECK(answer([&]() -> object { return contains(nested, set{1}); }) == "True");
    CHECK(answer([&] { return call_method(nested, "remove", set{2}); }) == "KeyError: {2}");
    CHECK(answer([&] { return call_method(nested, "discard", set{1}); }) == "None");
    CHECK(nested.size() == 0);
}

TEST_CASE("methods refuse what is no text before they look into it") { // in Python's words
    CHECK(answer([] { return call_method(bytes("ab"), "hex", 1); }) == "TypeError: object of type 'int' has no len()");
    CHECK(answer([] { return call_method(bytes("ab"), "hex", list{1}); }) == "TypeError: sep must be str or bytes.");
    CHECK(answer([] { return call_method(bytes("ab"), "hex", "é"); }) == "ValueError: sep must be ASCII.");
    CHECK(answer([] { return call_method(bytes("ab"), "hex", bytes(":")); }) == "'61:62'");
    CHECK(answer([] { return call_method(bytes("a"), "translate", None, 1); }) ==
          "TypeError: a bytes-like object is required, not 'int'");
    CHECK(answer([] { return call_method(bytes(""), "translate", bytes("a")); }) ==
          "ValueError: translation table must be 256 characters long");
    CHECK(answer([] { return call_method("", "maketrans", "a", "b", 1); }) ==
          "TypeError: maketrans() argument 3 must be str, not int");
    CHECK(answer([] { return call_method("", "maketrans", 1, "b"); }) ==
          "TypeError: first maketrans argument must be a string if there is a second argument");
    for (const object& code : {object(-1), object(0x110000), power(2, 70)})
        CHECK(answer([&] {
                  return call_method("a", "translate", dict{{97, code}});
              }) == "ValueError: character mapping must be in range(0x110000)");
    CHECK(answer([] {
              return call_method("a", "translate", dict{{97, 1.5}});
          }) == "TypeError: character mapping must return integer, None or str");
    CHECK(answer([] { return call_method("a", "splitlines", "x"); }) ==
          "TypeError: 'str' object cannot be interpreted as an integer");
    CHECK(answer([] { return call_method(5, "to_bytes", 1, 5); }) ==
          "TypeError: to_bytes() argument 'byteorder' must be str, not int");
    CHECK(answer([] { return call_method("a", "find", 1, "x"); }) ==
          "TypeError: slice indices must be integers or None or have an __index__ method");
    CHECK(answer([] { return call_method("a", "find"); }) == "TypeError: find() takes at least 1 argument (0 given)");
    CHECK(answer([] {
              return call_method("a", "upper", {}, {{"x", 1}});
          }) == "TypeError: str.upper() takes no keyword arguments");
}

TEST_CASE("the % of strings takes by key what has items") {
    const auto percent = [](const char* pattern, const object& values) {
        return answer([&] { return operate("%", pattern, values); });
    };
    CHECK(percent("%(a(b))d", dict{{"a(b)", 1}}) == "'1'");
    CHECK(percent("%(a(b)d", dict{{"a", 1}}) == "ValueError: incomplete format key");
    CHECK(percent("%(a)d %d", dict{{"a", 1}}) == "TypeError: not enough arguments for format string");
    CHECK(percent("%(a)d", list{1}) == "TypeError: list indices must be integers or slices, not str");
    CHECK(percent("%(a)d", tuple{1}) == "TypeError: format requires a mapping");
    CHECK(percent("é%y", 1) == "ValueError: unsupported format character 'y' (0x79) at index 2");
    CHECK(percent("é%é", 1) == "ValueError: unsupported format character '?' (0xe9) at index 2");
    class_ keyed("keyed");
    keyed.def("__getitem__", [](const callable&, arguments a) -> object { return a[1] + "!"; });
    CHECK(percent("%(a)s", keyed()) == "'a!'");
    CHECK(percent("nothing", keyed()) == "'nothing'");
}

TEST_CASE("numbers that are beyond a place, or bytes, do what Python's do") {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(answer([&] { return getitem("abc", most); }) == "IndexError: string index out of range");
    CHECK(answer([&] { return getitem("abc", power(2, 63)); }) ==
          "IndexError: cannot fit 'int' into an index-sized integer");
    CHECK(answer([] { return getitem(dict(), slice{1}); }) == "TypeError: unhashable type: 'slice'");
    CHECK(answer([]() -> object { return delitem("abc", "a"), None; }) ==
          "TypeError: 'str' object does not support item deletion");
    CHECK(answer([]() -> object { return delitem("abc", 1), None; }) ==
          "TypeError: 'str' object doesn't support item deletion");
    CHECK(answer([] { return round(1.25, power(2, 70)); }) == "1.25");
    CHECK(answer([] { return round(-1.25, negate(power(2, 70))); }) == "-0.0");
    CHECK(answer([] { return round(7, power(2, 70)); }) == "7");
    CHECK(answer([] { return to_int(bytes(" 12 ")); }) == "12");
    CHECK(answer([] { return to_int(bytes("x")); }) == "ValueError: invalid literal for int() with base 10: b'x'");
    CHECK(answer([] { return to_float(bytes("1.5")); }) == "1.5");
    CHECK(answer([] { return to_float(str(std::string_view("1\0", 2))); }) ==
          "ValueError: could not convert string to float: '1\\x00'");
    CHECK(answer([] { return power(0.0, -std::numeric_limits<double>::infinity()); }) == "inf");
    CHECK(answer([] { return power("a", 2, 3); }) ==
          "TypeError: unsupported operand type(s) for ** or pow(): 'str', 'int', 'int'");
    CHECK(answer([] { return str(format(994.137, "#.3")); }) == "'9.94e+02'");
    CHECK(answer([] { return str(format(9.0, "#.1")); }) == "'9.e+00'");
    CHECK(answer([] { return str(format(True, "z.3s")); }) ==
          "ValueError: Unknown format code 's' for object of type 'bool'");
    CHECK(answer([] { return operate_in_place("**", list(), 1); }) ==
          "TypeError: unsupported operand type(s) for **=: 'list' and 'int'");
    CHECK(answer([] { return operate(">=", 1, "a"); }) ==
          "TypeError: '>=' not supported between instances of 'int' and 'str'");
    CHECK(answer([] { return operate("<=", 1, 1.0); }) == "True");
    CHECK(answer([] { return operate("!=", "a", 1); }) == "True");
}

TEST_CASE("functions refuse what Python's refuse") {
    CHECK(answer([] { return sum(list{"a"}, ""); }) == "TypeError: sum() can't sum strings [use ''.join(seq) instead]");
    CHECK(answer([] { return sum(list(), bytes("")); }) ==
          "TypeError: sum() can't sum bytes [use b''.join(seq) instead]");
    CHECK(answer([] { return map(callable("f", [](const callable&, arguments) { return None; }), {}); }) ==
          "TypeError: map() must have at least two arguments.");
    CHECK(answer([] { return call_method("a,b", "translate", "abc"); }) == "'a,b'");
    CHECK(answer([] { return call_method("a,b", "translate", list{1, 2}); }) == "'a,b'");
    class_ less("less");
    less.def("__len__", [](const callable&, arguments) -> object { return -1; });
    CHECK(answer([&]() -> object { return static_cast<std::int64_t>(len(less())); }) ==
          "ValueError: __len__() should return >= 0");
    CHECK(answer([] {
              return getitem(range(10, 0, -3), slice{None, None, std::int64_t{1} << 62});
          }).starts_with("OverflowError"));
    const object beyond = power(2, 63), most = subtract(beyond, 1);
    CHECK(answer([&] { return getitem(range(10), slice{None, None, beyond}); }).starts_with("OverflowError"));
    CHECK(answer([&] { return getitem(range(10), slice{None, None, most}); }) == "range(0, 10, 9223372036854775807)");
    CHECK(answer([&] { return getitem(range(10), slice{None, beyond}); }) == "range(0, 10)");
    const object wide = range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max(), std::int64_t{1} << 62);
    CHECK(answer([&] { return getitem(wide, slice{}); }).starts_with("OverflowError")); // Python: up to 2**63
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();
    CHECK(answer([&] { return list_of(reversed(range(least, least + 2))); }) ==
          "[-9223372036854775807, -9223372036854775808]");
    CHECK(answer([] { return power(-8, 0.5); }).starts_with("ValueError"));
    CHECK(answer([] { return power(-8.0, 2); }) == "64.0");
    CHECK(answer([] { return power(-8, -1); }) == "-0.125");
}

} // namespace
