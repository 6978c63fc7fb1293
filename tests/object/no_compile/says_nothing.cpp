// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
struct node {
    krait::ref<node> next;
    explicit node(int) {}
};
auto bad() { return krait::make<node>(1); }
