// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
#include <map>
struct node;
class edge {
  public:
    explicit edge(krait::ref<node> n) : to_(n) {}

  private:
    krait::ref<node> to_;
};
struct node {
    std::map<int, edge> edges;
};
auto bad() { return krait::make<node>(); }
