// error: adds something to a base class that says what it holds
#include <krait/object.hpp>
struct base {
    krait::ref<base> next;
    KRAIT_FIELDS(next);
};
struct node : base {
    krait::ref<node> more;
};
auto bad() { return krait::make<node>(); }
