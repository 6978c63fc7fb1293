// error: does not know its size: use a std::vector
#include <krait/object.hpp>
struct node {
    std::unique_ptr<krait::ref<node>[]> peers;
};
auto bad() { return krait::make<node>(); }
