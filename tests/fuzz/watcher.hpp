// A weak reference held from outside the graph, perhaps with a callback, or a krait::finalize; and what must be so about it.
//
//   dead  =>  called back;  called back  =>  dead, or garbage for a moment;  once, and never while it can be reached
#pragma once

#include "graph_objects.hpp"
#include "require.hpp"
#include "shadow_graph.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace krait::fuzz {

enum class way_to_watch : std::uint8_t { reference, callback, finalize };
inline constexpr std::array ways_to_watch{way_to_watch::reference, way_to_watch::callback, way_to_watch::finalize};

class watcher {
  public:
    // Only if it watches nothing so far. `react` is what the callback does.
    template <class React>
    void watch(shadow_graph& graph, const ref<node>& object, way_to_watch way, React react) {
        graph.watch(shadow_, object->id);
        is_called_back_ = way != way_to_watch::reference;
        switch (way) {
        case way_to_watch::reference:
            handle_ = weak<node>(object);
            break;
        case way_to_watch::callback:
            handle_ = weak<node>(object, [this, &graph, react](weak<node>& expired) {
                KRAIT_REQUIRE(expired.expired());
                called(graph);
                react();
            });
            break;
        case way_to_watch::finalize:
            ending_.emplace(object, [this, &graph, react] {
                called(graph);
                react();
            });
        }
    }

    // From now on the watcher must not be called.
    void forget(shadow_graph& graph) {
        if (shadow_.target != no_object) graph.unwatch(shadow_);
        if (ending_) ending_->detach();
        handle_.reset();
        ending_.reset();
        is_called_back_ = false;
        calls_ = 0;
    }

    // A weak reference leads to its object, garbage or not, until it is null.
    ref<node> look() const {
        ref<node> object = handle_.lock();
        KRAIT_REQUIRE(!object || object->id == shadow_.target);
        return object;
    }

    void check(const shadow_graph& graph) const {
        if (shadow_.target == no_object) return;
        if (!ending_) graph.check_handle(shadow_, handle_.expired());
        const bool must_be_called = !graph.is_alive(shadow_.target), may_be = shadow_.may_be_null;
        KRAIT_REQUIRE(!is_called_back_ || (calls_ == 1 ? must_be_called || may_be : !must_be_called));
    }

  private:
    void called(shadow_graph& graph) {
        KRAIT_REQUIRE(is_called_back_ && calls_++ == 0);
        KRAIT_REQUIRE(!graph.is_reachable(shadow_.target));
    }

    weak_handle shadow_;
    weak<node> handle_;
    std::optional<finalize> ending_;
    bool is_called_back_ = false;
    unsigned calls_ = 0;
};

} // namespace krait::fuzz
