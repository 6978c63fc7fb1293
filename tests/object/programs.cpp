// Ten programs that people write, each in small: what they make is used as its author would, and nothing is left.
#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

namespace {

// How many T's there are.
template <class T>
struct counted {
    static inline thread_local int alive = 0;
    counted() noexcept { ++alive; }
    counted(const counted&) noexcept { ++alive; }
    counted(counted&&) noexcept { ++alive; }
    counted& operator=(const counted&) = default;
    counted& operator=(counted&&) = default;
    ~counted() { --alive; }
};

// ---- 1: an interpreter with closures, scopes that lead to each other, and a stack of values

struct scope;
struct lambda;
using value = std::variant<std::monostate, double, std::string, krait::ref<lambda>, krait::ref<scope>>;
struct scope {
    std::unordered_map<std::string, value> names;
    krait::ref<scope> outer;
    counted<scope> count;

    value& at(const std::string& name) {
        for (scope* s = this; s != nullptr; s = s->outer.get())
            if (const auto found = s->names.find(name); found != s->names.end()) return found->second;
        throw std::out_of_range(name);
    }
};
struct lambda {
    std::string parameter;
    krait::function<value(scope&)> body;
    krait::ref<scope> home;
};
value call(const krait::ref<lambda>& f, value argument) {
    const auto frame = krait::make<scope>();
    frame->outer = f->home;
    frame->names.emplace(f->parameter, std::move(argument));
    frame->names.emplace("self", f);
    return f->body(*frame);
}

TEST_CASE("an interpreter") {
    {
        const auto globals = krait::make<scope>();
        const auto factorial = krait::make<lambda>(
            "n",
            [](scope& s) -> value {
                const double n = std::get<double>(s.at("n"));
                if (n < 2) return 1.0;
                const auto self = std::get<krait::ref<lambda>>(s.at("self"));
                return n * std::get<double>(call(self, n - 1));
            },
            globals);
        globals->names["factorial"] = factorial;
        for (int i = 0; i < 500; ++i) {
            REQUIRE(std::get<double>(call(factorial, 10.0)) == 3628800.0);
            const auto local = krait::make<scope>();
            local->outer = globals;
            local->names["here"] = local;
            local->names["f"] = krait::make<lambda>(
                "x", [](scope& s) -> value { return s.at("here"); }, local);
            globals->names["last"] = call(std::get<krait::ref<lambda>>(local->names["f"]), std::string("?"));
        }
        globals->names.clear();
    }
    krait::gc::collect();
    CHECK(counted<scope>::alive == 0);
}

// ---- 2: a scene graph: parents own children, children know their parents, nodes are cut out while it is walked

class entity {
  public:
    explicit entity(std::string name) : name_(std::move(name)) {}
    virtual ~entity() = default;
    virtual void update(int tick) {
        const auto children = children_;
        for (const auto& child : children) child->update(tick);
        if (tick % 7 == 3 && !children_.empty()) children_.front()->detach();
    }
    void add(const krait::ref<entity>& child) {
        child->parent_ = krait::ref_to(*this);
        children_.push_back(child);
    }
    void detach() {
        if (!parent_) return;
        const auto keep = std::exchange(parent_, nullptr);
        std::erase_if(keep->children_, [this](const auto& child) { return child.get() == this; });
    }
    std::size_t size() const {
        std::size_t n = 1;
        for (const auto& child : children_) n += child->size();
        return n;
    }

  private:
    std::string name_;
    std::vector<krait::ref<entity>> children_;
    krait::ref<entity> parent_;
    counted<entity> count_;
    KRAIT_FIELDS(children_, parent_);
};
class light final : public entity {
  public:
    light() : entity("light") {}
    void update(int tick) override {
        if (tick == 5) target_ = krait::ref_to(*this);
        entity::update(tick);
    }

  private:
    krait::ref<entity> target_;
    KRAIT_FIELDS(target_);
    KRAIT_BASES(entity);
};

TEST_CASE("a scene graph") {
    {
        const auto root = krait::make<entity>("root");
        for (int i = 0; i < 20; ++i) {
            const krait::ref<entity> group = krait::make<entity>("group");
            root->add(group);
            for (int j = 0; j < 20; ++j) group->add(krait::make<light>());
        }
        REQUIRE(root->size() == 421);
        for (int tick = 0; tick < 40; ++tick) root->update(tick);
        CHECK(root->size() < 421);
    }
    krait::gc::collect();
    CHECK(counted<entity>::alive == 0);
}

// ---- 3: a cache service: results that lead back to the service, dropped when nobody uses them

struct service;
struct answer {
    std::string text;
    krait::ref<service> from;
    counted<answer> count;
};
struct service {
    krait::weak_value_map<std::string, answer> known;
    std::map<std::string, krait::ref<answer>> pinned;
    int computed = 0;

    krait::ref<answer> ask(const std::string& question) {
        if (auto found = known.find(question)) return found;
        ++computed;
        auto made = krait::make<answer>(question + "!", krait::ref_to(*this));
        known[question] = made;
        return made;
    }
};

TEST_CASE("a cache service") {
    {
        const auto s = krait::make<service>();
        const auto first = s->ask("a");
        REQUIRE(s->ask("a") == first);
        REQUIRE(s->computed == 1);
        for (int i = 0; i < 300; ++i) s->pinned[std::to_string(i)] = s->ask(std::to_string(i));
        for (int i = 0; i < 300; ++i) s->ask(std::to_string(i % 150));
        REQUIRE(s->computed == 301);
        for (int i = 0; i < 150; ++i) s->pinned.erase(std::to_string(i));
        REQUIRE(s->known.size() == 151);
        for (auto [key, found] : s->known) s->pinned.erase(key);
        REQUIRE(s->known.size() == 1);
        s->pinned["a"] = first;
    }
    krait::gc::collect();
    CHECK(counted<answer>::alive == 0);
}

// ---- 4: entities and components in arrays of values

struct body {
    double x = 0, y = 0;
    krait::ref<struct thing> attached_to;
};
struct thing {
    std::optional<body> shape;
    std::array<krait::ref<thing>, 4> neighbours;
    std::set<std::string> tags;
    counted<thing> count;
};
struct world {
    std::deque<krait::ref<thing>> things;
    std::vector<std::unique_ptr<body>> bodies;
    krait::ref<krait::array<body>> grid = krait::make<body[]>(64);
};

TEST_CASE("entities and components") {
    {
        const auto w = krait::make<world>();
        for (std::size_t i = 0; i < 200; ++i) {
            w->things.push_back(krait::make<thing>());
            auto& t = *w->things.back();
            t.shape.emplace().attached_to = w->things[i / 2];
            t.neighbours[i % 4] = w->things[i / 3];
            w->bodies.push_back(std::make_unique<body>());
            w->bodies.back()->attached_to = w->things.back();
            (*w->grid)[i % 64].attached_to = w->things.back();
        }
        for (int i = 0; i < 150; ++i) w->things.pop_front();
        w->bodies.erase(w->bodies.begin(), w->bodies.begin() + 100);
        std::sort(w->bodies.begin(), w->bodies.end());
        krait::gc::collect();
        REQUIRE(w->bodies.front()->attached_to->shape);
    }
    krait::gc::collect();
    CHECK(counted<thing>::alive == 0);
}

// ---- 5: observers that come and go while they are told

struct subject;
struct observer {
    krait::ref<subject> watched;
    int told = 0;
    counted<observer> count;
};
struct subject {
    krait::weak_set<observer> observers;
    std::vector<krait::function<void(int)>> handlers;

    void tell(int event) {
        for (const auto& o : observers) o->told += event;
        for (const auto& h : std::vector(handlers)) h(event);
    }
};

TEST_CASE("observers") {
    {
        const auto s = krait::make<subject>();
        std::vector<krait::ref<observer>> all;
        for (int i = 0; i < 50; ++i) {
            all.push_back(krait::make<observer>(s));
            s->observers.insert(all.back());
        }
        s->handlers.push_back(krait::closure(
            [](krait::ref<subject>& self, krait::ref<observer>& o, int event) {
                o->told += event;
                self->handlers.clear(); // itself among them
            },
            s, all[0]));
        s->tell(1);
        REQUIRE(all[0]->told == 2);
        for (auto o : s->observers) std::erase(all, o);
        REQUIRE(s->observers.size() == 0);
        s->handlers.push_back(krait::closure([](krait::ref<subject>& self, int) { self->tell(0); }, s));
        s->handlers.clear();
        s->handlers.push_back(krait::closure([](krait::ref<subject>&, int) {}, s)); // a cycle
    }
    krait::gc::collect();
    CHECK(counted<observer>::alive == 0);
}

// ---- 6: a history of changes, whose steps hold what they changed

struct document;
struct change {
    krait::function<void()> undo;
    std::unique_ptr<change> before;
};
struct document {
    std::vector<std::string> lines;
    std::unique_ptr<change> history;
    counted<document> count;

    void add(std::string line) {
        lines.push_back(std::move(line));
        auto step = std::make_unique<change>();
        step->undo = krait::closure([](krait::ref<document>& d) { d->lines.pop_back(); }, krait::ref_to(*this));
        step->before = std::move(history);
        history = std::move(step);
    }
    bool undo() {
        if (!history) return false;
        const auto step = std::move(history);
        history = std::move(step->before);
        step->undo();
        return true;
    }
};

TEST_CASE("a history of changes") {
    {
        const auto d = krait::make<document>();
        for (int i = 0; i < 1000; ++i) d->add(std::to_string(i));
        krait::gc::collect();
        for (int i = 0; i < 500; ++i) REQUIRE(d->undo());
        REQUIRE(d->lines.size() == 500);
    }
    krait::gc::collect();
    CHECK(counted<document>::alive == 0);
}

// ---- 7: a document tree with attributes, siblings and listeners

struct element {
    std::string tag;
    std::map<std::string, std::string> attributes;
    std::map<std::string, std::vector<krait::function<void(krait::ref<element>)>>> listeners;
    krait::weak<element> parent;
    krait::ref<element> first, next;
    krait::weak<element> previous;
    counted<element> count;

    void append(const krait::ref<element>& child) {
        child->parent = krait::ref_to(*this);
        if (!first) {
            first = child;
            return;
        }
        auto last = first;
        while (last->next) last = last->next;
        last->next = child;
        child->previous = last;
    }
    void fire(const std::string& event) {
        for (auto at = krait::ref_to(*this); at; at = at->parent.lock())
            if (const auto found = at->listeners.find(event); found != at->listeners.end())
                for (const auto& listener : std::vector(found->second)) listener(krait::ref_to(*this));
    }
};

TEST_CASE("a document tree") {
    int clicks = 0;
    {
        const auto html = krait::make<element>("html");
        krait::ref<element> deepest = html;
        for (int i = 0; i < 50; ++i) {
            const auto child = krait::make<element>("div");
            deepest->append(krait::make<element>("p"));
            deepest->append(child);
            child->listeners["click"].push_back(krait::closure(
                [&clicks](krait::ref<element>& self, krait::ref<element> target) {
                    ++clicks;
                    self->attributes["last"] = target->tag;
                },
                child));
            deepest = child;
        }
        deepest->fire("click");
        REQUIRE(clicks == 50);
        REQUIRE(deepest->previous.lock()->next == deepest);
    }
    krait::gc::collect();
    CHECK(counted<element>::alive == 0);
}

// ---- 8: an LRU of closures: what a result captures may be the cache's owner

struct computer {
    int factor;
    krait::ref<computer> self;
    counted<computer> count;
};
using operation = krait::function<int(int)>;

TEST_CASE("an LRU of closures") {
    {
        const auto c = krait::make<computer>(3);
        c->self = c;
        krait::lru_cache<operation(std::string)> compiled(
            [c](const std::string& source) {
                return operation(krait::closure([](const krait::ref<computer>& owner, const std::string& text,
                                                   int x) { return owner->factor * x + static_cast<int>(text.size()); },
                                                c, source));
            },
            16);
        for (int i = 0; i < 100; ++i)
            REQUIRE(compiled(std::string(static_cast<std::size_t>(i % 20), 'x'))(2) == 6 + i % 20);
        REQUIRE(compiled.cache_info().currsize == 16);
    }
    krait::gc::collect();
    CHECK(counted<computer>::alive == 0);
}

// ---- 9: threads that hand graphs over, round a ring

struct job {
    std::string name;
    std::vector<krait::ref<job>> parts;
    krait::weak<job> whole;
    krait::ref<job> again; // itself
};

TEST_CASE("threads that hand graphs over") {
    constexpr int workers = 3, jobs = 30;
    struct box {
        std::mutex lock;
        std::deque<krait::handed<job>> waiting;
    };
    std::array<box, workers + 1> boxes;
    const auto put = [&](int at, krait::handed<job> parcel) {
        const std::lock_guard guard(boxes[static_cast<std::size_t>(at)].lock);
        boxes[static_cast<std::size_t>(at)].waiting.push_back(std::move(parcel));
    };
    const auto take = [&](int at) {
        for (;; std::this_thread::yield()) {
            box& from = boxes[static_cast<std::size_t>(at)];
            const std::lock_guard guard(from.lock);
            if (from.waiting.empty()) continue;
            auto parcel = std::move(from.waiting.front());
            from.waiting.pop_front();
            return parcel;
        }
    };
    std::vector<std::thread> threads;
    for (int worker = 0; worker < workers; ++worker)
        threads.emplace_back([&, worker] {
            for (int i = 0; i < jobs; ++i) {
                auto mine = take(worker).receive();
                for (int part = 0; part < 10; ++part) {
                    mine->parts.push_back(krait::make<job>("part", std::vector<krait::ref<job>>{}, mine));
                    mine->parts.back()->again = mine;
                }
                if (i % 5 == 0) krait::gc::collect();
                put(worker + 1, krait::hand_over(std::move(mine)));
            }
        });
    for (int i = 0; i < jobs; ++i) {
        auto made = krait::make<job>(std::to_string(i));
        made->again = made;
        put(0, krait::hand_over(std::move(made)));
    }
    for (int i = 0; i < jobs; ++i) {
        const auto done = take(workers).receive();
        REQUIRE(done->name == std::to_string(i));
        REQUIRE(done->parts.size() == workers * 10);
        REQUIRE(done->parts[0]->whole.lock() == done);
    }
    for (auto& t : threads) t.join();
    CHECK(krait::gc::collect() >= jobs);
}

// ---- 10: as deep as it comes: lists, trees of values, a parser's recursion

struct cell;
using list = krait::ref<cell>;
struct cell {
    int head;
    list tail;
    counted<cell> count;
};
struct expression {
    std::vector<std::unique_ptr<expression>> operands;
    krait::ref<cell> bound;
};
list reversed(list from) {
    list result;
    while (from) {
        auto rest = from->tail;
        result = krait::make<cell>(from->head, result);
        from = rest;
    }
    return result;
}

TEST_CASE("deep recursion") {
    {
        list numbers;
        for (int i = 0; i < 200'000; ++i) numbers = krait::make<cell>(i, numbers);
        numbers = reversed(reversed(numbers));
        REQUIRE(numbers->head == 199'999);
        auto top = std::make_unique<expression>();
        for (int i = 0; i < 3'000; ++i) {
            auto above = std::make_unique<expression>();
            above->bound = numbers;
            above->operands.push_back(std::move(top));
            above->operands.push_back(std::make_unique<expression>());
            top = std::move(above);
        }
        struct holder {
            std::unique_ptr<expression> root;
            krait::ref<holder> self;
        };
        const auto held = krait::make<holder>(std::move(top));
        held->self = held;
        krait::gc::collect();
        list end = numbers;
        while (end->tail) end = end->tail;
        end->tail = numbers; // a ring
    }
    krait::gc::collect();
    CHECK(counted<cell>::alive == 0);
}

} // namespace
