// error: a std::shared_ptr to something that holds references may be reached twice
#include <krait/object.hpp>
#include <memory>
#include <vector>
struct node {
    std::shared_ptr<std::vector<krait::ref<node>>> peers;
};
auto bad() { return krait::make<node>(); }
