// The runs of the collector, and what surrounds them.
#pragma once

#include <cstdio>

#include <krait/object/clock.hpp>
#include <krait/object/collector.hpp>
#include <krait/object/forgotten_fields.hpp>
#include <krait/object/trigger.hpp>

extern "C" {
// krait's own: gives all free memory back to the system, returns the bytes. Null unless krait is the allocator.
[[gnu::weak]] std::size_t krait_collect(void);
}

namespace krait::detail {

inline constexpr std::uint32_t max_unproductive = 3;

inline std::uint64_t effective_threshold(const heap& h, int generation) noexcept {
    const auto& g = h.gens[static_cast<std::size_t>(generation)];
    return static_cast<std::uint64_t>(g.threshold) << (h.extras->adaptive ? g.unproductive : 0);
}

inline bool pressed(const heap& h) noexcept { return h.pressure > h.extras->pressure_limit; }

KRAIT_OBJECT_DECL void update_limit(heap& h) noexcept {
    const std::uint64_t threshold = effective_threshold(h, 0);
    h.limit = h.closed                                                                 ? 0
              : !h.enabled || threshold == 0 || h.extras->when != gc::trigger::at_make ? heap::always_slow
              : pressed(h)                                                             ? 0
              : threshold < heap::always_slow ? static_cast<std::uint32_t>(threshold)
                                              : heap::always_slow;
}

inline void call_back(heap_extras& extras, gc::phase phase, const gc::run_info& info) noexcept {
    for (std::size_t i = 0; i < extras.callbacks.size(); ++i) {
        try {
            const gc::callback f = extras.callbacks[i]; // a copy: the callback may change the list
            f(phase, info);
        } catch (...) {
            report_exception("a gc callback", phase == gc::phase::start ? "phase start" : "phase stop");
        }
    }
}

KRAIT_OBJECT_DECL void clear_freelists(heap& h) noexcept {
    for (freelist_base* list = h.freelists; list != nullptr; list = list->next_list) list->clear();
    while (weak_cell* const cell = h.spare_cells) {
        h.spare_cells = cell->next_spare;
        delete_cell(cell);
    }
}

inline void learn(generation& g, const run_outcome& outcome) noexcept {
    if (outcome.collected * 16 >= outcome.candidates)
        g.unproductive = 0;
    else if (g.unproductive < max_unproductive)
        ++g.unproductive;
}

// The start and stop of a run, around `body`, which returns its outcome. The heap is collecting meanwhile.
template <class Body>
std::size_t surrounded(heap& h, int generation, Body&& body) noexcept {
    heap_extras& extras = *h.extras;
    h.collecting = true;
    if (!extras.callbacks.empty()) call_back(extras, gc::phase::start, {generation, 0, 0, 0, 0});
    const double begin = seconds_now();
    const run_outcome outcome = body();
    gc::generation_stats& stats = extras.stats[static_cast<std::size_t>(generation)];
    ++stats.collections;
    stats.collected += outcome.collected;
    stats.uncollectable += outcome.uncollectable;
    stats.candidates += outcome.candidates;
    const double duration = seconds_now() - begin;
    stats.duration += duration;
    if ((extras.debug & gc::DEBUG_STATS) != 0)
        std::fprintf(stderr, "gc: generation %d: %zu examined, %zu unreachable, %zu uncollectable, %.4fs\n", generation,
                     outcome.candidates, outcome.collected + outcome.uncollectable, outcome.uncollectable, duration);
    if (!extras.callbacks.empty())
        call_back(extras, gc::phase::stop,
                  {generation, outcome.candidates, outcome.collected, outcome.uncollectable, duration});
    h.collecting = false;
    update_limit(h);
    return outcome.collected + outcome.uncollectable;
}

inline void zero_counts(heap& h, int generation) noexcept {
    h.extras->made_since_pass += h.gens[0].count;
    for (int i = 0; i <= generation; ++i) h.gens[static_cast<std::size_t>(i)].count = 0;
}

KRAIT_OBJECT_DECL std::size_t collect(heap& h, int generation, bool last) noexcept {
    constexpr int oldest = heap::generations - 1;
    const bool full = generation == oldest;
    return surrounded(h, generation, [&] {
        if (!full) ++h.gens[static_cast<std::size_t>(generation) + 1].count;
        zero_counts(h, generation);
        gc_links& young = h.gens[static_cast<std::size_t>(generation)].list;
        gc_links& older = full ? young : h.gens[static_cast<std::size_t>(generation) + 1].list;
        for (int i = generation - 1; i >= 0; --i) splice(young, h.gens[static_cast<std::size_t>(i)].list);
        if (full) splice(young, h.visited);

        const auto survivors = static_cast<place>(full ? generation : generation + 1);
        const examined_set set{0, static_cast<std::uint64_t>(generation)};
        const auto survived = [&](std::size_t number) {
            if (full) {
                h.long_lived_total = number;
                h.long_lived_pending = h.pressure = h.extras->made_since_pass = 0;
            } else {
                if (generation == oldest - 1) h.long_lived_pending += number;
                splice(older, young);
            }
        };
        const run_outcome outcome = run(young, older, set, survivors, *h.extras, survived);
        learn(h.gens[static_cast<std::size_t>(generation)], outcome);
        if (full) {
            if constexpr (checked) report_forgotten_fields(young, *h.extras);
            clear_freelists(h);
            if (!last && krait_collect != nullptr) krait_collect();
        }
        return outcome;
    });
}

KRAIT_OBJECT_DECL std::size_t collect_due(heap& h) noexcept {
    if (pressed(h)) return collect(h, heap::generations - 1);
    for (int i = heap::generations - 1; i >= 0; --i) {
        if (h.gens[static_cast<std::size_t>(i)].count <= effective_threshold(h, i)) continue;
        if (i == heap::generations - 1) {
            const std::uint32_t relaxed = h.extras->adaptive ? h.gens[2].unproductive : 0;
            if (h.long_lived_pending < (h.long_lived_total / 4) << relaxed) continue;
            if (h.extras->step_budget != 0) return step(h, h.extras->step_budget);
        }
        return collect(h, i);
    }
    return 0;
}

[[gnu::noinline]] KRAIT_OBJECT_DECL bool heap::adopt_slow() {
    if (closed) return false;
    if (may_run()) collect_due(*this);
    return true;
}

} // namespace krait::detail
