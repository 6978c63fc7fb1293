// error: what a class holds that derives from the one this pointer owns
#include <krait/object.hpp>
#include <vector>
struct expression {
    virtual ~expression() = default;
};
struct node {
    std::vector<std::unique_ptr<expression>> e;
};
auto bad() { return krait::make<node>(); }
