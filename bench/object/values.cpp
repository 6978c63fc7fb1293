// Python's values against what a C++ program would write instead: nlohmann::json, and shared_ptr to a variant. One row
// a run, by values.py, which interleaves it with CPython: "ns for each operation<TAB>resident KiB".
//
//     krait_bench_values krait|variant|json ROW [OPERATIONS]
//
// With few operations callgrind counts the instructions of one: the difference of two runs.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include <krait/object/builtins.hpp>
#include <krait/object/generator.hpp>

namespace {

double seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class T>
void keep(const T& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

// What a C++ program without krait would pass around.
struct variant_value;
using variant_ref = std::shared_ptr<const variant_value>;
struct variant_value {
    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, std::vector<variant_ref>,
                 std::unordered_map<std::string, variant_ref>>
        value;
};
template <class T>
variant_ref boxed(T&& value) {
    return std::make_shared<const variant_value>(variant_value{std::forward<T>(value)});
}

constexpr long million = 1'000'000;
constexpr long records = 170'000; // a document of 100 MB as JSON text has about as many

struct row {
    const char* name;
    long operations;
    void (*krait)(long n);
    void (*variant)(long n);
    void (*json)(long n);
};

krait::generator<krait::object> numbers(long n) {
    for (long k = 0; k < n; ++k) co_yield krait::object(k);
}
struct point {
    krait::object x, y;
};
const krait::class_& plain_class() {
    static const krait::class_ plain("Plain");
    return plain;
}
const krait::list& keys_as_strs() {
    static const krait::list keys = [] {
        krait::list made;
        for (int i = 0; i < 1000; ++i) made.append(krait::str("key" + std::to_string(i)));
        return made;
    }();
    return keys;
}
const std::vector<std::string>& keys_as_strings() {
    static const std::vector<std::string> keys = [] {
        std::vector<std::string> made;
        for (int i = 0; i < 1000; ++i) made.push_back("key" + std::to_string(i));
        return made;
    }();
    return keys;
}

// A record of the document: a dict of a number, texts, a float, a list, and a dict.
krait::object krait_record(long i) {
    using namespace krait;
    static const str id("id"), name("name"), mail("mail"), score("score"), tags("tags"), at("at"), x("x"), y("y"),
        active("active");
    const std::string number = std::to_string(i);
    return dict{{id, i},
                {name, str("customer number " + number)},
                {mail, str("customer." + number + "@example.org")},
                {score, static_cast<double>(i) * 0.37},
                {active, i % 3 == 0},
                {tags, list{str("tag" + number), str("group" + std::to_string(i % 1000)), i % 7}},
                {at, dict{{x, static_cast<double>(i) * 0.5}, {y, -static_cast<double>(i)}}}};
}
nlohmann::json json_record(long i) {
    const std::string number = std::to_string(i);
    return {{"id", i},
            {"name", "customer number " + number},
            {"mail", "customer." + number + "@example.org"},
            {"score", static_cast<double>(i) * 0.37},
            {"active", i % 3 == 0},
            {"tags", nlohmann::json::array({"tag" + number, "group" + std::to_string(i % 1000), i % 7})},
            {"at", {{"x", static_cast<double>(i) * 0.5}, {"y", -static_cast<double>(i)}}}};
}
variant_ref variant_record(long i) {
    const std::string number = std::to_string(i);
    using map = std::unordered_map<std::string, variant_ref>;
    return boxed(
        map{{"id", boxed(std::int64_t{i})},
            {"name", boxed("customer number " + number)},
            {"mail", boxed("customer." + number + "@example.org")},
            {"score", boxed(static_cast<double>(i) * 0.37)},
            {"active", boxed(i % 3 == 0)},
            {"tags", boxed(std::vector<variant_ref>{boxed("tag" + number), boxed("group" + std::to_string(i % 1000)),
                                                    boxed(std::int64_t{i % 7})})},
            {"at", boxed(map{{"x", boxed(static_cast<double>(i) * 0.5)}, {"y", boxed(-static_cast<double>(i))}})}});
}

const row rows[] = {
    {"int", 10 * million,
     [](long n) {
         for (long i = 0; i < n; ++i) keep(krait::object(i + 1000));
     },
     [](long n) {
         for (long i = 0; i < n; ++i) keep(boxed(std::int64_t{i}));
     },
     [](long n) {
         for (long i = 0; i < n; ++i) keep(nlohmann::json(i));
     }},
    {"float", 10 * million,
     [](long n) {
         for (long i = 0; i < n; ++i) keep(krait::object(static_cast<double>(i)));
     },
     [](long n) {
         for (long i = 0; i < n; ++i) keep(boxed(static_cast<double>(i)));
     },
     [](long n) {
         for (long i = 0; i < n; ++i) keep(nlohmann::json(static_cast<double>(i)));
     }},
    {"str", 10 * million,
     [](long n) {
         const krait::str a("some text, "), b("and some more");
         for (long i = 0; i < n; ++i) keep(a + b);
     },
     [](long n) {
         const std::string a("some text, "), b("and some more");
         for (long i = 0; i < n; ++i) keep(boxed(a + b));
     },
     [](long n) {
         const std::string a("some text, "), b("and some more");
         for (long i = 0; i < n; ++i) keep(nlohmann::json(a + b));
     }},
    {"tuple", 10 * million,
     [](long n) {
         const krait::object a = 1, b = 2;
         for (long i = 0; i < n; ++i) keep(krait::tuple{a, b});
     },
     [](long n) {
         const variant_ref a = boxed(std::int64_t{1});
         for (long i = 0; i < n; ++i) keep(boxed(std::vector<variant_ref>{a, a}));
     },
     [](long n) {
         for (long i = 0; i < n; ++i) keep(nlohmann::json::array({1, 2}));
     }},
    {"list", 10 * million,
     [](long n) {
         const krait::object a = 1, b = 2;
         for (long i = 0; i < n; ++i) keep(krait::list{a, b});
     },
     [](long n) {
         const variant_ref a = boxed(std::int64_t{1});
         for (long i = 0; i < n; ++i) keep(boxed(std::vector<variant_ref>{a, a}));
     },
     [](long n) {
         for (long i = 0; i < n; ++i) keep(nlohmann::json::array({1, 2}));
     }},
    {"append", 10 * million,
     [](long n) {
         const krait::list l;
         const krait::object a = 1;
         for (long i = 0; i < n; ++i) l.append(a);
     },
     nullptr, nullptr},
    {"dict", 5 * million,
     [](long n) {
         const krait::str a("a"), b("b");
         const krait::object one = 1;
         for (long i = 0; i < n; ++i) {
             const krait::dict d;
             d.set(a, one);
             d.set(b, one);
             keep(d);
         }
     },
     [](long n) {
         const variant_ref one = boxed(std::int64_t{1});
         for (long i = 0; i < n; ++i) keep(boxed(std::unordered_map<std::string, variant_ref>{{"a", one}, {"b", one}}));
     },
     [](long n) {
         for (long i = 0; i < n; ++i) keep(nlohmann::json{{"a", 1}, {"b", 1}});
     }},
    {"dict_insert", 10 * million,
     [](long n) {
         const krait::list& keys = keys_as_strs();
         const krait::object one = 1;
         for (long i = 0; i < n; i += 1000) {
             const krait::dict d;
             for (long k = 0; k < 1000; ++k) d.set(keys[k], one);
         }
     },
     [](long n) {
         const auto& keys = keys_as_strings();
         const variant_ref one = boxed(std::int64_t{1});
         for (long i = 0; i < n; i += 1000) {
             std::unordered_map<std::string, variant_ref> d;
             for (const auto& key : keys) d.emplace(key, one);
         }
     },
     [](long n) {
         const auto& keys = keys_as_strings();
         for (long i = 0; i < n; i += 1000) {
             nlohmann::json d;
             for (const auto& key : keys) d[key] = 1;
         }
     }},
    {"dict_lookup", 10 * million,
     [](long n) {
         const krait::list& keys = keys_as_strs();
         const krait::dict d;
         for (long k = 0; k < 1000; ++k) d.set(keys[k], k);
         for (long i = 0; i < n; i += 1000)
             for (long k = 0; k < 1000; ++k) keep(d.at(keys[k]));
     },
     [](long n) {
         const auto& keys = keys_as_strings();
         std::unordered_map<std::string, variant_ref> d;
         for (const auto& key : keys) d.emplace(key, boxed(std::int64_t{1}));
         for (long i = 0; i < n; i += 1000)
             for (const auto& key : keys) keep(d.at(key));
     },
     [](long n) {
         const auto& keys = keys_as_strings();
         nlohmann::json d;
         for (const auto& key : keys) d[key] = 1;
         for (long i = 0; i < n; i += 1000)
             for (const auto& key : keys) keep(d.at(key));
     }},
    {"attribute_dict", 10 * million,
     [](long n) {
         const krait::instance p = plain_class()();
         const krait::str x = krait::intern("x");
         krait::setattr(p, x, 1);
         for (long i = 0; i < n; ++i) krait::setattr(p, x, krait::getattr(p, x));
     },
     nullptr, nullptr},
    {"attribute_slots", 10 * million,
     [](long n) {
         const krait::ref<point> p = krait::make<point>(1, 2);
         for (long i = 0; i < n; ++i) {
             const krait::object x = p->x;
             p->x = x;
             keep(*p);
         }
     },
     nullptr, nullptr},
    {"instances", 2 * million,
     [](long n) {
         const krait::str x = krait::intern("x"), y = krait::intern("y");
         const krait::list all;
         for (long i = 0; i < n; ++i) {
             const krait::instance p = plain_class()();
             krait::setattr(p, x, 1);
             krait::setattr(p, y, 2);
             all.append(p);
         }
     },
     nullptr, nullptr},
    {"generator", 10 * million,
     [](long n) {
         krait::object sum = 0;
         for (const krait::object& k : numbers(n)) sum = sum + k;
         keep(sum);
     },
     nullptr, nullptr},
    {"document", records,
     [](long n) {
         const krait::list all;
         for (long i = 0; i < n; ++i) all.append(krait_record(i));
         keep(all);
     },
     [](long n) {
         std::vector<variant_ref> all;
         for (long i = 0; i < n; ++i) all.push_back(variant_record(i));
         keep(boxed(std::move(all)));
     },
     [](long n) {
         nlohmann::json all = nlohmann::json::array();
         for (long i = 0; i < n; ++i) all.push_back(json_record(i));
         keep(all);
     }},
    {"sorted", 10 * million, // items, 1,000 at a time
     [](long n) {
         const krait::list mixed;
         for (long k = 0; k < 1000; ++k) mixed.append(k * 7919 % 1000);
         for (long i = 0; i < n; i += 1000) keep(krait::sorted(mixed));
     },
     nullptr, nullptr},
    {"split_join", million,
     [](long n) {
         const krait::str text("alpha,beta,gamma,delta,epsilon"), comma(",");
         for (long i = 0; i < n; ++i) keep(krait::call_method(comma, "join", krait::call_method(text, "split", comma)));
     },
     nullptr, nullptr},
    {"format", million,
     [](long n) {
         const krait::object x = 1234.5678;
         for (long i = 0; i < n; ++i) keep(krait::format(x, ">12,.2f"));
     },
     nullptr, nullptr},
    {"slices", million,
     [](long n) {
         const krait::object l = krait::list_of(krait::range(20));
         const krait::slice part{2, 18, 3};
         for (long i = 0; i < n; ++i) keep(krait::getitem(l, part));
     },
     nullptr, nullptr},
    {"range_sum", 10 * million, [](long n) { keep(krait::sum(krait::range(n))); }, nullptr, nullptr},
    {"nothing", 1, [](long) {}, [](long) {}, [](long) {}},
};

} // namespace

int main(int count, char** words) {
    if (count != 3 && count != 4) return 2;
    for (const row& r : rows) {
        if (std::strcmp(r.name, words[2]) != 0) continue;
        auto* const run = std::strcmp(words[1], "krait") == 0     ? r.krait
                          : std::strcmp(words[1], "variant") == 0 ? r.variant
                                                                  : r.json;
        if (run == nullptr) return 3;
        const long operations = count == 4 ? std::strtol(words[3], nullptr, 10) : r.operations;
        const double begin = seconds();
        run(operations);
        const double end = seconds();
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        std::printf("%.3f\t%ld\n", (end - begin) * 1e9 / static_cast<double>(operations), usage.ru_maxrss);
        return 0;
    }
    return 2;
}
