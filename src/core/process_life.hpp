// What requests need of the process's life, and nobody else: threads that come, requests to give everything back, signal
// handlers.
#pragma once

#include "core/process.hpp"

namespace krait::process {

/// Held while the process is set up; taken before every other lock.
extern constinit os::lock set_up_lock;

/// The bound of a batch in threads' caches; 0 where there are none. Set up before it is read.
extern constinit std::size_t batch_bytes;
/// The bound of each thread's large cache; 0 where there are none. A signal handler may read it while its thread waits for
/// set-up.
extern constinit owned<std::size_t> large_bytes;

/// Inside krait's own code: a signal handler that allocates meanwhile gets a block from its bin or, if that is empty, from the
/// system allocator, and what it frees goes to its bin or, if there is no room, waits until the end. Neither takes a lock that
/// this thread may hold.
class aside_scope {
  public:
    explicit aside_scope(cache_type& cache) noexcept : cache_(cache), before_(cache.now()) {
        cache_.become(cache_type::state::aside);
    }
    ~aside_scope() {
        if (KRAIT_UNLIKELY(cache_.has_waiting()) && before_ != cache_type::state::aside) cache_.give_waiting(the_heap);
        cache_.become(before_);
    }
    cache_type::state before() const noexcept { return before_; }
    aside_scope(const aside_scope&) = delete;
    aside_scope& operator=(const aside_scope&) = delete;

  private:
    cache_type& cache_;
    cache_type::state before_;
};

/// The first request of a thread that comes to a slow path, or a late one of its frees: gives it a cache, if caches are on and
/// its end can be noticed. Its counters are of use without one.
void be_born() noexcept;

/// For an unborn thread: once its end has come it gets no cache any more. False if it will not be noticed.
[[nodiscard]] bool watch_for_end(cache_type& cache) noexcept;

/// The kernel refused `bytes` to the system allocator: gives back the addresses of everything that is free. Whether
/// there was any; then it is worth asking again.
[[gnu::cold]] bool make_room(std::size_t bytes) noexcept;

/// In a forked child: from now on it is this process whose limits and filters are minded.
void own_process_in_child() noexcept;

/// Gives back what this thread's cache holds, if that was asked for since it last did: by collect(), or near the limit.
void honour_collections(cache_type& cache) noexcept;

} // namespace krait::process
