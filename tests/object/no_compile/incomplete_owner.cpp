// error: what this pointer owns is not known here
#include <krait/object.hpp>
struct hidden;
struct closer {
    void operator()(hidden*) const;
};
struct node {
    std::unique_ptr<hidden, closer> h;
};
auto bad() { return krait::make<node>(); }
