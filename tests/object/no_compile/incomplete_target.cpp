// error: must be complete where an object is made
#include <krait/object.hpp>
struct later;
struct node {
    krait::ref<later> next;
};
auto bad() { return krait::make<node>(); }
