#include "core/process_check.hpp"

#include "core/cache_check.hpp"
#include "core/heap_check.hpp"
#include "core/process_life.hpp"

namespace krait::process {

void check(findings& found) noexcept {
    open();
    cache_type& cache = this_cache;
    if (cache.now() == cache_type::state::aside) return;
    aside_scope const scope(cache);
    if (!the_heap.is_open()) return;
    cache.check(the_heap, found);
    the_depot.check(the_heap, found);
    found.equal({"process", 0}, "the number of pools that stay between a class and their arena", the_heap.check(found),
                0);
}

} // namespace krait::process
