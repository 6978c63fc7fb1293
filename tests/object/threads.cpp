#include "in_threads.hpp"

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

namespace gc = krait::gc;

namespace {

struct node {
    krait::ref<node> peer;
};

struct config {
    std::string name;
    int value = 0;
};
struct service {
    krait::shared<config> settings;
    int port = 0;
};

std::size_t make_cycles(int number) {
    for (int i = 0; i < number; ++i) {
        const auto a = krait::make<node>(), b = krait::make<node>();
        a->peer = b;
        b->peer = a;
    }
    return gc::collect();
}

} // namespace

TEST_CASE("each thread has its own heap and collector") {
    gc::disable();
    std::atomic<std::size_t> collected{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            gc::disable();
            collected += make_cycles(1000);
        });
    for (auto& thread : threads) thread.join();
    CHECK(collected == 8000);
    CHECK(gc::collect() == 0);
    gc::enable();
}

TEST_CASE("shared<T>: copied and dropped by many threads") {
    auto root = krait::make_shared<service>(krait::make_shared<config>("c", 1), 80);
    std::vector<std::thread> threads;
    std::atomic<int> sum{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&sum, root] {
            for (int i = 0; i < 20000; ++i) {
                const auto copy = root;
                const krait::shared<const config> settings = copy->settings;
                if (settings) sum += settings->value;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(sum == 80000);
    CHECK(root.use_count() == 1);
    CHECK(root->settings.use_count() == 1);
    krait::shared<config> last = root->settings;
    root.reset();
    std::thread([last = std::move(last)]() mutable { last.reset(); }).join(); // dies in another thread
}

TEST_CASE("a frozen graph is read by all threads, without a write to its counts") {
    auto a = krait::make<node>();
    a->peer = krait::make<node>();
    a->peer->peer = a; // a cycle is no problem: it is immortal
    krait::freeze_deep(a);
    CHECK(!gc::is_tracked(a->peer));
    const krait::shared<const node> frozen(a);
    const std::size_t count = frozen.use_count();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&frozen] {
            for (int i = 0; i < 10000; ++i) {
                const krait::shared<const node> copy = frozen;
                const krait::shared<const node> peer(copy->peer);
                const auto again = peer;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(frozen.use_count() == count);
}

TEST_CASE("the owner of a frozen graph goes on copying its references, and so do the other threads") {
    auto root = krait::make<node>();
    root->peer = krait::make<node>();
    krait::freeze_deep(root);
    auto one = krait::make<node>();
    krait::immortalize(one);
    const krait::shared<const node> shared(root), shared_one(one);
    std::atomic<int> count{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t)
        threads.emplace_back([shared, shared_one, &count] {
            for (int i = 0; i < 10000; ++i) {
                const krait::shared<const node> copy = shared, copy_of_one = shared_one;
                const krait::ref<node> peer = copy->peer;
                count += shared.use_count() == 0;
            }
        });
    for (int i = 0; i < 10000; ++i) {
        const krait::ref<node> copy = root, peer = root->peer, copy_of_one = one;
        const krait::shared<const node> again(root);
    }
    for (auto& thread : threads) thread.join();
    CHECK(count == 0);
    CHECK(krait::is_immortal(root));
}

TEST_CASE("an lru_cache with a mutex serves several threads") {
    std::atomic<int> calls{0};
    krait::lru_cache<int(int), std::mutex> cache(
        [&](int n) {
            ++calls;
            return n + 1;
        },
        64);
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 5000; ++i) wrong += cache(i % 100) != i % 100 + 1;
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
    const auto info = cache.cache_info();
    CHECK(info.hits + info.misses == 20000);
    CHECK(info.currsize == 64);
}

namespace {

// Opens when so many threads have come.
class gate {
  public:
    explicit gate(int number) : missing_(number) {}
    void pass() {
        --missing_;
        while (missing_ > 0) std::this_thread::yield();
    }

  private:
    std::atomic<int> missing_;
};

} // namespace

TEST_CASE("lru_cache: threads that miss one key at the same time compute it once") {
    constexpr int threads = 6;
    std::atomic<int> calls{0}, asked{0}, wrong{0};
    krait::lru_cache<std::string(std::string), std::mutex> cache(
        [&](const std::string& s) {
            ++calls;
            while (asked < threads) std::this_thread::yield(); // the others have asked, or are about to
            return s + "!";
        },
        1);
    gate start(threads);
    in_threads(threads, [&](int) {
        start.pass();
        ++asked;
        wrong += cache("key") != "key!";
    });
    CHECK(wrong == 0);
    CHECK(calls == 1);
    CHECK(cache.cache_info().misses == 1);
    CHECK(cache.cache_info().hits == threads - 1);
}

TEST_CASE("lru_cache: if the computation throws, one of those that waited tries") {
    constexpr int threads = 4;
    std::atomic<int> calls{0}, asked{0}, thrown{0};
    krait::lru_cache<int(int), std::mutex> cache([&](int n) {
        const int call = ++calls;
        while (asked < threads) std::this_thread::yield();
        if (call <= 2) throw std::runtime_error("not yet");
        return n;
    });
    in_threads(threads, [&](int) {
        ++asked;
        try {
            cache(1);
        } catch (const std::runtime_error&) {
            ++thrown;
        }
    });
    CHECK(calls == 3);
    CHECK(thrown == 2);
    CHECK(cache.cache_info().misses == 3);
    CHECK(cache.cache_info().hits == 1);
}

TEST_CASE("lru_cache: threads that would wait for each other compute, through several caches too") {
    using cache = krait::lru_cache<int(int), std::mutex>;
    cache *one = nullptr, *two = nullptr;
    std::atomic<int> inside{0};
    const auto meet = [&] {
        ++inside;
        while (inside < 2) std::this_thread::yield();
    };
    int depth_of_own = 0;
    cache first([&](int n) {
        if (n < 0) return depth_of_own++ == 0 ? (*one)(n) + 1 : 7; // asks for itself
        if (n == 0) return 1;
        meet();
        return (*two)(n) + 1;
    });
    cache second([&](int n) {
        if (n == 1 && inside < 2) {
            meet();
            return (*one)(n) + 1;
        }
        return 10;
    });
    one = &first;
    two = &second;
    CHECK(first(-1) == 8);
    in_threads(2, [&](int t) { t == 0 ? first(1) : second(1); });
    CHECK(inside >= 2);
}

TEST_CASE("lru_cache: who calls after cache_clear() does not get what was computed before it") {
    std::atomic<int> version{1}, started{0};
    std::atomic<bool> go_on{false};
    krait::lru_cache<int(int), std::mutex> cache([&](int) {
        const int seen = version;
        if (++started == 1)
            while (!go_on) std::this_thread::yield();
        return seen;
    });
    std::thread early([&] { CHECK(cache(1) == 1); });
    while (started == 0) std::this_thread::yield();
    version = 2;
    cache.cache_clear();
    CHECK(cache(1) == 2);
    go_on = true;
    early.join();
    CHECK(cache(1) == 2);
}

TEST_CASE("objects survive their thread, as plain counted ones") {
    krait::ref<node> survivor;
    std::thread([&] {
        survivor = krait::make<node>();
        survivor->peer = krait::make<node>();
    }).join();
    CHECK(!gc::is_tracked(survivor));
    CHECK(survivor->peer);
    auto copy = survivor;
    survivor.reset();
    copy.reset();
}
