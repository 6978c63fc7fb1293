// error: cycles through them could go unnoticed
#include <krait/object.hpp>
struct left {};
struct right {};
struct to_left : right {
    krait::ref<left> l;
    KRAIT_FIELDS(l);
};
struct to_right : left {
    krait::ref<right> r;
    KRAIT_FIELDS(r);
};
krait::ref<left> bad() { return krait::make<to_right>(); }
