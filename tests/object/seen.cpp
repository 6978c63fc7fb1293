// What the layer sees into: kinds of fields and base classes. What it refuses is in no_compile.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <queue>
#include <random>
#include <regex>
#include <sstream>
#include <stack>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>
#include <krait/object.hpp>

using krait::acyclic_v;
using krait::make;
using krait::ref;
using krait::detail::field_kind;
using krait::detail::kind_of;

namespace {

// Of a cycle through `object`, which only the argument holds.
template <class T>
std::size_t collected(ref<T> object) {
    const krait::weak<T> watch = object;
    object.reset();
    const std::size_t found = krait::gc::collect();
    CHECK(watch.expired());
    return found;
}
template <class T>
std::size_t edges(const ref<T>& object) {
    return krait::gc::get_referents(object).size();
}

// ---- what holds no reference, whatever it is made of
struct with_constructor {
    int number;
    explicit with_constructor(int n) : number(n) {}
};
struct plain_members {
    std::string text;
    std::mutex lock;
    std::thread thread;
    std::filesystem::path path;
    std::regex pattern;
    std::ostringstream stream;
    std::mt19937 random;
    std::future<int> later;
    std::promise<std::string> promise;
    std::chrono::steady_clock::time_point at;
    std::function<void()>* pointer = nullptr;
    std::unique_ptr<std::istream> input;
    std::unique_ptr<char[]> buffer;
    std::shared_ptr<const std::string> shared;
    std::weak_ptr<int> weak;
    std::map<std::string, int, std::less<>> map;
    std::exception_ptr error;
    krait::integer boxed;
    krait::weak_set<int> set;
    krait::weak_value_map<std::string, int> values;
    krait::cursor<int> cursor;
    void (*function)(int) = nullptr;
};
struct holds_constructed {
    krait::interned name{"x"};
    with_constructor value{1};
    std::string text;
};
static_assert(acyclic_v<plain_members> && krait::detail::none<krait::detail::inside_t<with_constructor>>);
static_assert(!krait::detail::holds_refs<plain_members>);
static_assert(kind_of<krait::weak_value_map<ref<int>, int>> == field_kind::silent); // its keys are not seen

struct interface {
    virtual ~interface() = default;
    virtual int area() const = 0;
};
static_assert(kind_of<interface> == field_kind::plain);

struct foreign { // as of a library
    foreign() {}
    virtual ~foreign() {}
    std::string text;
};

} // namespace

template <>
inline constexpr bool krait::holds_no_references<foreign> = true;

namespace {

struct vouched {
    std::unique_ptr<foreign> owned;
    std::shared_ptr<foreign> shared;
    foreign value;
};
static_assert(acyclic_v<vouched>);

struct leaf_class {
    using krait_acyclic = void;
    ref<int> number;
    explicit leaf_class(int) {}
};

} // namespace

TEST_CASE("what holds no reference can be made without a word") {
    CHECK(make<plain_members>()->boxed == 0);
    CHECK(make<vouched>()->value.text.empty());
    CHECK(make<with_constructor>(3)->number == 3);
    CHECK(make<holds_constructed>()->value.number == 1);
    CHECK(!make<leaf_class>(3)->number);
    CHECK(make<std::vector<std::string>>(2u)->size() == 2);
}

TEST_CASE("queues, stacks and priority queues are walked and emptied") {
    struct node {
        std::queue<ref<node>> queue;
        std::stack<ref<node>, std::vector<ref<node>>> stack;
        std::priority_queue<ref<node>> priority;
    };
    static_assert(!acyclic_v<node>);
    const std::vector<void (*)(const ref<node>&)> ways{[](const ref<node>& n) { n->queue.push(n); },
                                                       [](const ref<node>& n) { n->stack.push(n); },
                                                       [](const ref<node>& n) { n->priority.push(n); }};
    for (const auto way : ways) {
        auto n = make<node>();
        way(n);
        way(n);
        CHECK(edges(n) == 2);
        CHECK(collected(std::move(n)) == 1);
    }
}

TEST_CASE("a unique_ptr's deleter is walked, and finds its references when it is called") {
    struct node;
    struct deleter {
        ref<node> pool;
        int* calls = nullptr;
        void operator()(int* number) const {
            if (pool) ++*calls;
            delete number;
        }
    };
    struct node {
        std::unique_ptr<int, deleter> number;
    };
    static_assert(!acyclic_v<node>);
    int calls = 0;
    auto n = make<node>();
    n->number = std::unique_ptr<int, deleter>(new int(1), deleter{n, &calls});
    CHECK(edges(n) == 1);
    CHECK(collected(std::move(n)) == 1);
    CHECK(calls == 1);
}

namespace {
struct script_object;
struct script_value : std::variant<std::monostate, double, ref<script_object>> {
    using variant::variant;
};
struct script_list : std::vector<ref<script_object>> {
    using vector::vector;
};
struct script_object {
    script_value value;
    script_list list;
};
static_assert(kind_of<script_value> == field_kind::variant && kind_of<script_list> == field_kind::container);
} // namespace

TEST_CASE("classes that derive from a variant or a container and add nothing are like it") {
    auto a = make<script_object>();
    a->value = a;
    CHECK(edges(a) == 1);
    CHECK(collected(std::move(a)) == 1);
    auto b = make<script_object>();
    b->list.push_back(b);
    CHECK(edges(b) == 1);
    CHECK(collected(std::move(b)) == 1);
}

// ---- base classes
namespace {

struct any_object {
    using krait_cyclic = void;
    virtual ~any_object() = default;
};
using any_ref = ref<any_object>;

class named : public virtual any_object {
    any_ref name_;
    KRAIT_FIELDS(name_);

  public:
    void set_name(any_ref r) { name_ = std::move(r); }
};
class left : public virtual named {
    any_ref left_;
    KRAIT_FIELDS(left_);
    KRAIT_BASES(named);

  public:
    void set_left(any_ref r) { left_ = std::move(r); }
};
class right : public virtual named {
    any_ref right_;
    KRAIT_FIELDS(right_);
    KRAIT_BASES(named);

  public:
    void set_right(any_ref r) { right_ = std::move(r); }
};
class both : public left, public right {
    any_ref own_;
    KRAIT_FIELDS(own_);
    KRAIT_BASES(left, right);

  public:
    void set_own(any_ref r) { own_ = std::move(r); }
};
class both_and_named : public left, public right, public virtual named {
    KRAIT_FIELDS();
    KRAIT_BASES(left, right, named);
};

struct part {
    ref<struct whole> to;
    KRAIT_FIELDS(to);
};
struct first_part : part {
    KRAIT_BASES(part);
};
struct second_part : part {
    KRAIT_BASES(part);
};
struct whole : first_part, private second_part {
    KRAIT_BASES(first_part, second_part);

  public:
    second_part& second() { return *this; }
};

struct said_once {
    ref<said_once> to;
    explicit said_once(int) {}
    KRAIT_FIELDS(to);
};
struct adds_nothing : said_once {
    using said_once::said_once;
};
struct only_bases : said_once {
    using said_once::said_once;
    KRAIT_BASES(said_once);
};
struct own_words : said_once { // of a base class that is traced twice if the words are inherited
    using said_once::said_once;
    std::string text;
    KRAIT_FIELDS();
    KRAIT_BASES(said_once);
};

struct traced_base {
    ref<traced_base> to;
    explicit traced_base(int) {}
    friend void krait_trace(traced_base& t, auto& visit) { visit(t.to); }
};
struct after_trace : traced_base {
    using traced_base::traced_base;
    ref<traced_base> more;
    KRAIT_FIELDS(more);
    KRAIT_BASES(traced_base);
};
template <class T>
struct traced_template {
    ref<T> to;
    explicit traced_template(int) {}
};
template <class T>
void krait_trace(traced_template<T>& t, auto& visit) {
    visit(t.to);
}
struct holds_traced {
    traced_template<holds_traced> in{1};
};

// Unions that are no obstacle: plain all over, with a named type, inside a plain field, beside a list of the fields.
struct plain_either {
    long tag;
    union {
        int number;
        float fraction;
    };
};
union number_or_fraction {
    int number;
    float fraction;
};
struct around_unions {
    ref<around_unions> next;
    number_or_fraction named;
    plain_either inside;
    std::string text;
};
struct lists_its_fields {
    ref<lists_its_fields> next;
    union {
        int number;
        float fraction;
    };
    KRAIT_FIELDS(next);
};
TEST_CASE("unions of plain members, named, inside or listed, hide no references") {
    auto around = make<around_unions>();
    around->next = around;
    CHECK(edges(around) == 1);
    CHECK(collected(std::move(around)) == 1);
    auto listed = make<lists_its_fields>();
    listed->next = listed;
    CHECK(edges(listed) == 1);
    CHECK(collected(std::move(listed)) == 1);
    CHECK(make<plain_either>()->tag == 0);
}

} // namespace

TEST_CASE("a virtual base class is walked once, whatever leads to it") {
    auto b = make<both>();
    b->set_name(krait::static_ref_cast<any_object>(make<both>()));
    CHECK(edges(b) == 1);
}

TEST_CASE("base classes that are the same class twice are two") {
    auto w = make<whole>();
    static_cast<first_part&>(*w).to = w;
    w->second().to = w;
    CHECK(edges(w) == 2);
    CHECK(collected(std::move(w)) == 1);
}

TEST_CASE("inherited words are the words of a class that adds nothing; own ones go first; each field once") {
    const auto check = []<class T>(ref<T> r) {
        r->to = r;
        CHECK(edges(r) == 1);
        CHECK(collected(std::move(r)) == 1);
    };
    check(make<said_once>(1));
    check(make<adds_nothing>(1));
    check(make<only_bases>(1));
    check(make<own_words>(1));
    auto t = make<after_trace>(1);
    t->to = t;
    t->more = t;
    CHECK(edges(t) == 2);
    CHECK(collected(std::move(t)) == 1);
    auto h = make<holds_traced>();
    h->in.to = h;
    CHECK(edges(h) == 1);
    CHECK(collected(std::move(h)) == 1);
}
