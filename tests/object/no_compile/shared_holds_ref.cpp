// error: an object that threads share must not hold ref
#include <krait/object.hpp>
struct leaf {
    int x;
};
struct node {
    krait::ref<leaf> l;
};
auto bad() { return krait::make_shared<node>(); }
