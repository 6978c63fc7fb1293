// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
struct node;
void call(krait::ref<node>);
struct node {
    std::optional<decltype(std::bind(call, krait::ref<node>{}))> bound;
};
auto bad() { return krait::make<node>(); }
