// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
struct inner {
    krait::ref<inner> next;
    explicit inner(int) {}
};
struct node {
    inner in{1};
    node() {}
    friend void krait_trace(node& n, auto& visit) { visit(n.in); }
};
auto bad() { return krait::make<node>(); }
