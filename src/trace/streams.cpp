// Where the streams of threads come from: from threads that have gone, or from fresh memory.
#include "os/command_line.hpp"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "trace/session.hpp"

#include <cstring>
#include <new>

namespace krait::trace {

std::size_t stream_bytes() noexcept {
    return sizeof(stream) + stack_walk::bytes_for(the_session.chosen.frames) + stream::small_chunk;
}

namespace {

// Streams of threads that are there and few: several in one mapping.
stream* fresh_stream() noexcept {
    const std::size_t bytes = padded(stream_bytes());
    constexpr std::size_t slab_bytes = 65536;
    constinit static std::atomic<std::uintptr_t> slab{0};
    constinit static std::atomic<std::uintptr_t> slab_end{0};
    const file_turn turn;
    if (slab_end.load(std::memory_order_relaxed) - slab.load(std::memory_order_relaxed) < bytes) {
        const std::size_t size = std::max(slab_bytes, os::page_ceiling(bytes));
        void* const memory = os::map_anywhere(size);
        if (memory == nullptr) return nullptr;
        slab.store(reinterpret_cast<std::uintptr_t>(memory), std::memory_order_relaxed);
        slab_end.store(reinterpret_cast<std::uintptr_t>(memory) + size, std::memory_order_relaxed);
    }
    auto* const memory = reinterpret_cast<unsigned char*>(slab.fetch_add(bytes, std::memory_order_relaxed));
    return ::new (static_cast<void*>(memory)) stream;
}

// One whose thread has gone, written out; looks at a few only. A thread's number that is this one's own was another
// thread's before.
stream* inherited_stream(os::thread_id mine) noexcept {
    constinit static std::atomic<stream*> next_to_look_at{nullptr};
    if (os::has_filter()) return nullptr;
    stream* each = next_to_look_at.load(std::memory_order_relaxed);
    for (unsigned looks = 0; looks < 8; ++looks) {
        if (each == nullptr) each = the_session.streams.load(std::memory_order_acquire);
        if (each == nullptr) return nullptr;
        std::uint32_t tid = each->tid.load(std::memory_order_acquire);
        if (tid != 0 && (tid == mine || os::is_gone(tid)) && each->tid.compare_exchange_strong(tid, 0)) {
            next_to_look_at.store(each->next, std::memory_order_relaxed);
            flush(*each);
            return each;
        }
        each = each->next;
    }
    next_to_look_at.store(each, std::memory_order_relaxed);
    return nullptr;
}

void begin(stream& s, os::thread_id mine) noexcept {
    s.encoder = event_encoder{};
    auto* const behind = reinterpret_cast<unsigned char*>(&s + 1);
    s.walk.open(behind, the_session.chosen.frames);
    s.chunk = behind + stack_walk::bytes_for(the_session.chosen.frames);
    s.chunk_bytes = stream::small_chunk;
    s.index = the_session.next_index.fetch_add(1, std::memory_order_relaxed);
    s.is_announced = false;
    s.unstamped = 0;
    s.aside_count = 0;
    s.stamp = stamp_of_release();
    s.first_stamp = s.stamp;
    s.forks = the_session.forks;
    s.written = 0;
    s.chunks = 0;
    s.filled.store(0, std::memory_order_relaxed);
    if (s.has != nullptr) {
        std::memset(static_cast<void*>(&s.has->wide), 0, sizeof s.has->wide);
        use_more(s);
    }
    s.is_busy.store(false, std::memory_order_relaxed);
    s.tid.store(mine, std::memory_order_release);
}

} // namespace

stream* make_own() noexcept {
    if (is_making_own) {
        the_session.lost.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }
    is_making_own = true;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    const os::errno_kept keep;
    const os::thread_id mine = os::this_thread_id();
    stream* s = inherited_stream(mine);
    if (s == nullptr) {
        s = fresh_stream();
        if (s != nullptr) {
            s->next = the_session.streams.load(std::memory_order_relaxed);
            while (!the_session.streams.compare_exchange_weak(s->next, s, std::memory_order_acq_rel)) {
            }
        }
    }
    if (s != nullptr) begin(*s, mine);
    own = s;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    is_making_own = false;
    return s;
}

} // namespace krait::trace
