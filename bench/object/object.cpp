// One row a measurement: "name<TAB>ns". Run by compare.py, which interleaves it with CPython on the same graphs.
//
//     krait_bench_object [ROW...]      all rows, or those whose names start with one of the words
//
// Every figure is nanoseconds of CPU time for each operation or object, loop overhead included (about 0.3 ns).
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#define GC_NO_THREAD_REDIRECTS
#include <gc/gc.h>
#include <krait/object.hpp>

namespace {

struct krait_node {
    krait::ref<krait_node> peer;
    long value = 0;
};
struct krait_leaf {
    long value = 0, other = 0;
};
struct shared_node {
    std::shared_ptr<shared_node> peer;
    long value = 0;
};
struct counted_node : boost::intrusive_ref_counter<counted_node, boost::thread_unsafe_counter> {
    boost::intrusive_ptr<counted_node> peer;
    long value = 0;
};
struct bdw_node {
    bdw_node* peer;
    long value;
};

int words_given = 0;
char** words = nullptr;

template <class T>
void keep(T& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

bool wanted(const char* name) {
    for (int i = 0; i < words_given; ++i)
        if (std::strncmp(name, words[i], std::strlen(words[i])) == 0) return true;
    return words_given == 0;
}

// The process's own time: what others do on the machine should not count.
double now() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

// f() does n operations; its time for one of them.
template <class F>
double time_of(std::size_t n, F&& f) {
    const double begin = now();
    f();
    return (now() - begin) / static_cast<double>(n);
}

void say(const char* name, double ns) {
    std::printf("%s\t%.3f\n", name, ns);
    std::fflush(stdout);
}

template <class F>
void row(const char* name, std::size_t n, F&& operation) {
    if (!wanted(name)) return;
    const auto loop = [&] {
        for (std::size_t i = 0; i < n; ++i) operation(i);
    };
    loop();
    say(name, time_of(n, loop));
}

void single_operations() {
    constexpr std::size_t n = 5'000'000;
    row("make_drop_tracked", n, [](std::size_t) {
        auto p = krait::make<krait_node>();
        keep(p);
    });
    row("make_drop_acyclic", n, [](std::size_t) {
        auto p = krait::make<krait_leaf>();
        keep(p);
    });
    row("make_drop_unique", n, [](std::size_t) {
        auto p = std::make_unique<krait_leaf>();
        keep(p);
    });
    row("make_drop_shared", n, [](std::size_t) {
        auto p = std::make_shared<krait_leaf>();
        keep(p);
    });
    const auto object = krait::make<krait_node>();
    row("copy_drop_ref", n * 4, [&](std::size_t) {
        auto p = object;
        keep(p);
    });
    const boost::intrusive_ptr<counted_node> counted(new counted_node);
    row("copy_drop_intrusive", n * 4, [&](std::size_t) {
        auto p = counted;
        keep(p);
    });
    const auto shared = std::make_shared<shared_node>();
    row("copy_drop_shared", n * 4, [&](std::size_t) {
        auto p = shared;
        keep(p);
    });
    row("weak_create_drop", n, [&](std::size_t) {
        krait::weak<krait_node> w = object;
        keep(w);
    });
    row("weak_first_create_with_object", n, [&](std::size_t) {
        const auto p = krait::make<krait_node>();
        krait::weak<krait_node> w = p;
        keep(w);
    });
    const krait::weak<krait_node> weak = object;
    row("weak_lock_drop", n, [&](std::size_t) {
        auto p = weak.lock();
        keep(p);
    });
    krait::lru_cache<long(int)> cache([](int i) -> long { return i; }, 128);
    row("lru_hit", n, [&](std::size_t i) {
        auto r = cache(static_cast<int>(i & 63));
        keep(r);
    });
    row("lru_miss", n / 4, [&](std::size_t i) {
        auto r = cache(static_cast<int>(i));
        keep(r);
    });
}

std::vector<krait::ref<krait_node>> pairs(std::size_t objects) {
    std::vector<krait::ref<krait_node>> all;
    all.reserve(objects);
    for (std::size_t i = 0; i < objects / 2; ++i) {
        auto a = krait::make<krait_node>(), b = krait::make<krait_node>();
        a->peer = b;
        b->peer = a;
        all.push_back(std::move(a));
        all.push_back(std::move(b));
    }
    return all;
}

void collections(std::size_t objects, const char* suffix) {
    const auto named = [&](const char* name) { return std::string(name) + suffix; };
    if (!wanted(named("graph").c_str())) return;
    krait::gc::disable();
    pairs(objects);
    krait::gc::collect();
    std::vector<krait::ref<krait_node>> all;
    say(named("graph_build_gc_off").c_str(), time_of(objects, [&] { all = pairs(objects); }));
    krait::gc::collect();
    say(named("graph_collect_live").c_str(), time_of(objects, [] { krait::gc::collect(); }));
    all.clear();
    say(named("graph_collect_garbage").c_str(), time_of(objects, [] { krait::gc::collect(); }));
    krait::gc::enable();
    say(named("graph_build_gc_on").c_str(), time_of(objects, [&] { all = pairs(objects); }));
    all.clear();
    krait::gc::collect();
}

void chains() {
    constexpr std::size_t n = 10'000'000;
    if (!wanted("chain")) return;
    krait::gc::disable();
    krait::ref<krait_node> chain;
    for (std::size_t i = 0; i < n; ++i) {
        auto head = krait::make<krait_node>();
        head->peer = std::move(chain);
        chain = std::move(head);
    }
    say("chain_drop", time_of(n, [&] { chain.reset(); }));
    krait::gc::enable();
}

// Many objects at once, alive and then dropped one by one; each refers to nothing.
template <class P, class F>
void bulk(const char* name, F make_one) {
    constexpr std::size_t n = 1'000'000;
    if (!wanted(name)) return;
    std::vector<P> all(n);
    const auto round = [&] {
        for (auto& p : all) p = make_one();
        return time_of(n, [&] {
            for (auto& p : all) p = nullptr;
        });
    };
    round();
    say(name, round());
}

// Chains short enough for intrusive_ptr's recursion.
template <class P, class F>
void short_chains(const char* name, F make_one) {
    constexpr std::size_t chains = 1'000, length = 1'000;
    if (!wanted(name)) return;
    std::vector<P> all(chains);
    const auto round = [&] {
        for (auto& chain : all)
            for (std::size_t i = 0; i < length; ++i) {
                P head = make_one();
                head->peer = std::move(chain);
                chain = std::move(head);
            }
        return time_of(chains * length, [&] {
            for (auto& chain : all) chain = nullptr;
        });
    };
    round();
    say(name, round());
}

void drops() {
    const auto tracked = [] { return krait::make<krait_node>(); };
    const auto counted = [] { return boost::intrusive_ptr<counted_node>(new counted_node); };
    krait::gc::disable();
    bulk<krait::ref<krait_node>>("bulk_drop", tracked);
    bulk<boost::intrusive_ptr<counted_node>>("bulk_drop_intrusive", counted);
    short_chains<krait::ref<krait_node>>("short_chain_drop", tracked);
    short_chains<boost::intrusive_ptr<counted_node>>("short_chain_drop_intrusive", counted);
    krait::gc::enable();
}

void bdwgc(std::size_t objects) {
    if (!wanted("bdwgc")) return;
    GC_INIT();
    GC_disable();
    const auto build = [&] {
        auto** const all = static_cast<bdw_node**>(GC_MALLOC(objects * sizeof(bdw_node*)));
        for (std::size_t i = 0; i < objects; i += 2) {
            all[i] = static_cast<bdw_node*>(GC_MALLOC(sizeof(bdw_node)));
            all[i + 1] = static_cast<bdw_node*>(GC_MALLOC(sizeof(bdw_node)));
            all[i]->peer = all[i + 1];
            all[i + 1]->peer = all[i];
        }
        return all;
    };
    bdw_node** volatile all = nullptr;
    say("bdwgc_build", time_of(objects, [&] { all = build(); }));
    GC_enable();
    GC_gcollect();
    say("bdwgc_collect_live", time_of(objects, [] { GC_gcollect(); }));
    all = nullptr;
    say("bdwgc_collect_garbage", time_of(objects, [] { GC_gcollect(); }));
}

} // namespace

int main(int argc, char** argv) {
    words_given = argc - 1;
    words = argv + 1;
    single_operations();
    collections(1'000'000, "");
    collections(10'000, "_10k");
    collections(10'000'000, "_10m");
    chains();
    drops();
    bdwgc(1'000'000);
}
