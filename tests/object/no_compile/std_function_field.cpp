// error: use krait::function, with krait::closure
#include <krait/object.hpp>
struct node {
    std::function<void()> f;
};
auto bad() { return krait::make<node>(); }
