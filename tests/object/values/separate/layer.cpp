// What else there is of the layer, for which the bodies in one file must be enough, too.
#include "parts.hpp"

#include <krait/object.hpp>
#include <krait/object/builtins.hpp>
#include <krait/object/generator.hpp>
#include <krait/object/graph.hpp>
#include <krait/object/lru_cache.hpp>
#include <krait/object/tracemalloc.hpp>

namespace {

struct node {
    krait::object value;
    std::vector<krait::ref<node>> to;
};

krait::generator<int> below(int end) {
    for (int i = 0; i < end; ++i) co_yield i;
}

} // namespace

void rest_of_the_layer() {
    krait::ref<node> first = krait::make<node>(krait::list{1, krait::list{2}}), second = krait::make<node>("text");
    first->to.push_back(second);
    second->to.push_back(first);
    const krait::weak<node> seen = first;
    krait::print(krait::graph::asizeof(first->value), krait::graph::get_referents(second).size());
    first = {};
    second = {};
    krait::gc::collect();
    krait::print(seen.expired());

    int sum = 0;
    for (const int i : below(5)) sum += i;
    krait::lru_cache<int(int)> squares([](int x) { return x * x; }, 8);
    krait::print(sum, squares(7));
}
