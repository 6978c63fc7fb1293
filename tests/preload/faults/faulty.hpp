// What programs share that run while the system's calls fail (interposer.cpp). The calls fail from the start; each program
// does its work, taking ENOMEM for an answer, then ends the faults and does it again, when nothing may fail. At the end it holds
// what it held at the start, and krait finds no contradiction in itself.
#pragma once

#include "../../support/inspection.hpp"
#include <malloc.h>

namespace hazard {

// Blocks that are in use, of krait's and of the system allocator's.
struct holdings {
    std::uint64_t blocks = 0;
    long system_blocks = 0;

    static holdings now() {
        static auto* const held = looked_up<long()>("faults_blocks_held");
        collect();
        return {statistics().blocks_in_use, held != nullptr ? held() : 0};
    }
};

// The life of such a program: `work(may_fail)` under faults and after them. What it leaves behind: the table of this thread's
// large blocks and, for each of `stacks` that the threads library keeps, one of that library's.
template <class Work>
void live_with_faults(Work work, unsigned stacks = 0) {
    const holdings before = holdings::now();
    CHECK(nothing_contradicts());
    work(true);
    CHECK(nothing_contradicts());
    if (auto* const end = looked_up<void()>("faults_end")) end();
    work(false);
    const holdings after = holdings::now();
    CHECK(nothing_contradicts());
    if (after.blocks > before.blocks + stacks) fail("every block is back", __FILE__, __LINE__);
    if (after.system_blocks > before.system_blocks + 1 + static_cast<long>(stacks))
        fail("every block of the system allocator is back", __FILE__, __LINE__);
}

} // namespace hazard
