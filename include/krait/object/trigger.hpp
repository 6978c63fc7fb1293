// When the collector runs, and what surrounds a run: statistics, callbacks, the bookkeeping of generations.
//
// CPython's rule: a make() of a tracked object that takes generation 0 above its threshold runs the oldest generation
// that is above its own; the oldest generation only if the survivors of the middle one, since the last full run, are a
// quarter of those of that run, which keeps the total work linear in the heap's growth.
// Beyond CPython, unless gc::set_adaptive(false): a generation whose runs free less than 1/16 of what they examine
// doubles its threshold for the time being, up to 8 times, and the quarter becomes a half, one, then two; a run that
// does free something restores it.
// No run starts in the middle of a death (heap::may_run()): what is due then is left to the first make() or
// safe_point() after it. The end of the outermost death would be too early: the container that dropped the object is
// not done yet.
#pragma once

#include <cstddef>

#include <krait/object/heap_extras.hpp>

namespace krait::detail {

// After a change of a setting.
void update_limit(heap& h) noexcept;
void clear_freelists(heap& h) noexcept;

// Collects the generation and the younger ones. `last`: the thread ends, the allocator need not be troubled.
std::size_t collect(heap& h, int generation, bool last = false) noexcept;
// The generation that is due, if any.
std::size_t collect_due(heap& h) noexcept;
std::size_t step(heap& h, std::size_t budget) noexcept; // impl/incremental.hpp

} // namespace krait::detail

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/impl/incremental.hpp>
#include <krait/object/impl/trigger.hpp>
#endif
