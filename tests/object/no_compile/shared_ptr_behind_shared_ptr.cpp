// error: a std::shared_ptr to something that holds references may be reached twice
#include <krait/object.hpp>
struct node;
struct last {
    krait::ref<node> back;
};
struct inner {
    std::shared_ptr<last> l;
};
struct node {
    std::shared_ptr<inner> in;
};
auto bad() { return krait::make<node>(); }
