// error: incomplete type
#include <krait/object.hpp>
struct later;
struct node { krait::ref<later> next; };
auto bad() { return krait::make<node>(); }
