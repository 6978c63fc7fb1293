// The whole product: what a container does to its elements x who is called then x what that does.
//
// libstdc++'s containers destroy elements before they know that these are gone: a run of the collector that starts
// meanwhile reads destroyed elements. Every combination must survive, also under the address sanitizer, and leave
// nothing behind.
#include <array>
#include <deque>
#include <forward_list>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <stack>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::make;
using krait::ref;
using krait::weak;
namespace gc = krait::gc;

namespace {

enum class actor { destructor, finalizer, weak_callback, value_map_key, key_map_value };
enum class deed { make, collect, link, unlink };
constexpr std::array actors{actor::destructor, actor::finalizer, actor::weak_callback, actor::value_map_key,
                            actor::key_map_value};
constexpr std::array deeds{deed::make, deed::collect, deed::link, deed::unlink};

struct litter {
    ref<litter> self;
    std::list<ref<litter>> others;
};

actor who = actor::destructor;
deed what = deed::make;
bool armed = false;
int acted = 0;
int alive = 0;
ref<litter> bystander; // a live object that is linked to and unlinked from

void act(actor by) {
    if (!armed || by != who) return;
    ++acted;
    switch (what) {
    case deed::make:
        for (int i = 0; i < 3; ++i) {
            const auto l = make<litter>();
            l->self = l;
        }
        break;
    case deed::collect:
        CHECK(gc::collect() + gc::collect(0) + gc::step(10) + gc::safe_point() == 0);
        break;
    case deed::link:
        bystander->others.push_back(make<litter>());
        bystander->others.back()->self = bystander;
        bystander->self = bystander;
        break;
    case deed::unlink:
        if (!bystander->others.empty()) bystander->others.pop_front();
        bystander->self.reset();
        break;
    }
}

// An object with a finalizer, a destructor, and a reference that may lead back.
struct element {
    int number;
    ref<element> peer;
    explicit element(int n) : number(n) { ++alive; }
    element(const element&) = delete;
    element& operator=(const element&) = delete;
    ~element() {
        --alive;
        act(actor::destructor);
    }
    void krait_finalize() { act(actor::finalizer); }
    KRAIT_FIELDS(peer);
};
using item = ref<element>;

// Keys and values of krait's maps. Only one of its copies acts.
template <actor A>
struct acting {
    int number = 0;
    std::shared_ptr<int> last = std::make_shared<int>(0);
    explicit acting(int n) : number(n) {}
    acting(const acting&) = default;
    acting(acting&&) = default;
    acting& operator=(const acting&) = default;
    acting& operator=(acting&&) = default;
    ~acting() {
        if (last && last.use_count() == 1) act(A);
    }
    bool operator==(const acting& other) const { return number == other.number; }
    KRAIT_FIELDS();
};
using acting_key = acting<actor::value_map_key>;
using acting_value = acting<actor::key_map_value>;
struct hash_of_key {
    std::size_t operator()(const acting_key& key) const { return static_cast<std::size_t>(key.number); }
};

// What watches the elements.
struct watchers {
    std::vector<weak<element>> handles;
    krait::weak_value_map<acting_key, element, hash_of_key> by_key;
    krait::weak_key_map<element, acting_value> values;
};
watchers* watching = nullptr;

item make_item(int number) {
    auto made = make<element>(number);
    watching->handles.emplace_back(made, [](weak<element>&) { act(actor::weak_callback); });
    watching->by_key.insert(acting_key(number), made);
    watching->values.insert(made, acting_value(number));
    return made;
}

template <class C>
struct holder {
    C container;
    ref<holder> self;
};

// What one container type has to do with it; the rest is written once, for all of them.
struct scenario {
    std::string name;
    std::function<ref<void>()> make_full;    // a new holder with ten elements in its container
    std::function<void(std::size_t)> change; // lets at least one element die
    std::size_t changes = 0;
};

// All is young, so that every automatic run would look at the holder.
void set_up(watchers& w) {
    watching = &w;
    gc::disable();
    gc::collect();
    bystander = make<litter>();
    for (int i = 0; i < 50; ++i) bystander->others.push_back(make<litter>());
    acted = 0;
}

void arm() {
    armed = true;
    gc::set_threshold(1);
    gc::enable();
}

void tear_down() {
    armed = false;
    gc::disable();
    gc::collect();
    CHECK(acted > 0);
    CHECK(alive == 0);
    CHECK(gc::get_objects().size() == 1 + bystander->others.size());
    bystander->self.reset();
    bystander.reset();
    gc::collect();
    CHECK(gc::get_objects().empty());
    gc::set_threshold(2000);
    gc::enable();
}

template <class F>
void for_each_deed(const std::string& name, F&& scene) {
    for (const actor a : actors)
        for (const deed d : deeds) {
            INFO(name << ", actor " << static_cast<int>(a) << ", deed " << static_cast<int>(d));
            who = a;
            what = d;
            watchers w;
            set_up(w);
            scene();
            tear_down();
        }
}

void run_all(const scenario& s) {
    for (std::size_t change = 0; change < s.changes; ++change)
        for_each_deed(s.name + ", change " + std::to_string(change), [&] {
            const ref<void> holder = s.make_full();
            arm();
            s.change(change);
            CHECK(acted > 0);
            make<litter>(); // now a run may start
            gc::collect();
            armed = false;
        });
    for_each_deed(s.name + ", collected", [&] { // the container dies with its holder, in the collector
        s.make_full();
        CHECK(alive == 10);
        arm();
        CHECK(gc::collect() > 0);
    });
}

template <class C>
void run(const char* name, const std::function<void(C&)>& fill, const std::vector<void (*)(C&)>& changes) {
    C* container = nullptr;
    scenario s;
    s.name = name;
    s.make_full = [&] {
        const auto h = make<holder<C>>();
        h->self = h;
        container = &h->container;
        fill(*container);
        return ref<void>(h);
    };
    s.changes = changes.size() + 2;
    s.change = [&](std::size_t i) {
        if (i < changes.size())
            changes[i](*container);
        else if (i == changes.size())
            *container = C();
        else
            const C gone = std::move(*container);
    };
    run_all(s);
}

template <class C>
void push_ten(C& c) {
    for (int i = 0; i < 10; ++i) c.push_back(make_item(i));
}

struct value {
    int number = 0;
    item held;
};

} // namespace

TEST_CASE("containers that change, sequences: std::vector, list, deque, forward_list") {
    run<std::vector<item>>("vector", push_ten<std::vector<item>>,
                           {[](auto& c) { c.clear(); }, [](auto& c) { c.resize(3); }, [](auto& c) { c.pop_back(); },
                            [](auto& c) { c.erase(c.begin() + 2, c.begin() + 5); }, [](auto& c) { c.assign(2, c[1]); },
                            [](auto& c) { c[4].reset(); }, [](auto& c) { c = std::vector<item>(2, c[1]); }});
    run<std::list<item>>("list", push_ten<std::list<item>>,
                         {[](auto& c) { c.clear(); }, [](auto& c) { c.resize(3); }, [](auto& c) { c.pop_front(); },
                          [](auto& c) { c.erase(c.begin(), std::next(c.begin(), 4)); },
                          [](auto& c) { c.remove_if([](const item& i) { return i->number % 2 == 0; }); },
                          [](auto& c) { c.assign(2, c.front()); }, [](auto& c) { c = std::list<item>{c.front()}; }});
    run<std::deque<item>>("deque", push_ten<std::deque<item>>,
                          {[](auto& c) { c.clear(); }, [](auto& c) { c.resize(3); }, [](auto& c) { c.pop_front(); },
                           [](auto& c) { c.erase(c.begin() + 2, c.begin() + 5); },
                           [](auto& c) { c.assign(2, c.front()); }});
    run<std::forward_list<item>>("forward_list",
                                 [](auto& c) {
                                     for (int i = 0; i < 10; ++i) c.push_front(make_item(i));
                                 },
                                 {[](auto& c) { c.clear(); }, [](auto& c) { c.resize(3); },
                                  [](auto& c) { c.erase_after(c.begin(), c.end()); }, [](auto& c) { c.pop_front(); }});
    run<std::list<value>>("list of values",
                          [](auto& c) {
                              for (int i = 0; i < 10; ++i) c.push_back({i, make_item(i)});
                          },
                          {[](auto& c) { c.clear(); }, [](auto& c) { c.pop_back(); }});
}

TEST_CASE("containers that change, adaptors: std::queue, stack") {
    const auto fill = [](auto& c) {
        for (int i = 0; i < 10; ++i) c.push(make_item(i));
    };
    run<std::queue<item>>("queue", fill, {[](auto& c) { c.pop(); }});
    run<std::stack<item>>("stack", fill, {[](auto& c) { c.pop(); }});
}

TEST_CASE("containers that change, ordered: std::set, map") {
    const auto insert_ten = [](auto& c) {
        for (int i = 0; i < 10; ++i) c.insert(make_item(i));
    };
    const auto emplace_ten = [](auto& c) {
        for (int i = 0; i < 10; ++i) c.emplace(i, make_item(i));
    };
    run<std::set<item>>("set", insert_ten,
                        {[](auto& c) { c.clear(); }, [](auto& c) { c.erase(c.begin()); },
                         [](auto& c) { c.erase(c.begin(), c.end()); }, [](auto& c) { c.extract(c.begin()); }});
    run<std::map<int, item>>("map", emplace_ten,
                             {[](auto& c) { c.clear(); }, [](auto& c) { c.erase(4); }, [](auto& c) { c[5].reset(); },
                              [](auto& c) { c.insert_or_assign(3, item()); }, [](auto& c) { c.extract(7); },
                              [](auto& c) {
                                  c = {{1, c[2]}, {3, c[4]}};
                              }});
    run<std::map<item, item>>("map with keys",
                              [](auto& c) {
                                  for (int i = 0; i < 10; i += 2) c.emplace(make_item(i), make_item(i + 1));
                              },
                              {[](auto& c) { c.clear(); }, [](auto& c) { c.erase(c.begin()); }});
}

TEST_CASE("containers that change, hashed: std::unordered_set, unordered_map") {
    const auto insert_ten = [](auto& c) {
        for (int i = 0; i < 10; ++i) c.insert(make_item(i));
    };
    const auto emplace_ten = [](auto& c) {
        for (int i = 0; i < 10; ++i) c.emplace(i, make_item(i));
    };
    run<std::unordered_set<item>>("unordered_set", insert_ten,
                                  {[](auto& c) { c.clear(); }, [](auto& c) { c.erase(c.begin()); },
                                   [](auto& c) { c.erase(c.begin(), std::next(c.begin(), 5)); }});
    run<std::unordered_map<int, item>>("unordered_map", emplace_ten,
                                       {[](auto& c) { c.clear(); }, [](auto& c) { c.erase(4); },
                                        [](auto& c) { c[5].reset(); },
                                        [](auto& c) {
                                            c = {{1, c[2]}, {3, c[4]}};
                                        }});
}

TEST_CASE("containers that change, of a fixed size: a ref, optional, variant, array, pair, tuple, unique_ptr") {
    // Ten elements, all behind the first one where there is room for one only.
    const auto chain = [] {
        item head;
        for (int i = 0; i < 10; ++i) {
            item next = make_item(i);
            next->peer = std::move(head);
            head = std::move(next);
        }
        return head;
    };
    run<item>("ref", [&](auto& c) { c = chain(); },
              {[](auto& c) { c.reset(); }, [](auto& c) { c = nullptr; }, [](auto& c) { c = item(c->peer); }});
    run<std::optional<item>>("optional", [&](auto& c) { c = chain(); },
                             {[](auto& c) { c.reset(); }, [](auto& c) { c = item(); }, [](auto& c) { c.emplace(); }});
    using either = std::variant<int, item, std::string, value>;
    run<either>("variant", [&](auto& c) { c = chain(); },
                {[](auto& c) { c = 5; }, [](auto& c) { c.template emplace<std::string>("other"); },
                 [](auto& c) { c = item(); }, [](auto& c) { c = value{}; }});
    run<std::array<item, 10>>("array",
                              [](auto& c) {
                                  for (int i = 0; i < 10; ++i) c[static_cast<std::size_t>(i)] = make_item(i);
                              },
                              {[](auto& c) { c.fill(item()); }, [](auto& c) { c[3] = c[4]; }});
    run<std::pair<item, int>>("pair", [&](auto& c) { c.first = chain(); }, {[](auto& c) { c.first.reset(); }});
    run<std::tuple<int, item>>("tuple", [&](auto& c) { std::get<1>(c) = chain(); },
                               {[](auto& c) { std::get<1>(c).reset(); }});
    run<std::unique_ptr<value>>(
        "unique_ptr",
        [&](auto& c) {
            c = std::make_unique<value>(value{1, chain()});
        },
        {[](auto& c) { c.reset(); }, [](auto& c) { c->held.reset(); }, [](auto& c) { c = std::make_unique<value>(); }});
    run<std::vector<std::optional<value>>>("vector of optionals",
                                           [](auto& c) {
                                               for (int i = 0; i < 10; ++i) c.push_back(value{i, make_item(i)});
                                           },
                                           {[](auto& c) { c.clear(); }, [](auto& c) { c[2].reset(); }});
}

// The elements are what the map or cache holds, and the change is one of its operations.
TEST_CASE("containers that change, krait's own: weak_key_map, weak_value_map, weak_set, lru_cache") {
    using keyed = krait::weak_key_map<litter, std::vector<item>>;
    const auto fill = [](keyed& map, const std::vector<ref<litter>>& keys) {
        for (int k = 0; k < 3; ++k) {
            std::vector<item> three;
            for (int i = 0; i < 3; ++i) three.push_back(make_item(k * 3 + i));
            map.insert(keys[static_cast<std::size_t>(k)], std::move(three));
        }
    };
    using change = std::function<void(keyed&, std::vector<ref<litter>>&)>;
    const std::vector<change> changes{
        [](keyed& map, auto&) { map.clear(); },
        [](keyed& map, auto& keys) { map.erase(keys[1]); },
        [](keyed&, auto& keys) { keys.clear(); },
        [](keyed& map, auto& keys) { map.insert(keys[0], {}); },
        [](keyed& map, auto& keys) { map.find(keys[2])->clear(); },
        [](keyed& map, auto& keys) { map.find(keys[2])->erase(map.find(keys[2])->begin()); }};
    for (const change& c : changes)
        for_each_deed("weak_key_map", [&] {
            keyed map;
            std::vector<ref<litter>> keys{make<litter>(), make<litter>(), make<litter>()};
            fill(map, keys);
            arm();
            c(map, keys);
        });
    for_each_deed("weak_value_map and weak_set", [] {
        krait::weak_value_map<int, element> values;
        krait::weak_set<element> set;
        std::vector<item> owners;
        for (int i = 0; i < 10; ++i) {
            owners.push_back(make_item(i));
            values.insert(i, owners.back());
            set.insert(owners.back());
        }
        arm();
        set.for_each([&](const item&) { owners.clear(); });
        values.clear();
        CHECK(set.size() == 0);
    });
    for_each_deed("lru_cache", [] {
        krait::lru_cache<item(int)> cache([](int i) { return make_item(i); }, 3);
        for (int i = 0; i < 3; ++i) cache(i);
        arm();
        for (int i = 3; i < 6; ++i) cache(i);
        cache.cache_clear();
    });
}

TEST_CASE("a container of weak references that changes: their callbacks' captures die") {
    struct capture {
        std::shared_ptr<int> last = std::make_shared<int>(0);
        capture() = default;
        capture(const capture&) = default;
        ~capture() {
            if (last && last.use_count() == 1) act(actor::destructor);
        }
    };
    who = actor::destructor;
    for (const deed d : deeds) {
        what = d;
        gc::disable();
        bystander = make<litter>();
        auto h = make<holder<std::list<weak<litter>>>>();
        auto g = make<holder<std::list<weak<litter>>>>(); // garbage: its weak references are walked
        g->self = g;
        for (int i = 0; i < 5; ++i)
            for (auto& list : {std::ref(h->container), std::ref(g->container)})
                list.get().emplace_back(bystander, [c = capture()](weak<litter>&) {});
        auto* const raw = g.get();
        g.reset();
        acted = 0;
        arm();
        raw->container.clear();
        h->container.clear();
        CHECK(acted == 10);
        armed = false;
        gc::collect();
        bystander->self.reset();
        bystander.reset();
        gc::set_threshold(2000);
    }
    gc::collect();
    CHECK(gc::get_objects().empty());
}

TEST_CASE("a value whose destructor makes objects, with gc::postpone") {
    struct careful {
        ref<litter> held;
        careful() : held(make<litter>()) { held->self = held; }
        careful(careful&&) = default;
        careful& operator=(careful&&) = default;
        ~careful() {
            const gc::postpone no_run;
            act(actor::destructor);
        }
        KRAIT_FIELDS(held);
    };
    who = actor::destructor;
    for (const deed d : deeds) {
        what = d;
        gc::disable();
        bystander = make<litter>();
        auto h = make<holder<std::list<careful>>>();
        for (int i = 0; i < 5; ++i) h->container.emplace_back();
        acted = 0;
        arm();
        h->container.clear();
        CHECK(acted == 5);
        armed = false;
        bystander->self.reset();
        bystander.reset();
        gc::set_threshold(2000);
    }
    gc::collect();
    CHECK(gc::get_objects().empty());
}
