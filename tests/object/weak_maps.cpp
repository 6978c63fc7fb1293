// The weak maps as CPython 3.11's WeakValueDictionary and WeakKeyDictionary, and the other weak things of its weakref
// module: getweakrefcount, getweakrefs, WeakMethod.
#include <algorithm>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::make;
using krait::ref;
using krait::weak;
using krait::weak_key_map;
using krait::weak_set;
using krait::weak_value_map;
namespace gc = krait::gc;

namespace {

struct thing {
    int id = 0;
    ref<thing> peer;
    int twice(int n) { return 2 * n + id; }
    int twice_const(int n) const noexcept { return 2 * n - id; }
    void take(std::string s) { id = static_cast<int>(s.size()); }
};
struct other {
    int once(int n) { return n; }
};

ref<thing> make_thing(int id) { return make<thing>(id); }

template <class Range>
std::vector<int> ids(const Range& range) {
    std::vector<int> found;
    for (const ref<thing>& object : range) found.push_back(object->id);
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace

TEST_CASE("weak_value_map: operator[], at, get, pop, popitem, setdefault") {
    weak_value_map<std::string, thing> map;
    auto a = make_thing(1), b = make_thing(2);
    CHECK_THROWS_AS(map.at("a"), std::out_of_range);
    CHECK_THROWS_AS(ref<thing>(map["a"]), std::out_of_range);
    CHECK(map.empty()); // reading makes nothing
    map["a"] = a;
    CHECK(map["a"]->id == 1);
    CHECK(map["a"] == a);
    const ref<thing> read = map["a"];
    CHECK(read == a);
    map["b"] = map["a"];
    CHECK(map.at("b") == a);
    map["b"] = b;
    CHECK(map.get("b", a) == b);
    CHECK(map.get("c", a) == a);
    CHECK(map.setdefault("b", a) == b);
    CHECK(map.setdefault("c", a) == a);
    CHECK(map.size() == 3);
    CHECK(map.pop("c") == a);
    CHECK_THROWS_AS(map.pop("c"), std::out_of_range);
    CHECK(map.pop("c", b) == b);
    CHECK(!map.pop("c", {}));
    CHECK_THROWS_AS(map.insert("n", nullptr), std::invalid_argument);
    CHECK_THROWS_AS(map["n"] = nullptr, std::invalid_argument);
    CHECK(map.size() == 2);
    auto item = map.popitem();
    CHECK(item.second == (item.first == "a" ? a : b));
    map.popitem();
    CHECK_THROWS_AS(map.popitem(), std::out_of_range);
    map["a"] = make_thing(3); // dies at once
    CHECK(map.empty());
    CHECK(!map.contains("a"));
}

TEST_CASE("weak_value_map: update, |, copy, keys, values, items, valuerefs") {
    auto a = make_thing(1), b = make_thing(2), c = make_thing(3);
    weak_value_map<int, thing> one, two;
    one.update({{1, a}, {2, b}});
    two.update(std::map<int, ref<thing>>{{2, c}, {3, c}});
    auto both = one | two;
    CHECK(both.size() == 3);
    CHECK(both.at(2) == c);
    CHECK(one.at(2) == b);
    one |= two;
    CHECK(ids(one.values()) == std::vector<int>{1, 3, 3});
    auto again = one.copy();
    a.reset();
    CHECK(again.size() == 2);
    CHECK(one.size() == 2);
    std::vector<int> keys;
    for (const int key : one.keys()) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    CHECK(keys == std::vector<int>{2, 3});
    for (const auto& [key, object] : one) CHECK(object == one.at(key));
    const auto references = one.valuerefs();
    CHECK(references.size() == 2);
    c.reset();
    CHECK(references[0].expired());
    CHECK(one.empty());
    CHECK(one.begin() == one.end());
    weak_value_map<int, thing> moved = std::move(again);
    CHECK(again.empty()); // NOLINT: a moved-from map is an empty one
    again[1] = b;         // NOLINT
    CHECK(again.size() == 1);
    one.clear();
    two = std::move(again);
    CHECK(two.at(1) == b);
}

TEST_CASE("weak_value_map: an object that dies leaves the map though its key's hash throws") {
    static bool fails = false;
    struct hash_that_may_throw {
        std::size_t operator()(int key) const noexcept(false) {
            if (fails) throw std::runtime_error("hash");
            return static_cast<std::size_t>(key);
        }
    };
    weak_value_map<int, thing, hash_that_may_throw> map;
    const ref<thing> kept = make_thing(1);
    map.insert(1, kept);
    for (int id = 2; id <= 4; ++id) {
        ref<thing> dies = make_thing(id);
        map.insert(id, dies);
        fails = true;
        dies = {};
        fails = false;
        CHECK(map.size() == 1);
    }
    CHECK(ids(map.values()) == std::vector<int>{1});
}

TEST_CASE("weak maps: objects die, entries are erased and replaced while a map is iterated") {
    weak_value_map<int, thing> map;
    weak_key_map<thing, int> numbers;
    std::vector<ref<thing>> keep;
    for (int i = 0; i < 100; ++i) {
        keep.push_back(make_thing(i));
        map[i] = keep.back();
        numbers[keep.back()] = i;
    }
    std::size_t seen = 0;
    for (const auto& [key, object] : map) {
        ++seen;
        CHECK(object->id == key);
        keep[static_cast<std::size_t>((key + 50) % 100)].reset();
        if (key % 10 == 0) map.erase(key);
        if (key % 10 == 1) {
            keep[static_cast<std::size_t>(key)] = make_thing(key);
            map[key] = keep[static_cast<std::size_t>(key)];
        }
        std::size_t living = 0;
        for (const auto& inner : map) living += inner.second != nullptr;
        CHECK(living == map.size());
    }
    CHECK(seen >= 50);
    for (const auto& [key, number] : numbers) {
        CHECK(key->id == number);
        number += 1000;
        keep.clear();
        CHECK(numbers.size() == 1); // the one that the loop holds
        CHECK(!numbers.contains(make_thing(5)));
    }
    CHECK(numbers.empty());
    CHECK(map.empty());
}

TEST_CASE("weak maps: an entry that came back during an iteration is counted") {
    weak_value_map<int, thing> map;
    auto a = make_thing(1), b = make_thing(2);
    map[1] = a;
    map[2] = b;
    for (const auto& item : map) {
        if (item.first == 1) continue;
        a.reset();
        CHECK(map.size() == 1);
        map[1] = b;
        CHECK(map.size() == 2);
    }
    CHECK(map.size() == 2);
    CHECK(map.at(1) == b);
}

TEST_CASE("weak maps: new keys during an iteration end it, as in CPython") {
    weak_value_map<int, thing> map;
    weak_key_map<thing, int> numbers;
    std::vector<ref<thing>> keep;
    const auto add = [&] {
        keep.push_back(make_thing(static_cast<int>(keep.size())));
        map[keep.back()->id] = keep.back();
        numbers[keep.back()] = 1;
    };
    add();
    add();
    const auto iterate = [&](auto& m, auto change) {
        for (const auto& item : m) {
            (void)item;
            change();
        }
    };
    CHECK_THROWS_AS(iterate(map, add), std::runtime_error);
    CHECK_THROWS_AS(iterate(numbers, add), std::runtime_error);
    CHECK_THROWS_AS(iterate(map, [&] { map.clear(); }), std::runtime_error);
    CHECK_THROWS_AS(iterate(numbers, [&] { numbers.clear(); }), std::runtime_error);
    CHECK(map.empty());
    CHECK(numbers.empty());
    add();
    CHECK(map.size() == 1);
    // The map itself goes while it is iterated.
    auto mine = std::make_unique<weak_key_map<thing, int>>();
    (*mine)[keep[0]] = 1;
    (*mine)[keep[1]] = 2;
    auto at = mine->begin();
    mine.reset();
    CHECK_THROWS_AS(++at, std::runtime_error);
}

TEST_CASE("weak_key_map: operator[], at, get, pop, popitem, setdefault, update, |, copy, keys, values, keyrefs") {
    weak_key_map<thing, std::string> map;
    auto a = make_thing(1), b = make_thing(2);
    CHECK_THROWS_AS(map.at(a), std::out_of_range);
    map[a] = "a";
    map[a] += "!";
    CHECK(map.at(a) == "a!");
    CHECK(map[b].empty());
    CHECK(map.size() == 2);
    CHECK(map.get(a, "none") == "a!");
    CHECK(map.setdefault(b, "no") == "");
    CHECK(map.pop(b) == "");
    CHECK_THROWS_AS(map.pop(b), std::out_of_range);
    CHECK(map.pop(b, "none") == "none");
    CHECK(map.setdefault(b, "b") == "b");
    CHECK_THROWS_AS(map[nullptr], std::invalid_argument);
    weak_key_map<thing, std::string> two;
    two.update({{b, "B"}});
    const auto both = map | two;
    CHECK(both.at(b) == "B");
    CHECK(map.at(b) == "b");
    map |= two;
    CHECK(map.at(b) == "B");
    CHECK(ids(map.keys()) == std::vector<int>{1, 2});
    for (auto& value : map.values()) value += "?";
    CHECK(map.at(a) == "a!?");
    CHECK(both.at(a) == "a!");
    const auto references = map.keyrefs();
    auto moved = std::move(map);
    CHECK(map.empty()); // NOLINT
    a.reset();
    CHECK(moved.size() == 1);
    CHECK(std::count_if(references.begin(), references.end(), [](const auto& w) { return w.expired(); }) == 1);
    const auto item = moved.popitem();
    CHECK(item.first == b);
    CHECK(item.second == "B?");
    CHECK_THROWS_AS(moved.popitem(), std::out_of_range);
    moved[b] = "x";
    moved = std::move(two);
    CHECK(moved.at(b) == "B");
    weak_key_map<thing, std::unique_ptr<int>> owning; // values that only move
    owning[b] = std::make_unique<int>(3);
    CHECK(*owning.pop(b) == 3);
}

TEST_CASE("weak_key_map: keys in garbage are out of reach once finalizers have run, and in callbacks") {
    struct ending {
        ref<ending> self;
        weak_key_map<ending, int>* map = nullptr;
        std::vector<std::size_t>* seen = nullptr;
        ending() = default;
        ending(const ending&) = delete;
        ending& operator=(const ending&) = delete;
        ~ending() {
            std::size_t number = 0;
            if (map != nullptr)
                for (const auto& item : *map) number += item.first != nullptr;
            if (seen != nullptr) seen->push_back(number);
        }
        KRAIT_FIELDS(self);
    };
    std::vector<std::size_t> seen;
    weak_key_map<ending, int> map;
    std::vector<weak<ending>> watch;
    {
        auto a = make<ending>(), b = make<ending>();
        for (auto* p : {&a, &b}) {
            map[*p] = 1;
            (*p)->self = p == &a ? b : a;
            (*p)->map = &map;
            (*p)->seen = &seen;
        }
        auto c = make<ending>(); // dies by its count, before its callback's turn
        map[c] = 2;
        watch.emplace_back(c, [&](weak<ending>&) {
            std::size_t number = 0;
            for (const auto& item : map) number += item.second == 2;
            CHECK(number == 0);
        });
    }
    CHECK(gc::collect() == 2);
    CHECK(seen == std::vector<std::size_t>{0, 0});
    CHECK(map.empty());
}

TEST_CASE("weak_set: iterators, pop, update") {
    weak_set<thing> set;
    std::vector<ref<thing>> keep{make_thing(1), make_thing(2), make_thing(3)};
    set.update(keep);
    CHECK(set.size() == 3);
    CHECK(ids(set) == std::vector<int>{1, 2, 3});
    for (const auto& member : set)
        if (member->id == 2) set.erase(member);
    CHECK(ids(set) == std::vector<int>{1, 3});
    weak_set<thing> more;
    more.insert(keep[1]);
    set.update(more);
    CHECK(set.size() == 3);
    CHECK(set.pop());
    CHECK(set.size() == 2);
    keep.clear();
    CHECK(set.empty());
    CHECK_THROWS_AS(set.pop(), std::out_of_range);
    CHECK_THROWS_AS(set.insert(nullptr), std::invalid_argument);
}

TEST_CASE("keys whose destructors use the map") {
    struct busy {
        int id;
        weak_value_map<int, thing>* elsewhere;
        busy(int i, weak_value_map<int, thing>* e) : id(i), elsewhere(e) {}
        busy(const busy&) = default;
        busy& operator=(const busy&) = default;
        ~busy() { (void)elsewhere->size(); }
        bool operator==(const busy& b) const { return id == b.id; }
    };
    struct hash {
        std::size_t operator()(const busy& b) const { return static_cast<std::size_t>(b.id); }
    };
    weak_value_map<int, thing> numbers;
    weak_value_map<busy, thing, hash> map;
    std::vector<ref<thing>> keep;
    for (int i = 0; i < 20; ++i) {
        keep.push_back(make_thing(i));
        map.insert(busy(i, &numbers), keep.back());
        numbers[i] = keep.back();
    }
    keep.erase(keep.begin() + 3, keep.end());
    CHECK(map.size() == 3);
    map.clear();
    CHECK(numbers.size() == 3);
}

TEST_CASE("random operations: weak maps agree with a std::map that is told of deaths") {
    std::mt19937 random(20261128);
    weak_value_map<int, thing> values;
    weak_key_map<thing, int> keys;
    std::map<int, int> expected_values; // key -> id
    std::map<int, int> expected_keys;   // id -> value
    std::map<int, ref<thing>> alive;
    int next = 0;
    for (int step = 0; step < 20'000; ++step) {
        const int key = static_cast<int>(random() % 40);
        auto some = alive.begin();
        if (!alive.empty()) std::advance(some, random() % alive.size());
        switch (random() % 8) {
        case 0:
            alive[next] = make_thing(next);
            ++next;
            break;
        case 1:
            if (alive.empty()) break;
            std::erase_if(expected_values, [&](const auto& e) { return e.second == some->first; });
            expected_keys.erase(some->first);
            alive.erase(some);
            break;
        case 2:
        case 3:
            if (alive.empty()) break;
            values[key] = some->second;
            expected_values[key] = some->first;
            keys[some->second] = step;
            expected_keys[some->first] = step;
            break;
        case 4:
            CHECK(values.erase(key) == (expected_values.erase(key) == 1));
            break;
        case 5:
            if (alive.empty()) break;
            CHECK(keys.pop(some->second, -1) ==
                  (expected_keys.count(some->first) != 0 ? expected_keys[some->first] : -1));
            expected_keys.erase(some->first);
            break;
        case 6:
            if (alive.empty()) break;
            CHECK(values.setdefault(key, some->second)->id == expected_values.emplace(key, some->first).first->second);
            CHECK(keys.setdefault(some->second, step) == expected_keys.emplace(some->first, step).first->second);
            break;
        default:
            CHECK(values.contains(key) == (expected_values.count(key) != 0));
        }
        CHECK(values.size() == expected_values.size());
        CHECK(keys.size() == expected_keys.size());
    }
    std::map<int, int> found_values, found_keys;
    for (const auto& [key, object] : values) found_values[key] = object->id;
    for (const auto& [object, value] : keys) found_keys[object->id] = value;
    CHECK(found_values == expected_values);
    CHECK(found_keys == expected_keys);
}

TEST_CASE("weak_count and weak_refs are CPython's getweakrefcount and getweakrefs") {
    auto a = make_thing(1);
    CHECK(krait::weak_count(a) == 0);
    CHECK(krait::weak_refs(a).empty());
    CHECK(krait::weak_count(ref<thing>()) == 0);
    const weak<thing> r1(a, [](weak<thing>&) {});
    CHECK(krait::weak_count(a) == 1);
    const weak<thing> c = a, c2 = a;
    const weak<thing> r2(a, [](weak<thing>&) {}), copy = r2;
    CHECK(krait::weak_count(a) == 3);
    CHECK(krait::weak_refs(a) == std::vector<weak<thing>>{c, r2, r1});
}

TEST_CASE("weak_method: calls while the object lives, does not keep it, equality and callback") {
    using method = krait::weak_method<int(int)>;
    auto a = make_thing(1), b = make_thing(2);
    const method m(a, &thing::twice), same(a, &thing::twice), of_b(b, &thing::twice), other_one(a, &thing::twice_const);
    CHECK(a.use_count() == 1);
    CHECK(m.lock()(10) == 21);
    CHECK(other_one.lock()(10) == 19);
    CHECK(m == same);
    CHECK(!(m == of_b));
    CHECK(!(m == other_one));
    const auto o = make<other>();
    const std::vector<method> observers{m, of_b, method(o, &other::once)}; // of several classes
    int sum = 0;
    for (const auto& observer : observers)
        if (auto call = observer.lock()) sum += call(1);
    CHECK(sum == 3 + 4 + 1);
    int gone = 0;
    const method told(a, &thing::twice, [&](method& self) {
        ++gone;
        CHECK(self.expired());
        CHECK(!self.lock());
    });
    CHECK(told == m);
    CHECK(std::hash<method>{}(told) == std::hash<method>{}(m));
    {
        const auto held = m.lock();
        a.reset();
        CHECK(held(1) == 3); // a bound method keeps its object
        CHECK(gone == 0);
    }
    CHECK(gone == 1);
    CHECK(m.expired());
    const method copy = told;
    CHECK(copy == told);
    CHECK(!(told == m)); // no longer: their objects are dead, and they are no copies
    const krait::weak_method<void(std::string)> taking(b, &thing::take);
    taking.lock()("four");
    CHECK(b->id == 4);
    const krait::weak_method<void(const char*)> converting(ref<thing>(b), &thing::take);
    converting.lock()("seven..");
    CHECK(b->id == 7);
    const krait::weak_method<int(int)> of_const(ref<const thing>(b), &thing::twice_const);
    CHECK(of_const.lock()(4) == 1);
    CHECK(!method().lock());
}
