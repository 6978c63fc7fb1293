#include "core/cache_list.hpp"

#include "core/process_life.hpp"
#include "os/yield_point.hpp"

namespace krait::process {

namespace {

constinit os::lock list_lock;
constinit cache_type* caches = nullptr;      // guarded by list_lock, and so are the links
constinit passthrough_counters dead_threads; // of threads that ended; guarded by list_lock
constinit cache_type* heir = nullptr; // in a forked child whose list has dead threads' caches: the one that lives on

bool is_enlisted(const cache_type& cache) noexcept { return caches == &cache || cache.prev != nullptr; }

void forget_dead_caches() noexcept {
    caches = is_enlisted(*heir) ? heir : nullptr;
    heir->next = heir->prev = nullptr;
    heir = nullptr;
}

/// Holds list_lock, aside: a signal handler that forks meanwhile must not wait for it.
class list_guard {
  public:
    list_guard() noexcept : scope_(this_cache), guard_(list_lock) {
        if (KRAIT_UNLIKELY(heir != nullptr)) forget_dead_caches();
    }

  private:
    aside_scope const scope_;
    os::lock_guard const guard_;
};

/// The sum of number(cache) over all of them.
template <class F>
std::uint64_t sum_of_caches(F&& number) noexcept {
    list_guard const guard;
    std::uint64_t sum = 0;
    for (cache_type const* cache = caches; cache != nullptr; cache = cache->next) sum += number(*cache);
    return sum;
}

} // namespace

os::lock& cache_list_lock() noexcept { return list_lock; }

void enlist(cache_type& cache) noexcept {
    list_guard const guard;
    cache.prev = nullptr;
    cache.next = caches;
    os::yield_point();
    if (caches != nullptr) caches->prev = &cache;
    caches = &cache;
}

void delist(cache_type& cache) noexcept {
    list_guard const guard;
    dead_threads.add(cache.passthrough);
    if (!is_enlisted(cache)) return; // its thread was left on the way into the list
    os::yield_point();
    (cache.prev != nullptr ? cache.prev->next : caches) = cache.next;
    os::yield_point();
    if (cache.next != nullptr) cache.next->prev = cache.prev;
    cache.next = cache.prev = nullptr;
}

void forget_other_caches() noexcept {
    heir = &this_cache;
    if (!list_lock.is_mine()) forget_dead_caches();
}

void describe_caches(krait_stats_layout& block) noexcept {
    this_cache.describe(block);
    block.first_cache = column_of(caches);
    block.ended_passthrough_calls = column_of(dead_threads.calls[0]);
    block.ended_passthrough_bytes = column_of(dead_threads.bytes[0]);
}

std::uint64_t cached_blocks(unsigned szidx) noexcept {
    return the_depot.blocks(szidx) + sum_of_caches([szidx](const cache_type& cache) { return cache.blocks(szidx); });
}

std::uint64_t count_caches() noexcept {
    if (batch_bytes == 0) return 0; // they are there for their counters alone
    return sum_of_caches([](const cache_type&) { return 1u; });
}

std::uint64_t count_large_cached() noexcept {
    return sum_of_caches([](const cache_type& cache) { return cache.large().held().get(); });
}

void count_passthrough(passthrough_counters& sum) noexcept {
    list_guard const guard;
    sum.add(dead_threads);
    for (cache_type const* cache = caches; cache != nullptr; cache = cache->next) sum.add(cache->passthrough);
}

} // namespace krait::process
