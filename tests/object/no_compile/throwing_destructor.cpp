// error: the destructor must be noexcept
#include <krait/object.hpp>
struct node {
    ~node() noexcept(false) {}
};
auto bad() { return krait::make<node>(); }
