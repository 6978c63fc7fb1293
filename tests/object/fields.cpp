#include <array>
#include <atomic>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::acyclic_v;
using krait::ref;

namespace {

// ---- acyclicity
struct plain {
    int x;
    std::string s;
};
struct holder {
    ref<plain> p;
};
struct ring {
    ref<ring> next;
};
struct to_ring {
    ref<ring> r; // leads to cycles, but is part of none
};
struct in_ring : ring { // a ref<ring> may lead to it
    KRAIT_FIELDS();
    KRAIT_BASES(ring);
};
struct left;
struct right {
    std::vector<ref<left>> l;
};
struct left {
    std::map<int, ref<right>> r;
};
struct open_base {
    virtual ~open_base() = default;
};
struct refers_to_open {
    ref<open_base> b;
};
struct closed final : open_base {};
struct refers_to_closed {
    ref<closed> c;
};
struct declared {
    using krait_acyclic = void;
    ref<declared> parent;
};
struct weakly {
    krait::weak<weakly> w;
};
struct tree {
    std::vector<tree> kids;
    ref<plain> leaf;
};
static_assert(acyclic_v<plain> && acyclic_v<holder> && acyclic_v<to_ring> && acyclic_v<int> && acyclic_v<std::string>);
static_assert(!acyclic_v<ring> && !acyclic_v<in_ring> && !acyclic_v<left> && !acyclic_v<right>);
static_assert(!acyclic_v<refers_to_open> && acyclic_v<open_base> && acyclic_v<refers_to_closed>);
static_assert(acyclic_v<declared> && acyclic_v<weakly> && acyclic_v<tree>);

// ---- what a reference to a base class may lead to
template <class To, class From>
inline constexpr bool converts = krait::detail::none<typename krait::detail::unseen<To, From>::type>;

template <class Base, class T>
struct adds : Base { // the base class, and a reference to a T
    ref<T> added;
    KRAIT_FIELDS(added);
    KRAIT_BASES(Base);
};
struct leaf {
    int x;
};
struct to_leaf {
    ref<leaf> l;
};
struct other_ring {
    ref<other_ring> next;
};
struct to_holder {
    ref<holder> h;
};
struct tracked_base {
    using krait_cyclic = void;
};
struct says_both : declared {
    using krait_cyclic = void;
};
struct refers_to_both {
    ref<says_both> b;
};
static_assert(!acyclic_v<refers_to_both> && !converts<declared, says_both>);
// Strings, numbers, final classes and those that say so may be added to any class.
static_assert(converts<plain, adds<plain, std::string>> && converts<plain, adds<plain, int>>);
static_assert(converts<plain, adds<plain, closed>> && converts<plain, adds<plain, declared>>);
// What else is added leads to less than the base class does: otherwise either could be behind a reference to the other.
static_assert(converts<holder, adds<holder, leaf>> && converts<to_holder, adds<to_holder, to_leaf>>);
static_assert(!converts<plain, adds<plain, leaf>> && !converts<holder, adds<holder, to_leaf>>);
static_assert(!converts<holder, adds<holder, open_base>> && !converts<holder, adds<holder, ring>>);
// A class that is in cycles may lead to others, but not to one that is judged to be in none and may lead back.
static_assert(converts<ring, in_ring> && converts<ring, adds<ring, plain>> && converts<ring, adds<ring, holder>>);
static_assert(converts<ring, adds<ring, other_ring>> && !converts<ring, adds<ring, to_ring>>);
static_assert(!converts<ring, adds<ring, open_base>> && !converts<ring, adds<ring, void>>);
// Strings may be added to this class, but not to a string: so it does not convert to one.
struct no_container : std::string {
  private:
    using allocator_type = void;
};
static_assert(!converts<std::string, no_container> && converts<no_container, adds<no_container, std::string>>);
// What stands behind a reference to a polymorphic class may lead further than that class, and so may not become one to
// this class's base; nor may what says that it leads anywhere.
struct tag {};
struct open_derived : tag {
    virtual ~open_derived() = default;
};
struct tracked_derived : tag {
    using krait_cyclic = void;
};
static_assert(!converts<tag, open_derived> && !converts<tag, tracked_derived> && converts<tag, adds<tag, int>>);
// References to these lead anywhere in any case.
static_assert(converts<open_base, adds<open_base, to_ring>> && converts<tracked_base, adds<tracked_base, to_ring>>);
static_assert(converts<void, adds<plain, ring>>);

// Every kind of field; each holds one reference to an `every`, so that it must be found for the cycle to be collected.
struct nested {
    int before = 0;
    ref<struct every> inside;
};
struct every {
    ref<every> one;
    std::optional<ref<every>> optional;
    std::variant<int, ref<every>> variant;
    std::pair<int, ref<every>> pair;
    std::tuple<char, ref<every>, nested> tuple;
    std::array<ref<every>, 2> array;
    ref<every> c_array[2];
    std::vector<ref<every>> vector;
    std::deque<ref<every>> deque;
    std::list<ref<every>> list;
    std::forward_list<ref<every>> forward;
    std::map<int, ref<every>> map;
    std::map<ref<every>, int> by_key;
    std::set<ref<every>> set;
    std::multimap<int, ref<every>> multi;
    std::unordered_map<int, ref<every>> hashed;
    std::unordered_set<ref<every>> hashed_set;
    std::unique_ptr<nested> owned;
    std::unique_ptr<ref<every>> owned_ref;
    nested inner;
    std::vector<std::optional<std::pair<int, ref<every>>>> deep;
    std::string unrelated;
};
static_assert(krait::detail::field_count<every> == 22);

// 40 fields by reflection.
struct forty {
    ref<forty> a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9;
    ref<forty> c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9;
};
static_assert(krait::detail::field_count<forty> == 40);

class encapsulated {
  public:
    explicit encapsulated(int n) : number_(n) {}
    void connect(ref<encapsulated> to) { peers_.push_back(std::move(to)); }
    int number() const { return number_; }

  private:
    int number_;
    std::vector<ref<encapsulated>> peers_;
    KRAIT_FIELDS(peers_);
};

struct with_base : encapsulated {
    using encapsulated::encapsulated;
    ref<with_base> own;
    KRAIT_FIELDS(own);
    KRAIT_BASES(encapsulated);
};

struct traced {
    ref<traced> hidden;
    explicit traced(int) {}
    friend void krait_trace(traced& t, auto& visit) { visit(t.hidden); }
};

template <class T>
std::size_t collected_cycle(const ref<T>& object) {
    const krait::weak<T> watch = object;
    const_cast<ref<T>&>(object).reset();
    const std::size_t found = krait::gc::collect();
    CHECK(watch.expired());
    return found;
}

} // namespace

TEST_CASE("every kind of field is found, and emptied") {
    krait::gc::collect();
    const std::vector<void (*)(every&, const ref<every>&)> ways{
        [](every& e, const ref<every>& r) { e.one = r; },
        [](every& e, const ref<every>& r) { e.optional = r; },
        [](every& e, const ref<every>& r) { e.variant = r; },
        [](every& e, const ref<every>& r) { e.pair.second = r; },
        [](every& e, const ref<every>& r) { std::get<1>(e.tuple) = r; },
        [](every& e, const ref<every>& r) { std::get<2>(e.tuple).inside = r; },
        [](every& e, const ref<every>& r) { e.array[1] = r; },
        [](every& e, const ref<every>& r) { e.c_array[1] = r; },
        [](every& e, const ref<every>& r) { e.vector.assign(3, r); },
        [](every& e, const ref<every>& r) { e.deque.push_back(r); },
        [](every& e, const ref<every>& r) { e.list.push_back(r); },
        [](every& e, const ref<every>& r) { e.forward.push_front(r); },
        [](every& e, const ref<every>& r) { e.map[1] = r; },
        [](every& e, const ref<every>& r) { e.by_key[r] = 1; },
        [](every& e, const ref<every>& r) { e.set.insert(r); },
        [](every& e, const ref<every>& r) { e.multi.emplace(1, r); },
        [](every& e, const ref<every>& r) { e.hashed[1] = r; },
        [](every& e, const ref<every>& r) { e.hashed_set.insert(r); },
        [](every& e, const ref<every>& r) {
            e.owned = std::make_unique<nested>(nested{1, r});
        },
        [](every& e, const ref<every>& r) { e.owned_ref = std::make_unique<ref<every>>(r); },
        [](every& e, const ref<every>& r) { e.inner.inside = r; },
        [](every& e, const ref<every>& r) { e.deep.push_back(std::pair(1, r)); },
    };
    for (std::size_t i = 0; i < ways.size(); ++i) {
        INFO("way " << i);
        auto object = krait::make<every>();
        ways[i](*object, object);
        CHECK(krait::gc::get_referents(object).size() == (i == 8 ? 3 : 1));
        CHECK(collected_cycle(object) == 1);
    }
}

TEST_CASE("all at once, keyed by references, in one garbage") {
    std::vector<ref<every>> all;
    for (int i = 0; i < 50; ++i) all.push_back(krait::make<every>());
    for (auto& object : all)
        for (auto& other : all) {
            object->set.insert(other);
            object->by_key[other] = 1;
            object->hashed_set.insert(other);
        }
    all.clear();
    CHECK(krait::gc::collect() == 50);
}

TEST_CASE("forty fields") {
    auto object = krait::make<forty>();
    object->d9 = object;
    CHECK(collected_cycle(object) == 1);
}

TEST_CASE("locks, atomics, long arrays, bit-fields and references do not hide the others") {
    struct mixed {
        std::mutex lock;
        std::atomic<int> number{0};
        char text[1024] = {};
        int bits : 3 = 0;
        krait::weak_key_map<mixed, ref<mixed>> more;
        ref<mixed> next;
    };
    static_assert(krait::detail::field_count<mixed> == 6);
    auto object = krait::make<mixed>();
    object->next = object;
    CHECK(collected_cycle(object) == 1);
}

TEST_CASE("a field without a default beside a long array does not hide the others") {
    struct titled {
        krait::interned title;
        char text[200];
        ref<titled> next;
    };
    static_assert(!acyclic_v<titled> && krait::detail::field_count<titled> == 3);
    auto object = krait::make<titled>(krait::interned("x"));
    object->next = object;
    CHECK(collected_cycle(object) == 1);
}

TEST_CASE("KRAIT_FIELDS reaches private fields, KRAIT_BASES those of bases") {
    auto a = krait::make<encapsulated>(1);
    a->connect(a);
    CHECK(collected_cycle(a) == 1);
    auto b = krait::make<with_base>(2);
    b->connect(b);
    CHECK(collected_cycle(b) == 1);
    auto c = krait::make<with_base>(3);
    c->own = c;
    CHECK(collected_cycle(c) == 1);
}

TEST_CASE("krait_trace is found by ADL") {
    auto object = krait::make<traced>(1);
    object->hidden = object;
    CHECK(collected_cycle(object) == 1);
}

TEST_CASE("a base class reference leads the collector to the derived object's fields") {
    struct shape : open_base {
        ref<open_base> partner;
        KRAIT_FIELDS(partner);
    };
    auto object = krait::make<shape>();
    object->partner = object;
    CHECK(collected_cycle(object) == 1);
}

TEST_CASE("a cycle through an object behind a reference to its base class is collected") {
    auto a = krait::make<in_ring>();
    a->next = a;
    const krait::weak<in_ring> watch = a;
    a.reset();
    CHECK(krait::gc::collect() == 1);
    CHECK(watch.expired());
}

TEST_CASE("a cycle through an object that leads further than its base class does is collected") {
    struct to_base {
        ref<tracked_base> b;
    };
    auto holder = krait::make<to_base>();
    auto behind = krait::make<adds<tracked_base, to_base>>();
    behind->added = holder;
    holder->b = std::move(behind);
    CHECK(collected_cycle(holder) == 2);
}

TEST_CASE("a cycle of objects whose base classes are in cycles of their own is collected") {
    auto a = krait::make<adds<ring, other_ring>>();
    auto b = krait::make<adds<other_ring, ring>>();
    a->added = b;
    b->added = a;
    b.reset();
    CHECK(collected_cycle(a) == 2);
}

TEST_CASE("acyclic types are never tracked, and die at once") {
    const auto object = krait::make<to_ring>(krait::make<ring>());
    CHECK(!krait::gc::is_tracked(object));
    CHECK(krait::gc::is_tracked(object->r));
}
