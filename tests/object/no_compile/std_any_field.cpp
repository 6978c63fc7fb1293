// error: use a std::variant, or a krait::ref
#include <krait/object.hpp>
#include <any>
struct node { std::any value; };
auto bad() { return krait::make<node>(); }
