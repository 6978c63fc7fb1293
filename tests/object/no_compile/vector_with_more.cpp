// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
#include <vector>
struct node;
struct list : std::vector<krait::ref<node>> {
    list() {}
    krait::ref<node> more;
};
struct node {
    list l;
};
auto bad() { return krait::make<node>(); }
