#include <mutex>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::lru_cache;

TEST_CASE("integers from -5 to 256 exist once") {
    CHECK(krait::integer(-5).is(krait::integer(-5)));
    CHECK(krait::integer(256).is(krait::integer(256)));
    CHECK(!krait::integer(-6).is(krait::integer(-6)));
    CHECK(!krait::integer(257).is(krait::integer(257)));
    CHECK(krait::integer(257) == krait::integer(257));
    CHECK(krait::integer(3) < krait::integer(4));
    CHECK(krait::integer(7) + 1 == 8);
    CHECK(krait::integer(0).box().use_count() > 1);
}

TEST_CASE("an integer is compared with any number, exactly") {
    CHECK(krait::integer(5) == 5);
    CHECK(5u == krait::integer(5));
    CHECK(krait::integer(-1) != ~0ull);
    CHECK(krait::integer(-1) < 1u);
    CHECK(krait::integer(2) < 2.5);
    CHECK(krait::integer((1ll << 53) + 1) != static_cast<double>(1ll << 53));
}

TEST_CASE("an interned string is compared with any text") {
    const krait::interned name("name");
    CHECK(name == "name");
    CHECK("game" < name);
    CHECK(name != std::string("other"));
}

TEST_CASE("interned strings: one copy, mortal or immortal") {
    const std::size_t before = krait::interned::count();
    {
        const krait::interned a("alpha"), b(std::string("al") + "pha"), c("beta");
        CHECK(a == b);
        CHECK(a.view().data() == b.view().data());
        CHECK(!(a == c));
        CHECK(a < c);
        CHECK(krait::interned::count() == before + 2);
        CHECK(std::unordered_set<krait::interned>{a, b, c}.size() == 2);
    }
    CHECK(krait::interned::count() == before);
    const char* data = nullptr;
    {
        const auto kept = krait::interned::immortal("gamma");
        CHECK(kept.is_immortal());
        data = kept.c_str();
    }
    CHECK(krait::interned("gamma").c_str() == data);
    CHECK(krait::interned::count() == before + 1);
}

TEST_CASE("lru_cache: hits, misses, order, eviction") {
    std::vector<int> calls;
    lru_cache<int(int)> square(
        [&](int n) {
            calls.push_back(n);
            return n * n;
        },
        2);
    for (const int n : {1, 2, 1, 3, 1, 2}) CHECK(square(n) == n * n);
    CHECK(calls == std::vector<int>{1, 2, 3, 2}); // 2 was the oldest when 3 came
    const auto info = square.cache_info();
    CHECK(info.hits == 2);
    CHECK(info.misses == 4);
    CHECK(info.maxsize == 2u);
    CHECK(info.currsize == 2);
    square.cache_clear();
    CHECK(square.cache_info().misses == 0);
    CHECK(square.cache_info().currsize == 0);
    square(1);
    CHECK(calls.size() == 5);
    CHECK(square.wrapped()(5) == 25);
    CHECK(square.cache_info().misses == 1);
}

TEST_CASE("lru_cache: unbounded, none, typed") {
    lru_cache<int(int)> all([](int n) { return n; }, std::nullopt);
    for (int i = 0; i < 1000; ++i) all(i);
    for (int i = 0; i < 1000; ++i) CHECK(all(i) == i);
    CHECK(all.cache_info().hits == 1000);
    CHECK(!all.cache_parameters().maxsize);

    lru_cache<int(int)> none([](int n) { return n; }, 0);
    none(1);
    none(1);
    CHECK(none.cache_info().misses == 2);
    CHECK(none.cache_info().currsize == 0);

    lru_cache<double(double)> typed([](double d) { return d; }, 10, true);
    typed(3.0);
    typed(3);
    typed(3.0);
    CHECK(typed.cache_info().misses == 2);
    CHECK(typed.cache_parameters().typed);
    lru_cache<double(double)> untyped([](double d) { return d; }, 10);
    untyped(3.0);
    untyped(3);
    CHECK(untyped.cache_info().misses == 1);
}

TEST_CASE("lru_cache: recursion, exceptions, several arguments, references as results") {
    lru_cache<unsigned long(unsigned)> fib([&](unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }, 16);
    CHECK(fib(80) == 23416728348467685u);
    CHECK(fib.cache_info().currsize == 16);

    int calls = 0;
    lru_cache<int(int)> faulty([&](int n) -> int {
        if (++calls < 3) throw std::runtime_error("not yet");
        return n;
    });
    CHECK_THROWS(faulty(1));
    CHECK_THROWS(faulty(1));
    CHECK(faulty(1) == 1);
    CHECK(faulty(1) == 1);
    CHECK(calls == 3);

    lru_cache<std::string(std::string, int)> repeat([](const std::string& s, int n) {
        std::string all;
        while (n-- > 0) all += s;
        return all;
    });
    CHECK(repeat("ab", 2) == "abab");
    CHECK(repeat(std::string("ab"), 2) == "abab");
    CHECK(repeat.cache_info().hits == 1);

    const auto object = krait::make<int>(1);
    {
        lru_cache<krait::ref<int>(int)> holding([&](int) { return object; }, 4);
        for (int i = 0; i < 10; ++i) holding(i);
        CHECK(object.use_count() == 5);
    }
    CHECK(object.use_count() == 1);
}

TEST_CASE("lru_cache: a nested call that stores the same key wins") {
    int depth = 0;
    lru_cache<int(int)> nested(
        [&](int n) {
            if (depth++ == 0) CHECK(nested(n) == 2);
            return depth;
        },
        4);
    CHECK(nested(1) == 2);
    CHECK(nested.cache_info().currsize == 1);
    CHECK(nested.cache_info().misses == 2);
}

TEST_CASE("cache(f) is functools.cache: all results, of functions and lambdas") {
    int calls = 0;
    auto square = krait::cache([&](int n) {
        ++calls;
        return n * n;
    });
    for (int i = 0; i < 1000; ++i) CHECK(square(i % 500) == (i % 500) * (i % 500));
    CHECK(calls == 500);
    CHECK(!square.cache_parameters().maxsize);
    CHECK(square.cache_info().hits == 500);
    auto text = krait::cache(+[](const std::string& s) { return s.size(); });
    CHECK(text("four") == 4);
    CHECK(text(std::string("four")) == 4);
    CHECK(text.cache_info().hits == 1);
    auto shared = krait::cache<std::mutex>([](int n) { return n; });
    CHECK(shared(1) == 1);
}

TEST_CASE("an lru_cache with a hasher and an equality of its own") {
    struct point {
        int x, y;
    };
    struct by_x {
        std::size_t operator()(const point& p) const { return static_cast<std::size_t>(p.x); }
        bool operator()(const point& a, const point& b) const { return a.x == b.x; }
        std::size_t operator()(int i) const { return static_cast<std::size_t>(i) % 2; }
        bool operator()(int a, int b) const { return a % 2 == b % 2; }
    };
    int calls = 0;
    krait::lru_cache<int(point, int), std::mutex, by_x, by_x> cache([&](point p, int i) {
        ++calls;
        return p.y + i;
    });
    CHECK(cache(point{1, 2}, 3) == 5);
    CHECK(cache(point{1, 9}, 5) == 5);
    CHECK(cache(point{2, 9}, 5) == 14);
    CHECK(cache(point{2, 9}, 6) == 15);
    CHECK(calls == 3);
    CHECK(cache.cache_info().hits == 1);
}
