// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
struct node;
struct inner {
    krait::ref<node> back;
    explicit inner(int) {}
};
struct node {
    std::shared_ptr<inner> in;
};
auto bad() { return krait::make<node>(); }
