// error: T cannot be made from these arguments
#include <krait/object.hpp>
struct node {
    int x;
};
auto bad() { return krait::make<node>("text", 1, 2); }
