// The five hunts of docs/leaks.md: a cache without bound, a closure, a cycle, a forgotten listener, a queue.
//   g++ -std=c++20 -O2 -g -I include docs/examples/leak_hunts.cpp -lgmp -o hunts
//   ./hunts cache 1000            (listener, cycle, closure, queue), and with "mended" behind it; with "wait" each waits
//                                 for its input's end before it lets go, so that `krait doctor` can look at it
#include <array>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <krait/object.hpp>
#include <krait/object/graph.hpp>
#include <krait/object/tracemalloc.hpp>
#include <krait/object/value.hpp>

namespace graph = krait::graph;

bool waits = false;

void let_look() {
    if (waits) std::cout << "ready\n" << std::flush, std::cin.ignore(1 << 30);
}

// ---- a cache without bound: plain C++, nothing of the object layer

std::string render(int visitor) {
    return "<h1>Welcome, visitor " + std::to_string(visitor) + "</h1>" + std::string(900, ' ');
}

class site {
  public:
    const std::string& page(int visitor) {
        std::string& known = pages_["/welcome?visitor=" + std::to_string(visitor)];
        if (known.empty()) known = render(visitor); // never taken out
        return known;
    }

  private:
    std::unordered_map<std::string, std::string> pages_;
};

std::size_t serve(int requests, bool mended) {
    std::size_t sent = 0;
    site all;
    krait::lru_cache<std::string(int)> latest(render, 128);
    for (int visitor = 0; visitor < requests; ++visitor)
        sent += mended ? latest(visitor).size() : all.page(visitor).size();
    std::cout << sent << " bytes sent\n" << std::flush;
    let_look();
    std::_Exit(0); // as a server does that is stopped
}

// ---- a forgotten listener

struct model;
struct view {
    std::string title;
    std::vector<char> pixels;
    krait::ref<model> shown;
};
struct model {
    krait::function<void()> changed;
    std::vector<krait::ref<view>> listeners;
    KRAIT_FIELDS(changed, listeners);

    void remove(const krait::ref<view>& v) { std::erase(listeners, v); }
};

void open_and_close(const krait::ref<model>& m, int number, bool mended) {
    const auto window = krait::make<view>("window " + std::to_string(number), std::vector<char>(10'000), m);
    m->listeners.push_back(window);
    // ... the user looks at it, and closes it
    if (mended) m->remove(window);
}

void watch_listeners(int windows, bool mended) {
    const auto document = krait::make<model>();
    open_and_close(document, 0, mended);
    graph::growth(); // what there is now
    for (int i = 1; i <= windows; ++i) open_and_close(document, i, mended);
    std::cout << "more than ever before:\n";
    for (const auto& row : graph::growth()) std::cout << "  " << row.type << " +" << row.delta << '\n';

    const graph::objects views = graph::by_type("view");
    if (views.empty()) return;
    std::cout << "why is it still there?\n  " << graph::find_backref_chain(views[0]).text() << '\n';
    std::ofstream("listener.dot") << graph::show_backrefs(views[0]);
    let_look();
}

// ---- a cycle that something holds

struct person {
    std::string name;
    krait::ref<person> partner;
    std::vector<char> photo;
};

std::vector<krait::ref<person>>& recent() {
    static std::vector<krait::ref<person>> all;
    return all;
}

void meet(int number, bool mended) {
    const auto p = krait::make<person>("p" + std::to_string(number)),
               q = krait::make<person>("q" + std::to_string(number));
    p->photo.resize(1000);
    p->partner = q;
    q->partner = p; // a cycle: no count of theirs reaches 0
    if (number % 100 == 0 && !mended) recent().push_back(q);
}

void watch_cycles(int meetings, bool mended) {
    krait::gc::forbid_cycles([told = false](std::string_view path) mutable {
        if (!told) std::cout << "a cycle has been collected: " << path << '\n';
        told = true;
    });
    krait::gc::disable();
    for (int i = 0; i < meetings; ++i) meet(i, mended);
    std::cout << graph::count("person") << " persons\n";
    std::cout << krait::gc::collect() << " of them collected\n";
    std::cout << graph::count("person") << " are left, held by references to " << graph::roots().size() << " of them\n";
    if (graph::count("person") == 0) return;
    const graph::objects left = graph::by_type("person");
    for (const auto& p : left)
        if (graph::outside_references(p) == 0) { // held by its partner alone
            std::cout << graph::find_backref_chain(p).text() << '\n';
            break;
        }
    let_look();
    recent().clear();
}

// ---- a closure that keeps a large capture: Python's values

krait::object make_counter(bool mended) {
    krait::tracemalloc::line();
    const krait::list large = krait::list::of_range(0, 10'000);
    krait::tracemalloc::line();
    const krait::cell kept(mended ? krait::object(krait::len(large)) : krait::object(large));
    return krait::callable(
        "counter",
        [](const krait::callable& self, krait::arguments) -> krait::object {
            const krait::object contents = krait::cell::of(krait::tuple::of(self.closure())[0]).contents();
            return contents.kind() == krait::value_kind::list ? krait::object(krait::len(contents)) : contents;
        },
        krait::tuple{kept});
}

void watch_closures(int counters, bool mended) {
    krait::tracemalloc::start();
    const auto before = krait::tracemalloc::take_snapshot();
    const krait::dict handlers;
    for (int i = 0; i < counters; ++i) handlers[krait::str("on_" + std::to_string(i))] = make_counter(mended);
    const auto top = krait::tracemalloc::take_snapshot().compare_to(before)[0];
    std::cout << "line " << top.where.lineno << ": " << top.size_diff / 1024 << " KiB more\n";
    krait::tracemalloc::stop();

    const krait::object first = handlers.at("on_0");
    const graph::sizes kept = graph::asized(first);
    std::cout << "a handler keeps " << kept.size << " bytes, most of it in " << kept.types[0].count << " of type "
              << kept.types[0].type << '\n';
    const auto lists = graph::by_type("list");
    if (lists.empty()) return;
    const auto is_handlers = [&](const krait::ref<void>& o) { return handlers.is(o); };
    std::cout << graph::find_backref_chain(lists[0], is_handlers).text() << '\n';
    let_look();
}

// ---- a queue whose reader has stopped

struct message {
    int number;
    std::string text;
    krait::ref<message> answer_to;
};
struct channel {
    using krait_cyclic = void; // never part of a cycle, so not tracked: tracked all the same, to be seen here
    std::deque<krait::ref<message>> waiting;
    std::size_t most = static_cast<std::size_t>(-1);

    bool send(krait::ref<message> m) {
        if (waiting.size() >= most) return false; // the sender hears of it
        waiting.push_back(std::move(m));
        return true;
    }
};

void watch_queue(int messages, bool mended) {
    const auto out = krait::make<channel>();
    if (mended) out->most = 100;
    graph::describe<channel>();
    graph::describe<message>();
    graph::tracker watch;
    for (int hour = 1; hour <= 3; ++hour) {
        int lost = 0;
        for (int i = 0; i < messages; ++i)
            if (!out->send(krait::make<message>(i, std::string(500, 'x')))) ++lost;
        std::cout << "hour " << hour << ':';
        for (const auto& row : watch.diff())
            std::cout << "  " << row.type << ' ' << row.count << ", " << row.bytes << " bytes";
        std::cout << "  (" << lost << " refused)\n";
    }
    std::cout << "the channel keeps " << graph::asizeof(out) << " bytes\n";
    if (!out->waiting.empty()) std::cout << graph::find_backref_chain(out->waiting.front()).text() << '\n';
    let_look();
}

int main(int argc, char** argv) {
    const std::string_view hunt = argc > 1 ? argv[1] : "";
    const int size = argc > 2 ? std::atoi(argv[2]) : 1000;
    const bool mended = argc > 3 && std::string_view(argv[3]) == "mended";
    waits = argc > 3 && std::string_view(argv[3]) == "wait";
    if (hunt == "cache") serve(size, mended);
    if (hunt == "listener") watch_listeners(size, mended);
    if (hunt == "cycle") watch_cycles(size, mended);
    if (hunt == "closure") watch_closures(size, mended);
    if (hunt == "queue") watch_queue(size, mended);
    if (hunt.empty()) std::cerr << "usage: hunts cache|listener|cycle|closure|queue [SIZE [mended|wait]]\n";
}
