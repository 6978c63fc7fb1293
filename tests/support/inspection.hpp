// krait's own look at itself, where krait is what serves the program; elsewhere there is nothing to find.
#pragma once

#include "hazard.hpp"
#include <cstring>
#include <dlfcn.h>
#include <krait/krait.h>
#include <krait/stats_block.h>

namespace hazard {

// A function or an object of a preloaded library; nullptr without it.
template <class T>
T* looked_up(const char* name) {
    return reinterpret_cast<T*>(dlsym(RTLD_DEFAULT, name));
}

// Every pool, list, count and mask agrees. Looked up by the first call, which may allocate.
inline bool nothing_contradicts() {
    static auto* const check = looked_up<decltype(krait_check)>("krait_check");
    return !check || check(STDERR_FILENO) == 0;
}

// All zero without krait.
inline krait_stats statistics() {
    static auto* const get = looked_up<decltype(krait_stats_get)>("krait_stats_get");
    krait_stats stats = {};
    if (get) get(&stats, sizeof stats);
    return stats;
}

inline void print_statistics(int descriptor) {
    static auto* const print = looked_up<decltype(krait_stats_print)>("krait_stats_print");
    if (print) print(descriptor);
}

// Everything free goes back to the operating system.
inline void collect() {
    static auto* const give_back = looked_up<decltype(krait_collect)>("krait_collect");
    if (give_back) give_back();
}

inline bool is_served_by_krait() { return looked_up<decltype(krait_check)>("krait_check") != nullptr; }

// libkrait_hard.so keeps what was freed for a while, and lets large freed blocks fault. Known once it is set up.
inline bool is_hardened() {
    static const auto* const known = looked_up<const krait_stats_layout>("krait_stats_block");
    return known && known->guard_pools != 0;
}

} // namespace hazard
