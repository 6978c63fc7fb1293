// error: its name is krait_finalize
#include <krait/object.hpp>
struct node {
    void krait_finalise() {}
};
auto bad() { return krait::make<node>(); }
