// error: would never be called: write .void krait_finalize
#include <krait/object.hpp>
class node {
    void krait_finalize() {}
    int number = 0;
};
auto bad() { return krait::make<node[]>(2); }
