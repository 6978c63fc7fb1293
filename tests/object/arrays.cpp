#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::array;
using krait::make;
using krait::ref;
namespace gc = krait::gc;

namespace {

struct cell {
    ref<array<cell>> row;
    int id = 0;
};

struct counting {
    static inline int alive = 0, made = 0, most = 1000;
    int id;
    counting() : id(made) {
        if (made == most) throw std::runtime_error("enough");
        ++made;
        ++alive;
    }
    counting(const counting& other) : id(other.id) { ++alive; }
    counting& operator=(const counting&) = default;
    ~counting() { --alive; }
    KRAIT_FIELDS();
};

struct alignas(64) wide {
    long value = 3;
};

} // namespace

TEST_CASE("make<T[]>: sizes, values, lists, containers") {
    const auto zeros = make<int[]>(5);
    static_assert(std::is_same_v<decltype(zeros), const ref<array<int>>>);
    CHECK(zeros->size() == 5);
    CHECK(std::count(zeros->begin(), zeros->end(), 0) == 5);
    const auto words = make<std::string[]>(3, "word");
    CHECK((*words)[2] == "word");
    const auto listed = make<int[]>({1, 2, 3});
    CHECK(std::vector<int>(listed->begin(), listed->end()) == std::vector<int>{1, 2, 3});
    const std::vector<double> from{1.5, 2.5};
    CHECK((*make<double[]>(from))[1] == 2.5);
    CHECK(make<char[]>(0)->empty());
    CHECK_THROWS_AS(listed->at(3), std::out_of_range);
    CHECK_THROWS_AS(make<int[]>(static_cast<std::size_t>(-1) / 2), std::bad_array_new_length);
    listed->at(0) = 9;
    CHECK(listed->data()[0] == 9);
    CHECK(!gc::is_tracked(listed)); // ints lead nowhere
    const auto aligned = make<wide[]>(4);
    CHECK(reinterpret_cast<std::uintptr_t>(aligned->data()) % 64 == 0);
    CHECK((*aligned)[3].value == 3);
}

TEST_CASE("make<T[]>: one block with the head, elements from the first to the last and back") {
    auto objects = make<counting[]>(10);
    CHECK(counting::alive == 10);
    CHECK((*objects)[9].id == 9);
    const auto* const at = reinterpret_cast<const char*>(objects.get());
    CHECK(reinterpret_cast<const char*>(objects->data()) - at == 8);
    objects.reset();
    CHECK(counting::alive == 0);
    counting::most = counting::made + 4;
    CHECK_THROWS_AS(make<counting[]>(10), std::runtime_error);
    CHECK(counting::alive == 0);
    counting::most = -1;
}

TEST_CASE("make<T[]>: what elements refer to is traced, and cycles through them are collected") {
    gc::collect(); // what other tests have left
    const auto before = gc::get_objects().size();
    {
        const auto row = make<cell[]>(100);
        for (auto& c : *row) {
            c.row = row;
            c.id = static_cast<int>(&c - row->data());
        }
        CHECK(gc::is_tracked(row));
        CHECK(row.use_count() == 101);
        CHECK(gc::get_referents(row).size() == 100);
        CHECK(gc::collect() == 0);
        CHECK((*row)[57].id == 57);
        CHECK(gc::get_objects<array<cell>>().size() == 1);
    }
    CHECK(gc::collect() == 1);
    CHECK(gc::get_objects().size() == before);
    const krait::weak<array<cell>> watch = make<cell[]>(3);
    CHECK(watch.expired());
    gc::disable();
    for (int i = 0; i < 5000; ++i) {
        auto row = make<cell[]>(1);
        (*row)[0].row = row;
    }
    CHECK(gc::collect() == 5000);
    gc::enable();
}

namespace {

struct told {
    ref<array<told>> row;
    int id = 0;
    static inline std::vector<int> finalized, destroyed;

    void krait_finalize() {
        if (id == 1) throw std::runtime_error("one of them");
        finalized.push_back(row ? (*row)[static_cast<std::size_t>(id)].id : -id);
    }
    ~told() { destroyed.push_back(id); }
    KRAIT_FIELDS(row);
};

} // namespace

TEST_CASE("make<T[]>: the finalizers of the elements run once, the first one first, also in a cycle") {
    static int reports = 0;
    const auto hook = gc::set_unraisable_hook([](std::string_view) { ++reports; });
    for (const bool cycle : {false, true}) {
        told::finalized.clear();
        told::destroyed.clear();
        reports = 0;
        {
            const auto row = make<told[]>(3);
            for (int i = 0; i < 3; ++i) (*row)[static_cast<std::size_t>(i)].id = i;
            if (cycle)
                for (auto& element : *row) element.row = row;
        }
        if (cycle) CHECK(gc::collect() == 1);
        CHECK(told::finalized == (cycle ? std::vector<int>{0, 2} : std::vector<int>{0, -2}));
        CHECK(told::destroyed == std::vector<int>{2, 1, 0});
        CHECK(reports == 1);
    }
    gc::set_unraisable_hook(hook);
}
