// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
struct node;
union either {
    int number;
    krait::ref<node> next;
    either() : number(0) {}
    ~either() {}
};
struct node {
    either e;
};
auto bad() { return krait::make<node>(); }
