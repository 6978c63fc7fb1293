// What a heap has besides its lists: settings, statistics, the program's callbacks. Made with the thread's first
// object.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <krait/object/heap.hpp>
#include <krait/object/ref.hpp>
#include <krait/object/type_record.hpp>
#include <krait/object/weak_cell.hpp>

namespace krait::gc {

// CPython's debug flags, with its values.
inline constexpr unsigned DEBUG_STATS = 1;         // each run is described on stderr
inline constexpr unsigned DEBUG_COLLECTABLE = 2;   // each object found unreachable is named
inline constexpr unsigned DEBUG_UNCOLLECTABLE = 4; // each object that could not be freed is named
inline constexpr unsigned DEBUG_SAVEALL = 32;      // unreachable objects go to garbage() instead of dying
inline constexpr unsigned DEBUG_LEAK = DEBUG_COLLECTABLE | DEBUG_UNCOLLECTABLE | DEBUG_SAVEALL;

enum class phase { start, stop };

struct run_info {
    int generation;
    std::size_t candidates;    // objects examined
    std::size_t collected;     // objects freed
    std::size_t uncollectable; // unreachable, but still referred to after their references were dropped
    double duration;           // seconds
};

struct generation_stats {
    std::size_t collections = 0;
    std::size_t collected = 0;
    std::size_t uncollectable = 0;
    std::size_t candidates = 0; // objects examined, and the seconds that it took: as in CPython's versions to come
    double duration = 0;
};

// Where automatic runs happen. CPython up to 3.11 runs inside the allocation, later versions at the next safe point.
enum class trigger { at_make, at_safe_point, off };

using callback = std::function<void(phase, const run_info&)>;
using cycle_handler = std::function<void(std::string_view path)>;

} // namespace krait::gc

namespace krait::detail {

struct exit_action; // finalize.hpp

struct heap_extras {
    std::array<gc::generation_stats, heap::generations> stats{};
    std::vector<gc::callback> callbacks;
    std::vector<ref<void>> garbage;
    gc::cycle_handler on_cycle;                                               // the no-cycles mode, if set
    void (*report_cycle)(gc_links& garbage, heap_extras&) noexcept = nullptr; // set with it
    unsigned debug = 0;
    gc::trigger when = gc::trigger::at_make;
    bool adaptive = true;
    std::size_t pressure_limit = std::size_t{64} << 20;
    std::size_t step_budget = 0; // objects; 0: full runs instead of incremental steps
    std::size_t garbage_bound = 1'000'000;
    std::size_t made_since_pass = 0; // net makes since the last complete pass, gens[0].count not included
    exit_action* exit_actions = nullptr;
    std::vector<void (*)() noexcept> at_end; // when the heap is closed
    std::vector<const type_record*> blamed;  // types already reported by forgotten_fields.hpp

    bool saves_all() const noexcept { return (debug & gc::DEBUG_SAVEALL) != 0; }

    bool wants_to_see_garbage() const noexcept { return (debug & gc::DEBUG_COLLECTABLE) != 0 || on_cycle; }

    void keep_as_garbage(object_head* head) noexcept {
        if ((debug & gc::DEBUG_UNCOLLECTABLE) != 0 && !saves_all()) name_object("uncollectable", head);
        try {
            garbage.push_back(ref_access::copy(object_of(head)));
        } catch (...) {
            report("no memory to keep an uncollectable object in gc::garbage()");
        }
    }

    void look_at_garbage(gc_links& list) noexcept {
        if ((debug & gc::DEBUG_COLLECTABLE) != 0)
            for_each(list, [this](object_head* head) { name_object("collectable", head); });
        if (on_cycle) report_cycle(list, *this);
    }

    void name_object(const char* what, const object_head* head) noexcept {
        const std::string_view type = record_of(head)->name;
        std::fprintf(stderr, "gc: %s <%.*s %p>\n", what, static_cast<int>(type.size()), type.data(), object_of(head));
    }
};

} // namespace krait::detail
