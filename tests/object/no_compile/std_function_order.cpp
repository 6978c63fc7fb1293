// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
#include <map>
struct node {
    std::map<int, int, std::function<bool(int, int)>> sorted;
};
auto bad() { return krait::make<node>(); }
