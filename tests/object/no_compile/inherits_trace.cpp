// error: adds something to a base class that says what it holds
#include <krait/object.hpp>
struct base {
    krait::ref<base> next;
    friend void krait_trace(base& b, auto& visit) { visit(b.next); }
};
struct node : base {
    krait::ref<node> more;
};
auto bad() { return krait::make<node>(); }
