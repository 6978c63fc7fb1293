// error: has base classes and says nothing
#include <krait/object.hpp>
struct counted {
    int number;
};
struct node : counted {
    krait::ref<node> next;
};
auto bad() { return krait::make<node>(); }
