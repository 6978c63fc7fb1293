// A program of a dozen of value.hpp's features: what it costs to compile is measured by scripts/compile-times, and what
// it prints is the same whichever way it is compiled.
#include "parts.hpp"

#include <krait/object/value.hpp>

namespace {

void containers() {
    krait::list mixed{3, 1, 2, "text", 2.5};
    mixed.append(krait::tuple{1, 2});
    krait::print(mixed.pop(), mixed, krait::list::of_range(0, 10));

    krait::dict d{{"a", 1}, {"b", krait::list{1.5, krait::None}}};
    d["c"] = d.at("a") + 41;
    for (const auto& [key, value] : d) krait::print(key, value);

    krait::set s{1, 2, 3};
    s.add("four");
    krait::print(s.contains(2), krait::len(s));

    krait::names n;
    n["p"] = d;
    n["q"] = n["p"];
    n.del("p");
    krait::print(n.at("q").is(d), krait::getsizeof(mixed));
}

void numbers_and_texts() {
    krait::print(krait::power(2, 100), krait::floordiv(7, 2), krait::object(1) / 3, krait::compare(1, 2) < 0);
    krait::print(krait::str("text")[1], krait::str("a") + "b", krait::bytes("raw"), krait::str("ü")[0]);
    krait::print(krait::hash(krait::tuple{1, "x"}), krait::repr("it's"));
    krait::print("", "after nothing");
    krait::print();
}

krait::object area(const krait::callable&, krait::arguments a) { return a[0] * a[1]; }

void functions_and_classes() {
    const krait::callable f("area", area);
    krait::print(f(2, 3));

    krait::class_ point("Point");
    point.def("__init__", [](const krait::callable&, krait::arguments a) -> krait::object {
        krait::setattr(a[0], "x", a[1]);
        return krait::None;
    });
    krait::object p = point(5);
    krait::setattr(p, "self", p);
    const krait::weakref w(p);
    krait::print(krait::getattr(p, "x"), w().is(p));
    p.reset();
    krait::gc::collect();
    krait::print(w());
}

} // namespace

int main() {
    containers();
    numbers_and_texts();
    functions_and_classes();
    methods_and_iterators();
    rest_of_the_layer();
    try {
        krait::list{}.pop();
    } catch (const krait::index_error& e) {
        krait::print(e.what());
    }
}
