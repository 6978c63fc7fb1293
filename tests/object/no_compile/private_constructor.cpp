// error: in a member function of T
#include <krait/object.hpp>
class node {
    int number_;
    explicit node(int n) : number_(n) {}
    KRAIT_FIELDS();
};
auto bad() { return krait::make<node>(1); }
