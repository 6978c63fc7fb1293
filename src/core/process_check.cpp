#include "core/process_check.hpp"

#include "core/cache_check.hpp"
#include "core/heap_check.hpp"
#include "core/process_life.hpp"
#include "core/process_runs.hpp"
#include "core/run_heap_check.hpp"

namespace krait::process {

void check(findings& found) noexcept {
    record_type* const own = record_of_mine();
    {
        const inside_scope inside(own);
        if (!inside.is_in() || !the_heap.is_open()) return;
        settle(inside.own());
    }
    const os::lock_guard closing(os::the_gate.closing);
    const inside_scope inside(own);
    if (!inside.is_in()) return;
    if (close_gate(false, false)) {
        inside.own().cache.check(the_heap, found);
        the_threads.each([&](const record_type& each) { // others' bins may be in use this very moment
            if (&each != &inside.own()) each.cache.check_spares(the_heap, found);
        });
        the_depot.check(the_heap, found);
        the_heap.check(found);
        the_runs.check(found);
    }
    os::the_gate.open();
}

} // namespace krait::process
