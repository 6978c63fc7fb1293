// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
#include <variant>
struct node;
struct value : std::variant<int, krait::ref<node>> {
    using variant::variant;
    krait::ref<node> more;
};
struct node {
    value v;
};
auto bad() { return krait::make<node>(); }
