// What programs share that run while the system's calls fail (interposer.cpp). The calls fail from the start; each program
// does its work, taking ENOMEM for an answer, then ends the faults and does it again, when nothing may fail. At the end it holds
// what it held at the start, and krait finds no contradiction in itself.
#pragma once

#include "../hazard.hpp"
#include <dlfcn.h>
#include <krait/stats.h>
#include <malloc.h>

namespace hazard {

/// A function of krait's or of libfaults.so's; nullptr without that library.
template <class Function>
Function* preloaded(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

inline krait_stats statistics() {
    static auto* const get = preloaded<std::size_t(krait_stats*, std::size_t)>("krait_stats_get");
    krait_stats now{};
    if (get != nullptr) get(&now, sizeof now);
    return now;
}

inline void collect() {
    static auto* const krait_collect = preloaded<std::size_t()>("krait_collect");
    if (krait_collect != nullptr) krait_collect();
}

inline void check_library() {
    static auto* const krait_check = preloaded<std::size_t(int)>("krait_check");
    if (krait_check != nullptr && krait_check(STDERR_FILENO) != 0) fail("krait_check() == 0", __FILE__, __LINE__);
}

/// Blocks that are in use, of krait's and of the system allocator's.
struct holdings {
    std::uint64_t blocks = 0;
    long system_blocks = 0;

    static holdings now() {
        static auto* const held = preloaded<long()>("faults_blocks_held");
        collect();
        return {statistics().blocks_in_use, held != nullptr ? held() : 0};
    }
};

/// The life of such a program: `work(may_fail)` under faults and after them. What it leaves behind: the table of this thread's
/// large blocks and, for each of `stacks` that the threads library keeps, one of that library's.
template <class Work>
void live_with_faults(Work work, unsigned stacks = 0) {
    holdings const before = holdings::now();
    check_library();
    work(true);
    check_library();
    if (auto* const end = preloaded<void()>("faults_end")) end();
    work(false);
    holdings const after = holdings::now();
    check_library();
    if (after.blocks > before.blocks + stacks) fail("every block is back", __FILE__, __LINE__);
    if (after.system_blocks > before.system_blocks + 1 + static_cast<long>(stacks))
        fail("every block of the system allocator is back", __FILE__, __LINE__);
}

} // namespace hazard
