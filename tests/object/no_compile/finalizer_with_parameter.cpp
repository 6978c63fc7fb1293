// error: would never be called: write .void krait_finalize
#include <krait/object.hpp>
struct node {
    void krait_finalize(int) {}
};
auto bad() { return krait::make<node>(); }
