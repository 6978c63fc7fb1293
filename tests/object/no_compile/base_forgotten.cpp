// error: write KRAIT_BASES
#include <krait/object.hpp>
struct base {
    krait::ref<base> next;
    KRAIT_FIELDS(next);
};
struct node : base {
    krait::ref<node> more;
    KRAIT_FIELDS(more);
};
auto bad() { return krait::make<node>(); }
