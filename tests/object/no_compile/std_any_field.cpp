// error: use a std::variant, or a krait::ref
#include <any>
#include <krait/object.hpp>
struct node {
    std::any value;
};
auto bad() { return krait::make<node>(); }
