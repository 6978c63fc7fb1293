// error: static.assert.* failed.*: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS
#include <krait/object.hpp>
struct node {
    krait::ref<node> next;
    union {
        int i;
        float f;
    };
};
auto bad() { return krait::make<node>(); }
