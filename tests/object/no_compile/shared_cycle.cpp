// error: no collector looks after shared objects
#include <krait/object.hpp>
struct node {
    krait::shared<node> next;
};
auto bad() { return krait::make_shared<node>(); }
