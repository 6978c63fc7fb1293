// error: its name is krait_finalize
#include <krait/object.hpp>
struct node final {
    void krait_finalizer() {}
};
auto bad() { return krait::make<node>(); }
