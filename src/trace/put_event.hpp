// Puts events into this thread's chunk and into the set of live blocks.
//
//   put_alloc ─► the set ─► site ─► event_scope: room (flush_full), the stamp ─► event_encoder
//   be_free_again ─► what handlers left aside ─► a sample of memory, if one is due
#pragma once

#include "trace/session.hpp"

namespace krait::trace {

// The stamp of what happens now; where there is one thread, most often that of the event before.
[[gnu::always_inline]] inline std::uint64_t stamp_for(stream& s, bool is_arrival) noexcept {
    if (os::is_single_threaded() && !the_session.was_multi_threaded.load(std::memory_order_relaxed)) {
        if ((++s.unstamped & 7) != 0) return s.stamp;
        constexpr std::uint64_t fine_enough = 32;
        const std::uint64_t now = stamp_of_release();
        return now - s.stamp < fine_enough ? s.stamp : now;
    }
    if (KRAIT_UNLIKELY(!the_session.was_multi_threaded.load(std::memory_order_relaxed)))
        the_session.was_multi_threaded.store(true, std::memory_order_relaxed);
    return std::max(s.stamp, is_arrival ? stamp_of_arrival() : stamp_of_release());
}

class event_scope {
  public:
    event_scope(stream& s, std::uint64_t stamp) noexcept : s_(s) {
        constexpr std::size_t most = 2 * longest_code;
        if (KRAIT_UNLIKELY((s.filled.load(std::memory_order_relaxed) >> 32) + most > s.chunk_bytes)) flush_full(s);
        at = event_encoder::grow(s.end_of_code(), stamp - s.stamp);
        s.stamp = stamp;
    }
    ~event_scope() {
        const std::uint64_t before = s_.filled.load(std::memory_order_relaxed);
        const auto bytes = static_cast<std::uint64_t>(at - s_.chunk);
        s_.filled.store(stream::packed(bytes, (before & 0xffffffff) + 1), std::memory_order_release);
    }
    event_scope(const event_scope&) = delete;
    event_scope& operator=(const event_scope&) = delete;

    std::uint8_t* at;

  private:
    stream& s_;
};

// Sizes that are many would make sites that are many: large ones stand by themselves, and so do all when there are too
// many.
inline std::uint32_t site_of(stream& s, std::uint32_t stack, std::uint64_t size) noexcept {
    constexpr std::uint64_t largest_of_site = 4096;
    constexpr std::uint32_t most_sites = 1U << 21;
    if (size > largest_of_site || the_session.sites.count() >= most_sites) return 0;
    return s.sites.number_of(the_session.sites, stack, size);
}

inline void put_alloc(stream& s, std::uint64_t stamp, std::uint32_t stack, std::uint64_t address, std::uint64_t size,
                      bool by_realloc) noexcept {
    if (KRAIT_UNLIKELY(the_session.to_set.load(std::memory_order_relaxed)))
        the_session.blocks.add({address, size, stack, s.index});
    if (KRAIT_UNLIKELY(!the_session.to_file.load(std::memory_order_relaxed))) return;
    const std::uint32_t site = site_of(s, stack, size);
    event_scope event(s, stamp);
    if (by_realloc) event.at = event_encoder::by_realloc(event.at);
    event.at = KRAIT_LIKELY(site != 0) ? s.encoder.alloc(event.at, site, address, size)
                                       : s.encoder.alloc_whole(event.at, stack, address, size);
}

inline void put_free(stream& s, std::uint64_t stamp, std::uint64_t address, bool by_realloc) noexcept {
    // A realloc has taken it out before.
    if (KRAIT_UNLIKELY(the_session.to_set.load(std::memory_order_relaxed)) && !by_realloc)
        the_session.blocks.remove(address, s.taken);
    if (KRAIT_UNLIKELY(!the_session.to_file.load(std::memory_order_relaxed))) return;
    event_scope event(s, stamp);
    if (KRAIT_UNLIKELY(by_realloc)) event.at = event_encoder::by_realloc(event.at);
    event.at = s.encoder.free(event.at, address);
}

inline void put_map(stream& s, std::uint64_t stamp, std::uint32_t stack, std::uint64_t address,
                    std::uint64_t size) noexcept {
    if (!the_session.to_file.load(std::memory_order_relaxed)) return;
    event_scope event(s, stamp);
    event.at = event_encoder::map(event.at, stack, address, size);
}

inline void put_unmap(stream& s, std::uint64_t stamp, std::uint64_t address, std::uint64_t size) noexcept {
    if (!the_session.to_file.load(std::memory_order_relaxed)) return;
    event_scope event(s, stamp);
    event.at = event_encoder::unmap(event.at, address, size);
}

inline void put_aside(stream& s, const event_aside& event) noexcept {
    if (s.aside_count < s.aside.size()) {
        s.aside[s.aside_count] = event;
        std::atomic_signal_fence(std::memory_order_seq_cst);
        ++s.aside_count;
    } else {
        the_session.lost.fetch_add(1, std::memory_order_relaxed);
    }
}

// While busy: what handlers left. One that comes meanwhile adds to the end.
[[gnu::noinline, gnu::cold]] void put_what_is_aside(stream& s) noexcept;

inline void be_free_again(stream& s) noexcept {
    do {
        if (KRAIT_UNLIKELY(s.aside_count != 0)) put_what_is_aside(s);
        const std::uint64_t due = the_session.next_sample.load(std::memory_order_relaxed);
        if (KRAIT_UNLIKELY(s.stamp >= due)) take_sample(due);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        s.is_busy.store(false, std::memory_order_relaxed);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (KRAIT_LIKELY(s.aside_count == 0)) return;
        become_busy(s);
    } while (true);
}

// Where the process has an interpreter.
[[gnu::noinline]] std::uint32_t stack_with_python(stream& s, const void* frame) noexcept;

inline std::uint32_t stack_of(stream& s, const void* frame) noexcept {
    const std::uint32_t seen = the_session.unloads.load(std::memory_order_relaxed);
    if (KRAIT_UNLIKELY(s.unloads_seen != seen)) {
        s.unloads_seen = seen;
        s.walk.forget();
        s.nodes.forget();
        if (s.python != nullptr) s.python->count = 0;
    }
    if (KRAIT_UNLIKELY(the_session.python.is_there())) return stack_with_python(s, frame);
    return s.walk.capture(frame, the_session.rules, the_session.nodes, s.nodes, the_session.own_begin,
                          the_session.own_end);
}

// Of a handler that interrupted the recorder: a few frames, on a stack that may be small.
[[gnu::noinline, gnu::cold]] std::uint32_t short_stack_of(const void* frame) noexcept;

} // namespace krait::trace
