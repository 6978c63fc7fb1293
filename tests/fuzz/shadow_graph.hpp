// The shadow of an object graph: which objects live, who refers to whom, and so what the collector may and must do.
//
//   reachable = led to from a root
//   An object that dies is not reachable, and finalized before if it has a finalizer.
//   An object that is finalized, once, is not reachable, or was not when the operation began: a run finalizes all of its garbage,
//   whatever the first finalizers bring back.
//   References     = roots and edges of living objects that lead to it. Without any it is dead at once.
//   Full run       => alive = led to from a root or from a frozen object
//   weak handle    null once its target is dead; valid as long as the target has been reachable all along
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace krait::fuzz {

using object_id = int;
inline constexpr object_id no_object = -1;

enum class kind { leaf, node, final_node }; // leaves are acyclic: the collector never sees them

struct weak_handle {
    object_id target = no_object;
    bool may_be_null = true; // its target was garbage at some moment, and perhaps came back
};

class shadow_graph {
  public:
    static constexpr std::size_t root_count = 16;
    static constexpr std::size_t edge_count = 6;

    // Another operation begins: what was garbage in the last one does not count any more.
    void begin_operation();

    object_id make(kind of);
    void set_root(std::size_t root, object_id to);
    void set_edge(object_id from, std::size_t edge, object_id to);
    object_id root(std::size_t number) const { return roots_[number]; }
    object_id edge(object_id from, std::size_t number) const { return at(from).edges[number]; }

    // Events of the real graph: they must be allowed.
    void finalized(object_id id);
    void died(object_id id);

    // All tracked objects leave the collector's sight, or come back.
    void freeze();
    void unfreeze();
    std::size_t count_frozen() const;

    void watch(weak_handle& handle, object_id target);
    void unwatch(weak_handle& handle);
    // What a look at the handle shows must be right.
    void check_handle(const weak_handle& handle, bool is_null) const;

    bool is_alive(object_id id) const { return at(id).is_alive; }
    bool is_reachable(object_id id);
    std::size_t count() const { return objects_.size(); } // ever made
    std::size_t count_alive() const;
    std::size_t references_to(object_id id) const;

    // Living objects that a full run must collect, leaves not counted.
    std::size_t count_garbage();
    // Nothing lives that a full run would have collected.
    void check_collected();
    // Nothing lives that nobody refers to.
    void check_counted() const;

  private:
    struct object {
        kind is;
        bool is_alive = true;
        bool is_finalized = false;
        bool is_frozen = false;
        bool was_garbage = false; // at some moment of this operation
        std::array<object_id, edge_count> edges{no_object, no_object, no_object, no_object, no_object, no_object};
    };

    object& at(object_id id) { return objects_[static_cast<std::size_t>(id)]; }
    const object& at(object_id id) const { return objects_[static_cast<std::size_t>(id)]; }
    std::vector<bool> led_to(bool from_frozen_too) const;
    // Brings `reachable_` up to date. What is not in it is garbage, and weak handles to it may become null from now on.
    void look();

    std::vector<object> objects_;
    std::array<object_id, root_count> roots_ = [] {
        std::array<object_id, root_count> none;
        none.fill(no_object);
        return none;
    }();
    std::vector<weak_handle*> handles_;
    std::vector<bool> reachable_;
    bool is_stale_ = true;
};

} // namespace krait::fuzz
