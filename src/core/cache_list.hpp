// The threads' caches, as a list: those of the threads that are there, and what the others counted.
//
//   in the list   <=>   the thread asked for a call at its end, and that call has not come
//
// Its lock is taken before the heap's, and nobody who holds it takes another.
#pragma once

#include "core/process.hpp"
#include "os/lock.hpp"

namespace krait::process {

os::lock& cache_list_lock() noexcept;

void enlist(cache_type& cache) noexcept;

/// At the end of the cache's thread: what it counted stays.
void delist(cache_type& cache) noexcept;

/// In a forked child: its only thread's cache is the only one. Where a signal handler's fork interrupted the list's holder,
/// only once that is done.
void forget_other_caches() noexcept;

/// Where readers outside the process start.
void describe_caches(krait_stats_layout& block) noexcept;

} // namespace krait::process
