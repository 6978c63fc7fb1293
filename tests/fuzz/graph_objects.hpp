// The objects that the collector's target makes, and who hears of their ends.
#pragma once

#include "shadow_graph.hpp"

#include <krait/object.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace krait::fuzz {

constexpr std::size_t node_edges = 4; // then one to a leaf, and one by the map of values
constexpr std::size_t leaf_edge = 4;
constexpr std::size_t map_edge = 5;
static_assert(map_edge + 1 == shadow_graph::edge_count);

// What a finalizer or a callback does to the graph.
enum class action : std::uint8_t { nothing, rescue, hang_on_root, drop_root, cut_edge, make, collect, fail };
struct reaction {
    action what = action::nothing;
    std::size_t root = 0;
};

struct final_node;

class listener {
  public:
    virtual void died(object_id id) = 0;
    virtual void finalized(final_node& object) = 0;

  protected:
    ~listener() = default;
};

inline listener* current_listener = nullptr;

struct leaf {
    object_id id;
    explicit leaf(object_id i) : id(i) {}
    leaf(const leaf&) = delete;
    leaf& operator=(const leaf&) = delete;
    ~leaf() { current_listener->died(id); }
    KRAIT_FIELDS();
};

struct node {
    object_id id;
    std::array<ref<node>, node_edges> to;
    ref<leaf> own_leaf;
    weak<node> watched;
    explicit node(object_id i) : id(i) {}
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    ~node() { current_listener->died(id); }
    KRAIT_FIELDS(to, own_leaf, watched);
};

struct final_node : node {
    reaction reacts;
    final_node(object_id i, reaction r) : node(i), reacts(r) {}
    void krait_finalize() { current_listener->finalized(*this); }
    KRAIT_FIELDS();
    KRAIT_BASES(node);
};

} // namespace krait::fuzz
