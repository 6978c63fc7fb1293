// The same of what Python's users have besides: methods, iterators, slices, formats, functions with named arguments.
#include "parts.hpp"

#include <krait/object/builtins.hpp>

void methods_and_iterators() {
    const krait::list numbers{3, 1, 2};
    krait::print(krait::call_method("a,b", "split", ","), krait::sorted(numbers, krait::None, true));
    krait::print(krait::format(3.14159, ".2f"), krait::format_percent("%s has %d", krait::tuple{"it", 2}));
    krait::print(krait::getitem("abcdef", krait::slice{1, krait::None, 2}), krait::contains(numbers, 2));
    for (const krait::object& pair : krait::each(krait::enumerate(numbers))) krait::print(pair);
    krait::print(krait::sum(krait::range(100)), krait::min(numbers), krait::round(2.675, 2), krait::divmod(-7, 2));
    krait::print(krait::operate("<<", 1, 70), krait::to_int("12"), krait::methods_of(krait::value_kind::view).size());

    const auto scaled =
        krait::function_with("scaled", {{"width", "height"}, {2}},
                             [](const krait::callable&, krait::arguments a) -> krait::object { return a[0] * a[1]; });
    krait::print(krait::call(scaled, {3}, {{"height", 5}}), krait::call(scaled, 3));
    try {
        krait::call(scaled);
    } catch (const krait::type_error& e) {
        krait::print(e.what());
    }
}
