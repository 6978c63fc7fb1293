// error: cycles through them could go unnoticed
#include <krait/object.hpp>
struct base {
    krait::ref<base> next;
};
struct holder {
    krait::ref<base> b;
};
struct derived : base {
    krait::ref<holder> h;
    KRAIT_FIELDS(h);
    KRAIT_BASES(base);
};
krait::ref<base> bad() { return krait::make<derived>(); }
