#include "debug/check.hpp"

#include "base/check.hpp"
#include "debug/last_words.hpp"
#include "debug/report.hpp"
#include "debug/session.hpp"
#include "os/thread.hpp"

#include <cstdlib>

namespace krait::debug {

fault fault_of(block looked_at, block_map::state is, shape& found) noexcept {
    if (KRAIT_UNLIKELY(!looked_at.read_shape(found) || !looked_at.is_head_whole(found))) return fault::before;
    if (KRAIT_UNLIKELY(!looked_at.is_tail_whole(found))) return fault::behind;
    return is == block_map::state::held && !looked_at.is_dead(found) ? fault::within : fault::none;
}

bool take(block_map::state is, std::uintptr_t start) noexcept {
    if (KRAIT_UNLIKELY(!the_session.blocks.clear(is, start))) return false;
    while (KRAIT_UNLIKELY(the_session.visited.load(std::memory_order_seq_cst) == start)) os::yield();
    return true;
}

std::size_t check_all(const char* finder, text* out) noexcept {
    std::size_t faults = 0;
    const os::signals_blocked until_done;
    const os::lock_guard guard(the_session.walking);
    the_session.blocks.for_each([&](std::uintptr_t start, block_map::state is) {
        the_session.visited.store(start, std::memory_order_seq_cst);
        if (the_session.blocks.has(is, start)) {
            shape found;
            const fault what = fault_of(block(start), is, found);
            if (KRAIT_UNLIKELY(what != fault::none)) {
                ++faults;
                if (out != nullptr) report_fault(*out, what, is, block(start), found, finder);
            }
        }
        the_session.visited.store(0, std::memory_order_seq_cst);
    });
    return faults;
}

void check_all(const char* finder) noexcept {
    std::size_t faults;
    {
        last_words words;
        faults = check_all(finder, &words.out());
    }
    if (KRAIT_LIKELY(faults == 0)) return;
    last_words::wait_until_written();
    std::abort();
}

} // namespace krait::debug
