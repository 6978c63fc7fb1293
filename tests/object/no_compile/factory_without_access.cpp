// error: says neither KRAIT_FIELDS nor
#include <krait/object.hpp>
class node {
    std::string text_;
    explicit node(int) {}

  public:
    static auto create() { return krait::make<node>(krait::factory_key<node>(), 1); }
};
