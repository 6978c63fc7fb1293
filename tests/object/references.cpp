#include <string>
#include <unordered_set>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

namespace {

struct counted {
    static inline int alive = 0;
    int value = 0;
    explicit counted(int v = 0) : value(v) { ++alive; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --alive; }
    KRAIT_FIELDS();
};

struct base {
    int number = 1;
    virtual ~base() = default;
    KRAIT_FIELDS();
};
struct derived : base {
    std::string text = "d";
    KRAIT_FIELDS();
};

struct chain_link {
    krait::ref<chain_link> next;
    int value = 0;
};

} // namespace

TEST_CASE("a ref is one word and counts") {
    static_assert(sizeof(krait::ref<counted>) == sizeof(void*));
    auto a = krait::make<counted>(7);
    CHECK(a.use_count() == 1);
    {
        const auto b = a;
        CHECK(a.use_count() == 2);
        CHECK(b == a);
        CHECK(b->value == 7);
    }
    CHECK(a.use_count() == 1);
    auto moved = std::move(a);
    CHECK(!a);
    CHECK(moved.use_count() == 1);
    CHECK(counted::alive == 1);
    moved.reset();
    CHECK(counted::alive == 0);
    CHECK(moved.use_count() == 0);
}

TEST_CASE("the object starts at its alignment, behind a head of 16 or 32 bytes") {
    struct alignas(64) wide {
        char bytes[64] = {};
    };
    const auto w = krait::make<wide>();
    CHECK(reinterpret_cast<std::uintptr_t>(w.get()) % 64 == 0);
    const auto plain = krait::make<int>(3);
    CHECK(reinterpret_cast<std::uintptr_t>(plain.get()) % 16 == 0);
    CHECK(krait::detail::record_for<int>::offset == 16);
    CHECK(krait::detail::record_for<chain_link>::offset == 32);
}

TEST_CASE("self-assignment and self-move leave the reference as it is") {
    auto a = krait::make<counted>(1);
    auto& same = a;
    a = same;
    CHECK(a.use_count() == 1);
    a = std::move(same);
    REQUIRE(a);
    CHECK(a.use_count() == 1);
    CHECK(a->value == 1);
}

TEST_CASE("assignment drops the old object after the new one is in place") {
    struct watcher {
        krait::ref<counted>* place = nullptr;
        int* seen = nullptr;
        ~watcher() { *seen = *place ? (*place)->value : -1; }
    };
    struct slot {
        krait::ref<watcher> watched;
    };
    int seen = 0;
    auto value = krait::make<counted>(5);
    slot s{krait::make<watcher>(&value, &seen)};
    s.watched = nullptr;
    CHECK(seen == 5);
    krait::ref<chain_link> a = krait::make<chain_link>();
    a->next = krait::make<chain_link>();
    a->next->value = 9;
    a = a->next; // the new value lives in the object that the assignment kills
    CHECK(a->value == 9);
}

TEST_CASE("references convert to first bases, const and back") {
    krait::ref<derived> d = krait::make<derived>();
    krait::ref<base> b = d;
    CHECK(b.use_count() == 2);
    CHECK(b->number == 1);
    CHECK(krait::dynamic_ref_cast<derived>(b) == d);
    CHECK(krait::static_ref_cast<derived>(b)->text == "d");
    const krait::ref<const derived> c = d;
    CHECK(krait::const_ref_cast<derived>(c) == d);
    CHECK(krait::gc::type_of(b) == krait::gc::type_of(d));
    b = std::move(d);
    CHECK(!d);
    krait::ref<base> other = krait::make<base>();
    CHECK(!krait::dynamic_ref_cast<derived>(other));
}

TEST_CASE("references are compared and hashed by identity") {
    const auto a = krait::make<counted>(1), b = krait::make<counted>(1);
    CHECK(a != b);
    CHECK(((a < b) != (b < a)));
    CHECK(a != nullptr);
    const std::unordered_set<krait::ref<counted>> set{a, b, a};
    CHECK(set.size() == 2);
}

TEST_CASE("a reference from this") {
    struct self {
        krait::ref<self> me() { return krait::ref_to(*this); }
        int x = 0;
    };
    const auto a = krait::make<self>();
    CHECK(a->me() == a);
    CHECK(a.use_count() == 1);
}

TEST_CASE("a constructor that throws leaves nothing behind") {
    struct thrower {
        counted member{1};
        krait::ref<thrower> cyclic;
        explicit thrower(bool raise) {
            if (raise) throw std::runtime_error("no");
        }
        KRAIT_FIELDS(cyclic);
    };
    krait::gc::collect();
    const auto before = krait::gc::get_objects().size();
    const auto count = krait::gc::get_count();
    CHECK_THROWS_AS(krait::make<thrower>(true), std::runtime_error);
    CHECK(counted::alive == 0);
    CHECK(krait::gc::get_objects().size() == before);
    CHECK(krait::gc::get_count() == count);
}

TEST_CASE("a chain of any length dies on a bounded stack") {
    krait::ref<chain_link> chain;
    for (int i = 0; i < 1'000'000; ++i) {
        auto head = krait::make<chain_link>();
        head->next = std::move(chain);
        chain = std::move(head);
    }
    chain.reset();
    SUCCEED();
}

TEST_CASE("a deep and wide tree dies completely") {
    struct tree {
        counted mark{0};
        std::vector<krait::ref<tree>> children;
        tree() = default;
        KRAIT_FIELDS(children);
    };
    {
        std::vector<krait::ref<tree>> level{krait::make<tree>()};
        const auto root = level[0];
        for (int depth = 0; depth < 200; ++depth) {
            std::vector<krait::ref<tree>> next;
            for (std::size_t i = 0; i < level.size() && next.size() < 20; ++i)
                for (int k = 0; k < 3; ++k) next.push_back(level[i]->children.emplace_back(krait::make<tree>()));
            level = std::move(next);
        }
        CHECK(counted::alive > 3000);
    }
    CHECK(counted::alive == 0);
}

TEST_CASE("immortal objects never die, and their counts are not written") {
    krait::ref<chain_link> kept = krait::make<chain_link>();
    krait::immortalize(kept);
    krait::immortalize(kept);
    CHECK(krait::is_immortal(kept));
    CHECK(!krait::gc::is_tracked(kept));
    const std::size_t count = kept.use_count();
    CHECK(count > std::size_t{1} << 31);
    chain_link* const raw = kept.get();
    kept.reset();
    CHECK(raw->value == 0);
    CHECK(krait::ref_to(*raw).use_count() == count);
}

TEST_CASE("counts saturate: an object with more references than can be counted lives for ever") {
    auto a = krait::make<chain_link>();
    krait::weak<chain_link> watch = a;
    auto* const head = krait::detail::head_of(a.get());
    head->count = krait::detail::most_references - 1;
    {
        const auto last = a;
        CHECK(head->count == krait::detail::most_references);
    }
    CHECK(head->count == krait::detail::most_references - 1); // still exact
    {
        const auto last = a;
        const auto one_more = a;
        CHECK(krait::is_immortal(a));
        CHECK(a.use_count() > krait::detail::most_references);
    }
    const std::uint32_t saturated = head->count;
    for (int i = 0; i < 10; ++i) {
        const auto copy = a;
    }
    CHECK(head->count == saturated);
    a.reset();
    CHECK(!watch.expired());
    CHECK(krait::gc::collect() == 0);
    CHECK(!watch.expired());
    krait::immortalize(watch.lock()); // for leak checkers

    const auto shared = krait::make_shared<int>(5);
    auto* const shared_head = krait::detail::head_of(shared.get());
    shared_head->count = krait::detail::most_references - 1;
    const auto last = shared, one_more = shared;
    CHECK(krait::detail::is_immortal(shared_head));
    shared_head->count = 3;
}

TEST_CASE("more than 2^30 references") {
    auto a = krait::make<chain_link>();
    auto* const head = krait::detail::head_of(a.get());
    head->count += std::uint32_t{1} << 30;
    CHECK(a.use_count() == (std::size_t{1} << 30) + 1);
    head->count -= std::uint32_t{1} << 30;
    CHECK(a.use_count() == 1);
}

namespace {
class from_factory {
  public:
    static krait::ref<from_factory> create(int number) {
        return krait::make<from_factory>(krait::factory_key<from_factory>(), number);
    }
    int number() const { return number_; }

  private:
    explicit from_factory(int n) : number_(n) {
        if (n < 0) throw std::runtime_error("no");
    }
    int number_;
    krait::ref<from_factory> next_;
    KRAIT_FIELDS(next_);
};
} // namespace

TEST_CASE("a class with private constructors has a factory") {
    CHECK(from_factory::create(3)->number() == 3);
    CHECK(krait::gc::is_tracked(from_factory::create(4)));
    CHECK_THROWS_AS(from_factory::create(-1), std::runtime_error);
}
