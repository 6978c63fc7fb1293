// error: adds something to a base class that says what it holds
#include <krait/object.hpp>
struct first {
    krait::ref<first> next;
};
struct base : first {
    KRAIT_BASES(first);
};
struct node : base {
    krait::ref<node> more;
};
auto bad() { return krait::make<node>(); }
