#include "core/process_check.hpp"

#include "core/cache_check.hpp"
#include "core/heap_check.hpp"
#include "core/process_life.hpp"
#include "os/clock.hpp"

namespace krait::process {

namespace {

// A pool is on its way for some instructions, or for as long as its thread is not run.
constexpr unsigned most_looks = 1000;

} // namespace

void check(findings& found) noexcept {
    open();
    cache_type& cache = this_cache;
    if (cache.now() == cache_type::state::aside) return;
    aside_scope const scope(cache);
    if (!the_heap.is_open()) return;
    cache.check(the_heap, found);
    the_depot.check(the_heap, found);
    std::size_t on_their_way = the_heap.check(found);
    for (unsigned looks = 1; on_their_way != 0 && looks < most_looks; ++looks) {
        os::sleep_ms(1);
        findings uncounted(nullptr);
        on_their_way = the_heap.check(uncounted);
    }
    found.equal({"process", 0}, "the number of pools that stay between a class and their arena", on_their_way, 0);
}

} // namespace krait::process
