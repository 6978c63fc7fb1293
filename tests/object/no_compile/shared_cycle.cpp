// error: hold a krait::weak_shared on the way back
#include <krait/object.hpp>
struct node {
    krait::shared<node> next;
};
auto bad() { return krait::make_shared<node>(); }
