// error: lists the direct base classes
#include <krait/object.hpp>
struct first {
    krait::ref<first> next;
};
struct second : first {
    KRAIT_BASES(first);
};
struct node : second {
    KRAIT_BASES(second, first);
};
auto bad() { return krait::make<node>(); }
