// error: cycles through them could go unnoticed
#include <krait/object.hpp>
struct base {
    int x;
};
struct derived : base {
    krait::ref<derived> next;
    KRAIT_FIELDS(next);
};
krait::ref<base> bad() { return krait::make<derived>(); }
