// error: what a class holds that derives from the one this pointer owns
#include <krait/object.hpp>
struct expression {
    virtual ~expression() = default;
};
struct node {
    std::shared_ptr<expression> e;
};
auto bad() { return krait::make<node>(); }
