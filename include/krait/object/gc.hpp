// krait::gc: CPython's gc module for the calling thread's heap, and what C++ programs ask for beyond it.
//
// Every function concerns the objects made by the calling thread, and may be called at any time of its life, also from
// finalizers and callbacks, but for get_referrers(). Names and meanings are CPython's where it has the thing.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <krait/object/clock.hpp>
#include <krait/object/lifetime.hpp>
#include <krait/object/make.hpp>
#include <krait/object/no_cycles.hpp>
#include <krait/object/trigger.hpp>

namespace krait::gc {

// What looks into all objects cannot do so now: a run of the collector or an object's death is under way in this
// thread, or a gc::postpone says so. A container may then be half changed: one that is clearing itself has freed
// elements that it still knows.
struct not_now : std::logic_error {
    using std::logic_error::logic_error;
};

// Runs the collector over a generation, 0 to 2, and the younger ones; 2, everything, also gives the free lists' blocks
// back, and the allocator's free memory if that is krait. Returns the number of unreachable objects, uncollectable ones
// included; 0, without a run, in the middle of a run or of an object's death: in finalizers, destructors of objects and
// callbacks, because a container whose element has just died may be half changed. Works while automatic runs are
// disabled. Throws std::invalid_argument.
inline std::size_t collect(int generation = 2) {
    if (generation < 0 || generation >= detail::heap::generations) throw std::invalid_argument("invalid generation");
    detail::heap& h = detail::started_heap();
    return h.may_run() ? detail::collect(h, generation) : 0;
}

namespace internal {
// The settings; a throw-away copy once the thread's heap is closed.
inline detail::heap_extras& extras() {
    detail::heap& h = detail::started_heap();
    if (h.extras != nullptr) return *h.extras;
    static thread_local detail::heap_extras* const afterwards = new detail::heap_extras;
    return *afterwards;
}
inline void changed() noexcept {
    if (detail::heap& h = detail::this_heap(); !h.closed) detail::update_limit(h);
}
} // namespace internal

// Automatic runs, on by default.
inline void enable() {
    detail::started_heap().enabled = true;
    internal::changed();
}
inline void disable() {
    detail::started_heap().enabled = false;
    internal::changed();
}
inline bool isenabled() { return detail::this_heap().enabled; }

// Sets the thresholds, (2000, 10, 10) by default. What is left out stays. threshold0 == 0 turns automatic runs off.
// They stay as set: nothing in the layer changes them (set_adaptive() works on top of them).
inline void set_threshold(std::uint32_t threshold0, std::optional<std::uint32_t> threshold1 = {},
                          std::optional<std::uint32_t> threshold2 = {}) {
    auto& gens = detail::started_heap().gens;
    gens[0].threshold = threshold0;
    if (threshold1) gens[1].threshold = *threshold1;
    if (threshold2) gens[2].threshold = *threshold2;
    internal::changed();
}
inline std::array<std::uint32_t, 3> get_threshold() {
    const auto& gens = detail::this_heap().gens;
    return {gens[0].threshold, gens[1].threshold, gens[2].threshold};
}
// Makes - deaths since the last run; runs of generation 0 since the last of 1; runs of generation 1 since the last
// of 2.
inline std::array<std::uint32_t, 3> get_count() {
    const auto& gens = detail::this_heap().gens;
    return {gens[0].count, gens[1].count, gens[2].count};
}
inline std::array<generation_stats, 3> get_stats() { return internal::extras().stats; }

// Called at the start and at the end of every run, in order. Callbacks may change the list, and anything else, but not
// start another run. What they throw is reported.
inline std::vector<callback>& callbacks() { return internal::extras().callbacks; }

// Unreachable objects that could not be freed (something refers to them in a way that their fields do not tell and
// that only came up when they were taken apart), or all unreachable ones under DEBUG_SAVEALL. Clear it to let go.
inline std::vector<ref<void>>& garbage() { return internal::extras().garbage; }

inline void set_debug(unsigned flags) { internal::extras().debug = flags; }
inline unsigned get_debug() { return internal::extras().debug; }

template <class T>
bool is_tracked(const ref<T>& object) noexcept {
    return object && detail::is_tracked(detail::head_of(object.get()));
}
// Whether the object's finalizer has run.
template <class T>
bool is_finalized(const ref<T>& object) noexcept {
    return object && (detail::head_of(object.get())->word & detail::finalized_bit) != 0;
}
// The name of the object's own type, whatever the reference's.
template <class T>
std::string_view type_of(const ref<T>& object) noexcept {
    return object ? detail::record_of(detail::head_of(object.get()))->name : std::string_view{};
}

namespace internal {
template <class F>
void for_each_tracked(std::optional<int> generation, F&& f) {
    detail::heap& h = detail::started_heap();
    for (int i = 0; i < detail::heap::generations; ++i)
        if (!generation || *generation == i) detail::for_each(h.gens[static_cast<std::size_t>(i)].list, f);
    if (!generation || *generation == 2) detail::for_each(h.visited, f);
}
inline void refuse_half_changed() {
    const detail::heap& h = detail::started_heap();
    if (h.collecting || h.nesting != 0 || h.postponed != 0)
        throw not_now("objects cannot be looked into in the middle of a collection, of an object's death or of a "
                      "gc::postpone: containers may be half changed");
}
inline void visit_references(detail::object_head* head, detail::edge_visitor& visitor) {
    if (const auto visit = detail::record_of(head)->visit) visit(detail::object_of(head), visitor);
    if (const detail::weak_cell* const cell = detail::cell_of(head))
        for (auto* a = cell->attachments; a != nullptr; a = a->next) a->visit(visitor);
}
} // namespace internal

// All tracked objects, of one generation if given; not the frozen ones. Throws std::invalid_argument.
inline std::vector<ref<void>> get_objects(std::optional<int> generation = {}) {
    if (generation && (*generation < 0 || *generation >= detail::heap::generations))
        throw std::invalid_argument("invalid generation");
    std::vector<ref<void>> objects;
    internal::for_each_tracked(generation, [&](detail::object_head* head) {
        objects.push_back(detail::ref_access::copy(detail::object_of(head)));
    });
    return objects;
}

// Those that make<T>() made: T itself, not classes derived from it.
template <class T>
std::vector<ref<T>> get_objects(std::optional<int> generation = {}) {
    static_assert(!acyclic_v<T>, "krait: objects of a type that cannot be part of a cycle are not tracked: no list has "
                                 "them");
    if (generation && (*generation < 0 || *generation >= detail::heap::generations))
        throw std::invalid_argument("invalid generation");
    std::vector<ref<T>> objects;
    internal::for_each_tracked(generation, [&](detail::object_head* head) {
        const detail::type_record* const record = detail::record_of(head);
        // Shared libraries may each have a record of T.
        if (record == &detail::record<T> || record->name == detail::type_name<T>())
            objects.push_back(detail::ref_access::copy(static_cast<T*>(detail::object_of(head))));
    });
    return objects;
}

// The tracked objects that refer to any of the given ones, each once. Looks into every tracked object: for debugging.
// Throws not_now.
template <class... T>
std::vector<ref<void>> get_referrers(const ref<T>&... objects) {
    internal::refuse_half_changed();
    std::vector<ref<void>> referrers;
    internal::for_each_tracked({}, [&](detail::object_head* head) {
        bool refers = false;
        detail::edge_function look(
            [&](detail::object_head* target) { refers |= ((detail::ref_access::head(objects) == target) || ...); });
        internal::visit_references(head, look);
        if (refers) referrers.push_back(detail::ref_access::copy(detail::object_of(head)));
    });
    return referrers;
}

// The objects that the given ones refer to, once for each reference, in the order of the fields.
template <class... T>
std::vector<ref<void>> get_referents(const ref<T>&... objects) {
    std::vector<ref<void>> referents;
    detail::edge_function look(
        [&](detail::object_head* target) { referents.push_back(detail::ref_access::copy(detail::object_of(target))); });
    const auto visit = [&](detail::object_head* head) {
        if (head != nullptr) internal::visit_references(head, look);
    };
    (visit(detail::ref_access::head(objects)), ...);
    return referents;
}

// Puts all tracked objects out of the collector's sight, in the permanent generation; unfreeze() puts what is there
// into the oldest. A parent that is about to fork freezes, so that collections in the child do not write to shared
// pages.
inline void freeze() {
    detail::heap& h = detail::started_heap();
    const auto move = [&](detail::gc_links& list) {
        detail::for_each(list, [](detail::object_head* head) { detail::set_place(head, detail::place::permanent); });
        detail::splice(h.permanent, list);
    };
    for (auto& generation : h.gens) {
        move(generation.list);
        generation.count = 0;
    }
    move(h.visited);
}
inline void unfreeze() {
    detail::heap& h = detail::started_heap();
    detail::for_each(h.permanent, [](detail::object_head* head) { detail::set_place(head, detail::place::old); });
    detail::splice(h.gens[2].list, h.permanent);
}
inline std::size_t get_freeze_count() {
    std::size_t count = 0;
    detail::for_each(detail::started_heap().permanent, [&](detail::object_head*) { ++count; });
    return count;
}

// ---- beyond CPython

// Where automatic runs happen: in make() (the default), only in safe_point(), or nowhere.
inline void set_trigger(trigger when) {
    internal::extras().when = when;
    internal::changed();
}
inline trigger get_trigger() { return internal::extras().when; }

// Runs what is due: the end of a frame, of a request. Returns the number of unreachable objects. Like every run, not in
// the middle of a death.
inline std::size_t safe_point() {
    detail::heap& h = detail::started_heap();
    if (!h.may_run() || !h.enabled || h.gens[0].threshold == 0) return 0;
    return detail::collect_due(h);
}

// While one exists, no run starts in this thread: make() leaves what is due for later, collect() returns 0. For what
// the layer cannot know: the destructor, noexcept move or hash function of a plain value (no object of make()'s)
// that is an element of a container inside an object. The container is half changed while it calls them, so they
// must not collect, and must hold one of these if they make objects. Checked builds abort with a message when a run
// meets such a container.
class postpone {
  public:
    postpone() noexcept { ++detail::this_heap().postponed; }
    postpone(const postpone&) = delete;
    postpone& operator=(const postpone&) = delete;
    ~postpone() { --detail::this_heap().postponed; }
};

// Whether generations whose runs find nothing run less often, up to 8 times (the default), or CPython's rule holds.
inline void set_adaptive(bool adaptive) {
    internal::extras().adaptive = adaptive;
    internal::changed();
}
inline bool get_adaptive() { return internal::extras().adaptive; }

// One step of the incremental collector: all young objects and about `budget` old ones are examined. Returns the number
// of unreachable objects. See impl/incremental.hpp for what it finds and what it leaves.
inline std::size_t step(std::size_t budget) {
    detail::heap& h = detail::started_heap();
    return h.may_run() ? detail::step(h, budget) : 0;
}
// Steps of 1,000 objects until the time, a std::chrono::duration, is over or nothing is left to examine in this pass.
template <detail::duration D>
std::size_t step(const D& time) {
    const double end = detail::seconds_now() + detail::in_seconds(time);
    std::size_t collected = 0;
    do {
        collected += step(std::size_t{1000});
    } while (detail::seconds_now() < end && !detail::is_empty(detail::this_heap().visited) &&
             detail::this_heap().may_run());
    return collected;
}
// Automatic runs of the oldest generation become steps of this many objects; 0, the default: full runs.
inline void set_incremental(std::size_t budget) { internal::extras().step_budget = budget; }
// How many objects may be made, beyond those that died, between two complete passes before a step becomes a full run;
// a million by default. Bounds the garbage that steps leave behind.
inline void set_garbage_bound(std::size_t objects) { internal::extras().garbage_bound = objects; }

// Tells that tracked objects hold this many more bytes that the collector cannot see (fewer, if negative): when they
// add up to more than the limit, 64 MiB unless set, since the last full run, the next trigger makes a full run.
inline void memory_pressure(std::ptrdiff_t bytes) {
    detail::heap& h = detail::started_heap();
    if (bytes >= 0)
        h.pressure += static_cast<std::size_t>(bytes);
    else if (const std::size_t fewer = static_cast<std::size_t>(-(bytes + 1)) + 1; fewer < h.pressure)
        h.pressure -= fewer;
    else
        h.pressure = 0;
    internal::changed();
}
inline void set_pressure_limit(std::size_t bytes) {
    internal::extras().pressure_limit = bytes;
    internal::changed();
}

// The no-cycles mode: from now on each run that finds garbage describes one cycle in it to the handler, as
// "node.to[0] -> node.up -> node", with the field names that KRAIT_FIELDS gives and positions otherwise. The cycle is
// collected nevertheless. An empty handler ends the mode.
template <class Handler = cycle_handler>
void forbid_cycles(Handler handler) {
    detail::heap_extras& extras = internal::extras();
    extras.on_cycle = std::move(handler);
    extras.report_cycle = detail::report_cycle<detail::object_head>;
}

struct freelist_info {
    std::string_view type;
    std::size_t size;   // blocks in the list
    std::size_t limit;  // the most it keeps
    std::size_t reused; // makes that it has served
};
// The free lists of the types that the calling thread has made.
inline std::vector<freelist_info> get_freelists() {
    std::vector<freelist_info> lists;
    for (const auto* list = detail::started_heap().freelists; list != nullptr; list = list->next_list)
        lists.push_back({list->record->name, list->size, list->limit, list->reused});
    return lists;
}

} // namespace krait::gc
