// error: where it is public
#include <krait/object.hpp>
class node {
    using krait_acyclic = void;
    int number = 0;
};
auto bad() { return krait::make<node>(); }
