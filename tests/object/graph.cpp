// Object graphs: who is there, who holds whom, what it takes. The numbers of Python's values are judged by objgraph, in
// values/oracle.py.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>
#include <krait/object/gc_metrics.hpp>
#include <krait/object/graph.hpp>
#include <krait/object/value.hpp>

using krait::make;
using krait::ref;
using krait::weak;
namespace gc = krait::gc;
namespace graph = krait::graph;

namespace {

// What the program has asked operator new for and not given back: the judge of sizes.
struct known_block {
    void* block;
    std::size_t size;
};
constexpr std::size_t most_blocks = 4096;
known_block known_blocks[most_blocks];
bool recording = false;

std::size_t bytes_asked() {
    std::size_t sum = 0;
    for (const known_block& k : known_blocks)
        if (k.block != nullptr) sum += k.size;
    return sum;
}
std::size_t bytes_held() {
    std::size_t sum = 0;
    for (const known_block& k : known_blocks)
        if (k.block != nullptr) sum += malloc_usable_size(k.block);
    return sum;
}

struct recorder {
    recorder() {
        std::fill(std::begin(known_blocks), std::end(known_blocks), known_block{});
        recording = true;
    }
    recorder(const recorder&) = delete;
    recorder& operator=(const recorder&) = delete;
    ~recorder() { recording = false; }
};

void* allocate(std::size_t size) {
    void* const block = std::malloc(size);
    if (block == nullptr) throw std::bad_alloc();
    if (recording) {
        auto* const free = std::find_if(std::begin(known_blocks), std::end(known_blocks),
                                        [](const known_block& k) { return k.block == nullptr; });
        if (free != std::end(known_blocks)) *free = {block, size};
    }
    return block;
}
void release(void* block) noexcept {
    if (recording && block != nullptr) {
        auto* const known = std::find_if(std::begin(known_blocks), std::end(known_blocks),
                                         [&](const known_block& k) { return k.block == block; });
        if (known != std::end(known_blocks)) *known = {};
    }
    std::free(block);
}

struct node {
    std::string name;
    std::vector<ref<node>> to;
    std::optional<ref<node>> up;
};

struct bus {
    std::vector<ref<node>> listeners;
    ref<bus> self;
    KRAIT_FIELDS(listeners, self);
};

struct leaf {
    ref<node> held; // no way back: a leaf is never tracked
};
struct tree {
    ref<leaf> first;
    ref<tree> next;
};

std::size_t count_of(const std::vector<graph::type_growth>& rows, std::string_view type) {
    for (const auto& row : rows)
        if (row.type.find(type) != std::string::npos) return row.delta;
    return 0;
}
std::string name_of(std::string_view type) {
    return std::string(krait::detail::type_name<node>()).replace(krait::detail::type_name<node>().size() - 4, 4, type);
}

} // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void operator delete(void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }

TEST_CASE("types are counted, and what there is more of") {
    graph::type_counts peaks;
    graph::growth(graph::no_limit, peaks);
    const auto a = make<node>("a"), b = make<node>("b");
    CHECK(graph::count(name_of("node")) == 2);
    CHECK(graph::count_by_type().at(name_of("node")) == 2);
    CHECK(graph::most_common_types(1).front().count >= 2);
    CHECK(count_of(graph::growth(10, peaks), "node") == 2);
    CHECK(graph::growth(10, peaks).empty());
    auto c = make<node>("c");
    c = nullptr;
    CHECK(graph::growth(10, peaks).empty()); // peaks count
    CHECK(graph::by_type(name_of("node")).size() == 2);
    CHECK(graph::count("no such type") == 0);
}

TEST_CASE("new objects by address") {
    graph::new_ids();
    CHECK(graph::new_ids().empty());
    const auto a = make<node>("a");
    const auto added = graph::new_ids();
    REQUIRE(added.size() == 1);
    CHECK(added.begin()->second == std::vector{reinterpret_cast<std::uintptr_t>(a.get())});
    const auto found = graph::at(added.begin()->second);
    REQUIRE(found.size() == 1);
    CHECK(found[0] == a);
    CHECK(graph::at({1, 2, 3}).empty());
}

TEST_CASE("a chain leads from who holds to who is held, by names") {
    auto b = make<bus>();
    for (int i = 0; i < 4; ++i) b->listeners.push_back(make<node>(std::to_string(i)));
    b->listeners[3]->to.push_back(make<node>("last"));
    const weak<node> watch = b->listeners[3]->to[0];
    {
        const auto last = watch.lock();
        const auto chain = graph::find_backref_chain(last);
        CHECK(chain.found);
        CHECK(chain.text() == name_of("bus") + ".listeners[3] -> " + name_of("node") + ".#1[0] -> " + name_of("node"));
        CHECK(graph::outside_references(last) == 0); // but for the given one
        CHECK(graph::outside_references(b) == 0);
        const auto other = b;
        CHECK(graph::outside_references(b) == 1);
        CHECK(graph::outside_references(b->listeners[3]) == 0); // given is a field, which is not from outside anyway
        const auto third = b->listeners[3];
        CHECK(graph::outside_references(b->listeners[3]) == 1);
        CHECK(graph::find_backref_chain(b->listeners[3]).size() == 1);
    }
    // What the functions return holds, but it is not from outside.
    const auto nodes = graph::by_type(name_of("node"));
    CHECK(nodes.size() == 5);
    CHECK(graph::find_backref_chain(nodes[4]).size() == 3);
    CHECK(graph::roots().size() == 1);
    CHECK(graph::roots()[0] == b);
    CHECK(graph::leaking_objects().size() == 1);
    CHECK(graph::get_referrers(nodes[0]).size() == 1);
    CHECK(graph::get_referents(b).size() == 4);
    b = nullptr;
}

TEST_CASE("a cycle that only the given reference keeps has no chain to a root") {
    auto a = make<node>("a");
    a->up = make<node>("b");
    (*a->up)->up = a;
    CHECK_FALSE(graph::find_backref_chain(a).found);
    CHECK(graph::find_backref_chain(a).size() == 1);
    const auto other = a;
    CHECK(graph::find_backref_chain(a).found);
    CHECK(graph::find_backref_chain(*a->up).size() == 2);
    a->up.reset();
}

TEST_CASE("what holds may be untracked itself") {
    const auto t = make<tree>();
    t->first = make<leaf>(make<node>("held"));
    CHECK_FALSE(gc::is_tracked(t->first));
    CHECK(graph::get_referrers(t->first->held).size() == 1);
    CHECK(graph::find_backref_chain(t->first->held).size() == 3);
    CHECK(graph::all_objects().size() >= 3);
    CHECK(graph::count(name_of("leaf")) == 0);
    CHECK(graph::count_by_type(graph::all_objects()).at(name_of("leaf")) == 1);
    // One that nothing tracked leads to is not seen; what it holds is held from outside.
    const auto lonely = make<leaf>(make<node>("held"));
    const weak<node> watch = lonely->held;
    CHECK(graph::find_backref_chain(watch.lock()).found);
    CHECK(graph::find_backref_chain(lonely).size() == 1);
    CHECK(graph::find_ref_chain(lonely, graph::of_type(name_of("node"))).size() == 2);
}

TEST_CASE("the search can be bounded, and told what to leave out") {
    const auto a = make<node>("a"), b = make<node>("b"), c = make<node>("c");
    a->to.push_back(b);
    b->to.push_back(c);
    const auto is = [](const ref<void>& wanted) { return [=](const ref<void>& o) { return o == wanted; }; };
    CHECK(graph::find_ref_chain(a, is(c)).size() == 3);
    CHECK_FALSE(graph::find_ref_chain(a, is(c), {.max_depth = 1}).found);
    CHECK_FALSE(graph::find_ref_chain(a, is(c), {.ignored = is(b)}).found);
    CHECK(graph::find_backref_chain(c, is(a)).size() == 3);
    CHECK_FALSE(graph::find_backref_chain(c, is(a), {.max_depth = 1}).found);
    CHECK_FALSE(graph::find_backref_chain(c, is(a), {.ignored = is(b)}).found);
    CHECK(graph::find_ref_chain(a, is(a)).size() == 1);
    CHECK(graph::find_ref_chain(ref<node>(), is(a)).size() == 0);
    CHECK(graph::find_backref_chain(ref<node>()).size() == 0);
}

TEST_CASE("nothing is held after a call, and weak references are none") {
    auto a = make<node>("a");
    a->to.push_back(make<node>("b"));
    const weak<node> w = a, v = a->to[0];
    const std::size_t count = a.use_count();
    (void)graph::find_backref_chain(a);
    (void)graph::find_backref_chain(a, graph::of_type("none"));
    (void)graph::find_ref_chain(a, graph::of_type("none"));
    (void)graph::show_refs(a);
    (void)graph::show_backrefs(a);
    (void)graph::asizeof(a);
    (void)graph::summary();
    (void)graph::new_ids();
    CHECK(a.use_count() == count);
    CHECK(a->to[0].use_count() == 1);
    a = nullptr;
    CHECK(w.expired());
    CHECK(v.expired());
}

TEST_CASE("a predicate may drop, make, collect and throw") {
    auto a = make<node>("a");
    a->to.push_back(make<node>("b"));
    const weak<node> w = a;
    std::size_t collected = 0;
    int calls = 0, alive = 0;
    const auto chain = graph::find_ref_chain(a, [&](const ref<void>&) {
        a = nullptr;
        ++calls;
        alive += !w.expired();
        auto loop = make<node>("loop");
        loop->up = loop;
        loop = nullptr;
        collected += gc::collect();
        for (int i = 0; i < 5000; ++i) make<node>("more");
        return false;
    });
    CHECK(calls == 2); // what the first dropped was still there to be followed
    CHECK(alive == 2);
    CHECK(collected == 0);
    CHECK(gc::collect() == 2);
    CHECK(chain.size() == 1); // which holds it
    auto b = make<node>("b");
    CHECK_THROWS_AS(graph::find_backref_chain(b, [](const ref<void>&) -> bool { throw 1; }), int);
    CHECK(b.use_count() == 1);
    // One that changes the container whose elements are being looked at.
    b->to.assign(100, b);
    CHECK_FALSE(graph::find_ref_chain(b, [&](const ref<void>&) {
                    b->to.clear();
                    b->to.shrink_to_fit();
                    return false;
                }).found);
    b->to.assign(100, b);
    const auto text = graph::show_refs(b, {.filter = [&](const ref<void>&) {
                                           b->to.clear();
                                           b->to.shrink_to_fit();
                                           return true;
                                       }});
    CHECK(text.find("90 more") != std::string::npos);
}

namespace {
struct asks_in_death {
    std::map<int, ref<asks_in_death>> others;
    int* refused = nullptr;
    std::size_t* counted = nullptr;
    asks_in_death(int* r, std::size_t* c) : refused(r), counted(c) {}
    ~asks_in_death() {
        try {
            (void)graph::get_referrers(ref<void>());
        } catch (const graph::not_now&) {
            ++*refused;
        }
        try {
            (void)gc::get_referrers(ref<void>());
        } catch (const std::logic_error&) {
            ++*refused;
        }
        *counted += graph::count(krait::detail::type_name<asks_in_death>());
    }
    KRAIT_FIELDS(others);
};
} // namespace

TEST_CASE("in the middle of a death nothing looks into objects") {
    int refused = 0;
    std::size_t counted = 0;
    const auto holder = make<asks_in_death>(&refused, &counted);
    for (int i = 0; i < 3; ++i) holder->others[i] = make<asks_in_death>(&refused, &counted);
    holder->others.clear(); // a tree that has freed some of its nodes, and not taken them out
    CHECK(refused == 6);
    CHECK(counted >= 3);
    const gc::postpone no_run;
    CHECK_THROWS_AS(graph::summary(), graph::not_now);
    CHECK_THROWS_AS(graph::asizeof(holder), graph::not_now);
    CHECK_THROWS_AS(graph::show_refs(holder), graph::not_now);
    CHECK_THROWS_AS(graph::get_referents(holder), graph::not_now);
}

TEST_CASE("a collection's callbacks may count, and not look") {
    bool refused = false;
    std::size_t counted = 0;
    gc::callbacks().push_back([&](gc::phase, const gc::run_info&) {
        counted = graph::count_by_type().size();
        try {
            (void)graph::summary();
        } catch (const graph::not_now&) {
            refused = true;
        }
    });
    const auto a = make<node>("a");
    gc::collect();
    gc::callbacks().clear();
    CHECK(refused);
    CHECK(counted > 0);
}

TEST_CASE("a million objects in one chain, and values that own each other") {
    struct link {
        ref<link> next;
    };
    constexpr int length = 1'000'000;
    auto first = make<link>();
    ref<link> last = first;
    for (int i = 1; i < length; ++i) last = last->next = make<link>();
    CHECK(graph::find_backref_chain(last).size() == length);
    CHECK(graph::find_ref_chain(first, [&](const ref<void>& o) { return o == last; }).size() == length);
    CHECK(graph::asizeof(first) == length * 40u);
    CHECK(graph::outside_references(first) == 0);

    struct owned {
        ref<node> held;
        std::unique_ptr<owned> next;
    };
    const auto owner = make<owned>();
    for (int i = 0; i < length; ++i) {
        auto next = std::make_unique<owned>();
        next->next = std::move(owner->next);
        owner->next = std::move(next);
    }
    CHECK(graph::asizeof({.align = 1}, owner) == 16 + (length + 1) * sizeof(owned));
    while (owner->next != nullptr) owner->next = std::move(owner->next->next); // not by recursion
}

TEST_CASE("other threads' objects are not seen") {
    const auto a = make<node>("a");
    std::size_t seen = 1, roots = 1;
    std::thread([&] {
        seen = graph::count(name_of("node"));
        roots = graph::roots().size();
        const auto own = make<node>("own");
        CHECK(graph::count(name_of("node")) == 1);
        CHECK_FALSE(graph::find_backref_chain(own).found);
    }).join();
    CHECK(seen == 0);
    CHECK(roots == 0);
}

TEST_CASE("threads look at the same immortal graph") {
    const auto shared = make<node>("shared");
    shared->to.push_back(make<node>("inside"));
    krait::freeze_deep(shared);
    const auto look = [&] {
        for (int i = 0; i < 50; ++i) {
            const auto holder = make<node>("holder");
            holder->to.push_back(shared);
            CHECK(graph::asized(holder).objects == 3);
            CHECK(graph::find_ref_chain(holder, graph::of_type(name_of("node"))).size() == 1);
        }
    };
    std::thread one(look), two(look);
    one.join();
    two.join();
}

TEST_CASE("a finalizer may ask at the thread's end") {
    struct asks {
        ref<asks> self;
        std::size_t* answers;
        void krait_finalize() {
            *answers += graph::growth().size();
            *answers += graph::new_ids().size();
        }
        KRAIT_FIELDS(self);
        asks(std::size_t* a) : answers(a) {}
    };
    std::size_t answers = 0;
    std::thread([&] {
        const auto a = make<asks>(&answers);
        a->self = a;
        graph::growth();
        graph::new_ids();
    }).join();
    CHECK(answers <= 2); // and no sanitizer has a word to say
}

TEST_CASE("frozen objects hold, but are not counted") {
    const auto a = make<node>("a");
    a->to.push_back(make<node>("b"));
    gc::freeze();
    CHECK(graph::count(name_of("node")) == 0);
    CHECK(graph::get_referrers(a->to[0]).size() == 1);
    CHECK(graph::find_backref_chain(a->to[0]).size() == 2);
    gc::unfreeze();
}

namespace {
// Sizes of what make() and the standard library ask for, and of what asizeof finds.
template <class T>
struct holds {
    T value;
};
template <class T>
void check_sizes(const T& value) {
    graph::describe<holds<T>>();
    make<holds<T>>(value); // the first of a type is made known
    gc::collect();         // gives back what free lists have
    const recorder watch;
    const auto object = make<holds<T>>(value);
    recording = false;
    INFO(krait::detail::type_name<T>());
    CHECK(graph::asizeof({.align = 1}, object) == bytes_asked());
    CHECK(graph::getsizeof(object) == bytes_asked());
    CHECK(graph::asizeof({.align = 1, .blocks = true}, object) == bytes_held());
    CHECK(graph::asized(object).unseen == 0);
}
const std::string long_text(100, 'x');
struct two_bases_a {
    std::string a;
    KRAIT_FIELDS(a);
};
struct two_bases : two_bases_a {
    std::vector<std::string> b;
    two_bases() : b(3, long_text) { a = long_text; }
    KRAIT_BASES(two_bases_a);
    KRAIT_FIELDS(b);
};
} // namespace

TEST_CASE("sizes are what was asked for, and the blocks that were given") {
    check_sizes(1);
    check_sizes(std::string("short"));
    check_sizes(long_text);
    check_sizes(std::wstring(100, L'x'));
    check_sizes(std::vector<int>(17));
    check_sizes(std::vector<bool>(1000));
    check_sizes(std::vector<std::string>(9, long_text));
    check_sizes(std::list<std::string>(9, long_text));
    check_sizes(std::forward_list<char>(9, 'x'));
    check_sizes(std::set<int>{1, 2, 3});
    check_sizes(std::map<std::string, std::vector<char>>{{"a", std::vector<char>(100)}, {long_text, {}}});
    check_sizes(std::unordered_map<std::string, int>{{long_text, 1}, {"b", 2}, {"c", 3}});
    check_sizes(std::unordered_map<int, int>{{1, 1}});
    check_sizes(std::deque<int>(1000));
    check_sizes(std::optional(long_text));
    check_sizes(std::variant<int, std::string>(long_text));
    check_sizes(std::pair(long_text, long_text));
    check_sizes(std::array{long_text, long_text});
    check_sizes(two_bases());
}

namespace {
struct shape {
    ref<shape> next;
    virtual ~shape() = default;
    KRAIT_FIELDS(next);
};
struct square : shape {
    std::vector<char> pixels = std::vector<char>(1000);
    KRAIT_FIELDS(pixels);
    KRAIT_BASES(shape);
};
} // namespace

TEST_CASE("sizes of what a unique_ptr owns") {
    struct owner {
        std::unique_ptr<std::string> text;
        std::unique_ptr<int[]> numbers;
    };
    const auto o = make<owner>(std::make_unique<std::string>(long_text), std::make_unique<int[]>(100));
    const std::size_t numbers = malloc_usable_size(o->numbers.get());
    CHECK(graph::asizeof({.align = 1}, o) == 16 + sizeof(owner) + sizeof(std::string) + 101 + numbers);
    CHECK(graph::asized(o).unseen == 0);
}

TEST_CASE("sizes of arrays, of what functions capture, and what is unseen") {
    const auto numbers = make<std::string[]>(std::size_t{10}, long_text);
    CHECK(graph::getsizeof(numbers) == 16 + sizeof(std::size_t) + 10 * (sizeof(std::string) + 101));
    struct button {
        krait::function<void()> clicked;
    };
    const auto b = make<button>();
    CHECK(graph::asized(b).unseen == 0);
    b->clicked = krait::closure([](ref<button>&) {}, b);
    CHECK(graph::asized(b).unseen == 0);
    b->clicked = krait::closure([](std::array<char, 1000>&) {}, std::array<char, 1000>());
    CHECK(graph::asizeof(b) >= 1000);
    b->clicked = krait::closure([](std::string&) {}, long_text);
    CHECK(graph::asized(b).unseen == 1); // it has one, but whose nobody can tell
    // What stands behind a base class is known when somebody has said so.
    const ref<shape> s = make<square>();
    CHECK(graph::asized(s).unseen == 1);
    graph::describe<square>();
    CHECK(graph::asized(s).unseen == 0);
    CHECK(graph::asizeof(s) >= 1000 + sizeof(square));
    CHECK(graph::getsizeof(ref<node>()) == 0);
    CHECK(graph::asizeof(ref<node>()) == 0);
}

TEST_CASE("shared parts are counted once, and types are told apart") {
    const auto a = make<node>("a"), b = make<node>("b"), c = make<node>("c");
    a->to = {c};
    b->to = {c, a};
    const auto all = graph::asized({.align = 1}, a, b, a);
    CHECK(all.objects == 3);
    CHECK(all.size == graph::getsizeof(a) + graph::getsizeof(b) + graph::getsizeof(c));
    REQUIRE(all.types.size() == 1);
    CHECK(all.types[0] == graph::type_size{name_of("node"), 3, all.size});
}

TEST_CASE("a tracker tells what has changed") {
    graph::describe<node>();
    graph::tracker watch;
    CHECK(watch.diff().empty());
    auto a = make<node>("a");
    a->to.reserve(1000);
    const auto grown = watch.diff();
    REQUIRE(grown.size() == 1);
    CHECK(grown[0] == graph::size_change{name_of("node"), 1, static_cast<std::int64_t>(graph::getsizeof(a))});
    a->to.shrink_to_fit();
    CHECK(watch.diff().at(0) == graph::size_change{name_of("node"), 0, -8000});
    a = nullptr;
    CHECK(watch.diff().at(0).count == -1);
}

TEST_CASE("drawings are in graphviz' language") {
    const auto b = make<bus>();
    b->self = b;
    for (int i = 0; i < 12; ++i) b->listeners.push_back(make<node>(std::to_string(i)));
    const std::string refs = graph::show_refs(b, {.too_many = 1, .refcounts = true});
    CHECK(refs == "digraph objects {\n"
                  "  node [shape=box, style=filled, fillcolor=white];\n"
                  "  n0 [label=\"" +
                      name_of("bus") +
                      " [2]\", fontcolor=red];\n"
                      "  n1 [label=\"" +
                      name_of("node") +
                      " [1]\"];\n"
                      "  n0 -> n1 [label=\".listeners[0]\"];\n"
                      "  n2 [label=\"12 more\", shape=plaintext, style=\"\"];\n"
                      "  n0 -> n2 [style=dotted];\n"
                      "}\n");
    const std::string backrefs = graph::show_backrefs(b->listeners[3]);
    CHECK(backrefs.find("n1 -> n0 [label=\".listeners[3]\"]") != std::string::npos);
    CHECK(backrefs.find("n1 -> n1 [label=\".self\"]") != std::string::npos);
    const auto chain = graph::find_backref_chain(b->listeners[3]);
    CHECK(graph::show_chain(chain).find("n0 -> n1 [label=\".listeners[3]\"]") != std::string::npos);
    CHECK(graph::show_refs(ref<bus>()).find("n0") == std::string::npos);
    b->self = nullptr;
    const krait::list odd{"a\"b\\c\nd", krait::dict{{"k\"", 1}}, krait::tuple{1}, krait::set{}, std::string(100, 'y')};
    const std::string text = graph::show_refs(odd) + refs + backrefs;
    CHECK(text.find("list\\n5 items") != std::string::npos);
    CHECK(text.find("[label=\"['k\\\"']\"]") != std::string::npos);
    if (std::system("command -v dot >/dev/null") == 0) {
        std::FILE* const dot = popen("dot -Tsvg >/dev/null", "w");
        REQUIRE(dot != nullptr);
        std::fwrite(text.data(), 1, text.size(), dot);
        CHECK(pclose(dot) == 0);
    }
}

TEST_CASE("Python's values say what their references are called") {
    const krait::class_ Server("Server");
    const auto server = Server();
    const krait::list large{1.5};
    const krait::callable handler(
        "handler", [](const krait::callable&, krait::arguments) { return krait::None; },
        krait::tuple{krait::cell(large)});
    const krait::dict by_number{{1, handler}};
    setattr(server, "handlers", krait::dict{{"get", by_number}});
    const auto is_server = [&](const ref<void>& o) { return o.get() == server.get(); };
    CHECK(
        graph::find_backref_chain(large, is_server).text() ==
        "Server.handlers -> dict['get'] -> dict[1] -> function.__closure__ -> tuple[0] -> cell.cell_contents -> list");
    CHECK(graph::count("Server") == 1);
    CHECK(graph::find_ref_chain(server, graph::of_type("type")).text() == "Server.__class__ -> type");
    (void)server.dict();
    CHECK(graph::find_backref_chain(by_number, is_server).text() ==
          "Server.__dict__ -> dict['handlers'] -> dict['get'] -> dict");
    // A C++ type in between.
    struct page {
        krait::object title;
        ref<page> next;
    };
    const krait::list title{"t"};
    const auto p = make<page>(title);
    CHECK(graph::find_backref_chain(title, [&](const ref<void>& o) { return o == p; }).labels.at(0) == ".#0");
    setattr(server, "handlers", krait::None);
}

TEST_CASE("sizes of values are CPython's, and the blocks are the memory's") {
    const krait::list l{1, 300, "abc", krait::list{}};
    // 88 + 28 + 28 + 52 + 56 in CPython 3.11, each rounded up to 8
    CHECK(graph::asizeof(l) == 88 + 32 + 32 + 56 + 56);
    CHECK(graph::getsizeof(l) == krait::getsizeof(l));
    const krait::dict d{{"key", 2.5}};
    CHECK(graph::asizeof(d) == krait::getsizeof(d) + 56 + 24);
    CHECK(graph::asizeof({.align = 1, .blocks = true}, krait::object(5)) == 0); // in the program's own memory
    const std::unique_ptr<char[]> as_large(new char[24]);
    CHECK(graph::asizeof({.align = 1, .blocks = true}, krait::object(5.5)) == malloc_usable_size(as_large.get()));
    krait::list numbers;
    for (int i = 1000; i < 1200; ++i) numbers.append(i);
    const krait::dict squares;
    krait::set several;
    for (int i = 1000; i < 1200; ++i) {
        squares[i] = i * i;
        several.add(i);
    }
    const krait::packed<double> packed = krait::packed<double>::zeros(100);
    for (const krait::object& o :
         {krait::object(numbers), krait::object(squares), krait::object(several), krait::object(packed)})
        CHECK(graph::asizeof({.align = 1, .blocks = true}, o) >= graph::asizeof({.align = 1}, o));
    CHECK(graph::asizeof({.align = 0}, packed) == krait::getsizeof(packed));
    const krait::class_ A("A");
    const auto a = A();
    const std::size_t bare = graph::asizeof(a);
    CHECK(bare == 56);
    setattr(a, "x", 1.5);
    CHECK(graph::getsizeof(a) == 56);
    CHECK(graph::asizeof(a) > bare + 24);
    CHECK(graph::asizeof({.code = true}, a) > graph::asizeof(a));
}

TEST_CASE("the collector's statistics in OpenMetrics") {
    const auto a = make<node>("a");
    auto loop = make<node>("loop");
    loop->up = loop;
    loop = nullptr;
    gc::collect();
    const std::string text = gc::openmetrics();
    CHECK(text.find("# HELP krait_gc_collections_total runs of the collector.\n") != std::string::npos);
    CHECK(text.find("krait_gc_collections_total{generation=\"2\"} ") != std::string::npos);
    CHECK(text.find("# TYPE krait_gc_objects_tracked gauge\n") != std::string::npos);
    CHECK(text.substr(text.size() - 6) == "# EOF\n");
    std::vector<gc::figures> all{gc::take_figures("main \"x\"")};
    std::thread([&] { all.push_back(gc::take_figures("other")); }).join();
    const std::string both = gc::openmetrics(all);
    CHECK(both.find("krait_gc_seconds_total{generation=\"0\",heap=\"main \\\"x\\\"\"} ") != std::string::npos);
    CHECK(both.find("krait_gc_objects_frozen{heap=\"other\"} 0\n") != std::string::npos);
    if (std::system("command -v promtool >/dev/null") == 0) {
        std::FILE* const check = popen("promtool check metrics >/dev/null 2>&1", "w");
        REQUIRE(check != nullptr);
        std::fwrite(both.data(), 1, both.size() - 6, check);
        CHECK(pclose(check) == 0);
    }
}
