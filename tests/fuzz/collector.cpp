// The object layer's collector: makes, links and drops objects, with weak references, finalizers and callbacks that change the
// graph meanwhile, runs of every kind, and a shadow graph that says what may die and what must.
//
//   Every change is made in the shadow first: what the real graph then does at once must be allowed already.
//   end: no root is left ─► full runs ─► no object is left
#include "graph_objects.hpp"
#include "input.hpp"
#include "operations.hpp"
#include "require.hpp"
#include "shadow_graph.hpp"
#include "watcher.hpp"

#include <krait/object.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace gc = krait::gc;
using krait::ref;
using krait::weak;

namespace krait::fuzz {

namespace {

constexpr std::size_t most_objects = 1500;

class session final : public listener {
  public:
    explicit session(input from) : from_(from) { current_listener = this; }
    ~session() { current_listener = nullptr; }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    void run() {
        reports_expected = 0;
        gc::set_unraisable_hook([](std::string_view) { KRAIT_REQUIRE(reports_expected-- > 0); });
        choose_settings();
        while (!from_.is_over() && graph_.count() < most_objects) {
            operate();
            check();
            operations.add(1);
        }
        end();
    }

    void died(object_id id) override {
        graph_.died(id);
        ++deaths_;
    }

    void finalized(final_node& n) override {
        graph_.finalized(n.id);
        react(n.reacts, &n);
    }

  private:
    void operate() {
        graph_.begin_operation();
        switch (from_.below(24)) {
        case 0:
        case 1:
        case 2:
            return set_root(choose_root(), make_node(choose_kind()));
        case 3:
            return make_many();
        case 4:
        case 5:
        case 6:
        case 7:
            return set_edge(choose_root(), from_.below(node_edges), choose_root());
        case 8:
            return cut_edge(choose_root(), from_.below(node_edges));
        case 9:
        case 10:
            return set_root(choose_root(), {});
        case 11:
            return follow();
        case 12:
            return watch();
        case 13:
            return look();
        case 14:
            return watch_from_node();
        case 15:
            return hang_leaf();
        case 16:
            return change_map();
        case 17:
        case 18:
            return collect(static_cast<int>(from_.below(3)));
        case 19:
            return step();
        case 20:
            return freeze();
        case 21:
            return save_all();
        case 22:
            return choose_settings();
        default:
            return check_references();
        }
    }

    std::size_t choose_root() { return from_.below(shadow_graph::root_count); }
    kind choose_kind() { return from_.below(3) == 0 ? kind::final_node : kind::node; }
    reaction choose_reaction() { return {static_cast<action>(from_.below(8)), choose_root()}; }

    ref<node> make_node(kind of) {
        const object_id id = graph_.make(of);
        return of == kind::node ? krait::make<node>(id) : ref<node>(krait::make<final_node>(id, choose_reaction()));
    }

    static object_id id_of(const ref<node>& object) { return object ? object->id : no_object; }

    void set_root(std::size_t root, ref<node> to) {
        graph_.set_root(root, id_of(to));
        std::swap(roots_[root], to); // what was there dies last of all
    }

    void set_edge(std::size_t from, std::size_t edge, std::size_t to) {
        const ref<node> holder = roots_[from];
        if (holder && roots_[to]) set_edge(holder, edge, roots_[to]);
    }

    void set_edge(const ref<node>& holder, std::size_t edge, ref<node> to) {
        graph_.set_edge(holder->id, edge, id_of(to));
        std::swap(holder->to[edge], to);
    }

    void cut_edge(std::size_t from, std::size_t edge) {
        const ref<node> holder = roots_[from];
        if (holder) set_edge(holder, edge, {});
    }

    // A chain of many, closed to a ring or not: as a root and nothing else.
    void make_many() {
        const std::size_t root = choose_root(), count = 1 + from_.below(256);
        const bool is_ring = from_.below(2) == 0;
        const kind of = choose_kind();
        const ref<node> first = make_node(of);
        ref<node> last = first;
        for (std::size_t i = 1; i < count && graph_.count() < most_objects; ++i) {
            const ref<node> next = make_node(of);
            set_edge(last, 0, next);
            last = next;
        }
        if (is_ring) set_edge(last, 0, first);
        set_root(root, first);
    }

    void follow() {
        const ref<node> holder = roots_[choose_root()];
        if (holder) set_root(choose_root(), holder->to[from_.below(node_edges)]);
    }

    void react(reaction to, final_node* self) {
        if (to.what == action::nothing) return;
        has_reacted_ = true;
        switch (to.what) {
        case action::rescue:
            return set_root(to.root, self != nullptr ? krait::ref_to<node>(*self) : ref<node>());
        case action::hang_on_root:
            if (self != nullptr && roots_[to.root])
                set_edge(roots_[to.root], to.root % node_edges, krait::ref_to<node>(*self));
            return;
        case action::drop_root:
            return set_root(to.root, {});
        case action::cut_edge:
            return cut_edge(to.root, 0);
        case action::make:
            return set_root(to.root, make_plain());
        case action::collect:
            gc::collect();
            return;
        case action::fail:
            ++reports_expected;
            throw std::runtime_error("of a finalizer or a callback");
        case action::nothing:
            return;
        }
    }

    ref<node> make_plain() {
        return graph_.count() < 2 * most_objects ? krait::make<node>(graph_.make(kind::node)) : ref<node>();
    }

    void watch() {
        const ref<node> object = roots_[choose_root()];
        watcher& w = watchers_[from_.below(watchers_.size())];
        if (!object) return;
        w.forget(graph_);
        const reaction reacts = choose_reaction();
        w.watch(graph_, object, from_.pick(ways_to_watch), [this, reacts] { react(reacts, nullptr); });
    }

    void look() {
        const watcher& w = watchers_[from_.below(watchers_.size())];
        if (const ref<node> object = w.look()) set_root(choose_root(), object);
    }

    // A weak reference inside the graph, whose callback is not called if it is garbage itself.
    void watch_from_node() {
        const ref<node> holder = roots_[choose_root()], object = roots_[choose_root()];
        if (!holder || !object) return;
        const reaction reacts = choose_reaction();
        holder->watched = weak<node>(object, [this, reacts, id = object->id, calls = 0](weak<node>& expired) mutable {
            KRAIT_REQUIRE(expired.expired() && ++calls == 1 && !graph_.is_reachable(id));
            react(reacts, nullptr);
        });
    }

    void hang_leaf() {
        const ref<node> holder = roots_[choose_root()];
        if (!holder) return;
        const object_id id = graph_.make(kind::leaf);
        ref<leaf> made = krait::make<leaf>(id);
        graph_.set_edge(holder->id, leaf_edge, id);
        std::swap(holder->own_leaf, made);
    }

    void change_map() {
        const ref<node> key = roots_[choose_root()], value = roots_[choose_root()];
        if (!key) return;
        graph_.set_edge(key->id, map_edge, id_of(value));
        if (value)
            values_.insert(key, value);
        else
            values_.erase(key);
    }

    void collect(int generation) {
        if (generation == 2) return collect_everything();
        const std::size_t garbage = graph_.count_garbage();
        deaths_ = 0;
        has_reacted_ = false;
        const std::size_t found = gc::collect(generation);
        KRAIT_REQUIRE(has_reacted_ || (found <= garbage && found <= deaths_));
    }

    // Until nothing reacts any more: then exactly the garbage has gone. A finalizer runs once, so that it ends.
    void collect_everything() {
        do {
            graph_.begin_operation();
            const std::size_t garbage = graph_.count_garbage();
            deaths_ = cycles_described_ = 0;
            has_reacted_ = false;
            const std::size_t found = gc::collect();
            if (has_reacted_) continue;
            KRAIT_REQUIRE(found == garbage && deaths_ >= garbage);
            KRAIT_REQUIRE(!describes_cycles_ || (cycles_described_ != 0) == (garbage != 0));
        } while (has_reacted_);
        graph_.check_collected();
    }

    void step() {
        const std::size_t garbage = graph_.count_garbage();
        has_reacted_ = false;
        const std::size_t found = gc::step(1 + from_.below(200));
        KRAIT_REQUIRE(has_reacted_ || found <= garbage);
    }

    void freeze() {
        if (from_.below(2) == 0) {
            graph_.freeze();
            gc::freeze();
        } else {
            graph_.unfreeze();
            gc::unfreeze();
        }
        KRAIT_REQUIRE(gc::get_freeze_count() == graph_.count_frozen());
    }

    // The garbage is kept for a look, then let go.
    void save_all() {
        const std::size_t garbage = graph_.count_garbage();
        has_reacted_ = false;
        deaths_ = 0;
        gc::set_debug(gc::DEBUG_SAVEALL);
        gc::collect();
        gc::set_debug(0);
        KRAIT_REQUIRE(has_reacted_ || (gc::garbage().size() == garbage && deaths_ == 0));
        gc::garbage().clear();
    }

    void choose_settings() {
        static constexpr std::array<std::uint32_t, 4> thresholds{2000, 1, 20, 0};
        static constexpr std::array<std::size_t, 4> budgets{0, 1, 20, 500};
        static constexpr std::array<gc::trigger, 4> triggers{gc::trigger::at_make, gc::trigger::at_make,
                                                             gc::trigger::at_safe_point, gc::trigger::off};
        gc::set_threshold(from_.pick(thresholds), 2, 2);
        gc::set_incremental(from_.pick(budgets));
        gc::set_trigger(from_.pick(triggers));
        gc::set_adaptive(from_.below(2) == 0);
        gc::set_garbage_bound(from_.below(2) == 0 ? 1'000'000 : 30);
        gc::set_pressure_limit(from_.below(2) == 0 ? std::size_t{64} << 20 : 1000);
        gc::memory_pressure(from_.once_in(4) ? 2000 : 0);
        describes_cycles_ = from_.once_in(4);
        gc::forbid_cycles(describes_cycles_ ? gc::cycle_handler([this](std::string_view path) {
            KRAIT_REQUIRE(path.find(" -> ") != path.npos);
            ++cycles_described_;
        })
                                            : gc::cycle_handler());
        gc::safe_point();
    }

    void check() {
        graph_.check_counted();
        KRAIT_REQUIRE(reports_expected == 0);
        for (const watcher& w : watchers_) w.check(graph_);
    }

    void check_references() const {
        std::size_t in_map = 0;
        for (object_id id = 0; id < static_cast<object_id>(graph_.count()); ++id)
            in_map += graph_.edge(id, map_edge) != no_object;
        KRAIT_REQUIRE(values_.size() == in_map);
        for (const ref<node>& root : roots_) {
            if (!root) continue;
            KRAIT_REQUIRE(root.use_count() == graph_.references_to(root->id));
            for (std::size_t i = 0; i < node_edges; ++i) KRAIT_REQUIRE(id_of(root->to[i]) == graph_.edge(root->id, i));
        }
    }

    void end() {
        check_references();
        graph_.unfreeze();
        gc::unfreeze();
        gc::disable();
        do { // again and again, for what finalizers rescue or make
            for (std::size_t root = 0; root < roots_.size(); ++root) set_root(root, {});
            collect_everything();
        } while (std::any_of(roots_.begin(), roots_.end(), [](const auto& root) { return root != nullptr; }));
        check();
        gc::enable();
        KRAIT_REQUIRE(graph_.count_alive() == 0);
        KRAIT_REQUIRE(gc::get_objects().empty() && gc::garbage().empty());
        for (watcher& w : watchers_) w.forget(graph_);
        gc::forbid_cycles({});
    }

    static inline int reports_expected = 0; // by the hook, which knows no session

    input from_;
    shadow_graph graph_;
    std::array<ref<node>, shadow_graph::root_count> roots_;
    std::array<watcher, 12> watchers_;
    weak_key_map<node, ref<node>> values_;
    bool has_reacted_ = false;
    bool describes_cycles_ = false;
    std::size_t deaths_ = 0;
    std::size_t cycles_described_ = 0;
};

} // namespace

} // namespace krait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    krait::fuzz::session(krait::fuzz::input({data, size})).run();
    return 0;
}
