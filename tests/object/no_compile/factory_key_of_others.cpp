// error: factory_key.*private
#include <krait/object.hpp>
class node {
    int number_;
    explicit node(int n) : number_(n) {}
    KRAIT_FIELDS();
};
auto bad() { return krait::make<node>(krait::factory_key<node>(), 1); }
