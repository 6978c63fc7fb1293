// error: use krait::function, with krait::closure
#include <krait/object.hpp>
struct node {
    std::unique_ptr<int, std::function<void(int*)>> number;
};
auto bad() { return krait::make<node>(); }
