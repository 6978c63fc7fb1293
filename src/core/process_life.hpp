// What requests need of the process's life, and nobody else: threads that come, requests to give everything back,
// signal handlers.
#pragma once

#include "core/process.hpp"
#include "core/system_blocks.hpp"
#include "os/gate.hpp"

namespace krait::process {

// The bound of a batch in threads' caches; 0 where there are none. Set up before it is read.
extern constinit std::size_t batch_bytes;
// The bound of each thread's large cache; 0 where there are none. A signal handler may read it while its thread waits
// for set-up.
extern constinit owned<std::size_t> large_bytes;

// A record for this thread, which has none: nullptr where krait serves nothing, in a signal handler that interrupted a
// claim, after the thread's end was told, and beyond the most threads. `as` = unsure for a free, which may be at a
// thread's very end.
[[nodiscard]] record_type* claim(standing as) noexcept;

// Sees to it that krait is told of this thread's end. Outside, as the threads library may allocate.
[[gnu::cold, gnu::noinline]] void ask_to_be_told(record_type& own) noexcept;

// At the start of a slow path: this thread's record, with all that belongs to having one. While there is one thread,
// its end is the process's.
[[nodiscard]] inline record_type* record_of_mine() noexcept {
    record_type* const own = this_thread.record;
    if (KRAIT_UNLIKELY(own == &nobody)) return claim(standing::serving);
    if (KRAIT_UNLIKELY(!own->will_be_told.get()) && !os::is_single_threaded()) ask_to_be_told(*own);
    return own;
}

// In krait's own code already: this is a signal handler, or what a library asks for on krait's behalf. No lock may be
// taken.
inline bool is_within() noexcept { return this_thread.is_busy || !this_thread.record->presence.is_outside(); }

// What a signal handler asks for meanwhile gets no record, and what a library asks for on krait's behalf goes to the
// system allocator. Not inside: what is done here may wait for locks of libc's and the loader's.
class busy_scope {
  public:
    busy_scope() noexcept : before_(this_thread.is_busy) { set(true); }
    ~busy_scope() { set(before_); }
    busy_scope(const busy_scope&) = delete;
    busy_scope& operator=(const busy_scope&) = delete;

  private:
    static void set(bool is_busy) noexcept {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        this_thread.is_busy = is_busy;
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    bool before_;
};

// Past this thread's cache: to the pool or the run that the block lies in. Inside.
void give_back(void* freed) noexcept;

// A slow path: this thread is inside krait's own code as long as it lives. Not in if it has no record, or is within
// already: then this is a signal handler, which may take no lock. What one allocates meanwhile comes from the bin or,
// if that is empty, from the system allocator; what it frees goes to its bin or, if there is no room, waits until the
// end. A request goes past the gate in the same way while another thread forks.
class inside_scope {
  public:
    using at_fork = os::gate::at_fork;

    explicit inside_scope(record_type* own, at_fork then = at_fork::waits) noexcept
        : own_(own), is_in_(own != nullptr && own->presence.is_outside() && !this_thread.is_busy &&
                            KRAIT_LIKELY(os::the_gate.enter(own->presence, then))) {}
    ~inside_scope() {
        if (KRAIT_UNLIKELY(!is_in_)) return;
        if (KRAIT_UNLIKELY(own_->cache.has_waiting())) own_->cache.give_waiting(give_back);
        os::the_gate.leave(own_->presence);
        if (KRAIT_UNLIKELY(system_blocks::waiting.load(std::memory_order_relaxed) != nullptr))
            system_blocks::release_waiting();
    }
    bool is_in() const noexcept { return is_in_; }
    record_type& own() const noexcept { return *own_; }
    inside_scope(const inside_scope&) = delete;
    inside_scope& operator=(const inside_scope&) = delete;

  private:
    record_type* own_;
    bool is_in_;
};

// What a thread does on its way through a slow path, inside: it takes in orphans, and gives back what its cache holds
// if that was asked for since it last did (by collect(), or near the limit).
void settle(record_type& own) noexcept;

// A block that its thread, which has no record, cannot take back: it waits for the next thread that comes by.
void orphan(void* freed, unsigned bin_index) noexcept;
bool has_orphans() noexcept;

// By the holder of the_gate.closing (os/gate.hpp).
[[nodiscard]] inline bool close_gate(bool is_for_fork, bool is_stuck) noexcept {
    return os::the_gate.close(is_for_fork, is_stuck, [](auto&& visit) {
        the_threads.each([&](const record_type& each) {
            if (&each != this_thread.record) visit(each.presence);
        });
    });
}

// In a forked child. `is_in_order`: nobody else's slow path is half done; otherwise krait serves nothing any more.
void go_on_in_child(bool is_in_order) noexcept;

// The kernel refused `bytes` to the system allocator: gives back the addresses of everything that is free. Whether
// there was any; then it is worth asking again.
[[gnu::cold]] bool make_room(std::size_t bytes) noexcept;

} // namespace krait::process
