#include "trace/recorder.hpp"

#include "base/check.hpp"
#include "base/text.hpp"
#include "os/clock.hpp"
#include "os/command_line.hpp"
#include "os/environment.hpp"
#include "os/errno_kept.hpp"
#include "os/file.hpp"
#include "os/proc_self.hpp"
#include "os/single_threaded.hpp"
#include "os/system_call.hpp"
#include "os/ticks.hpp"
#include "trace/live_samples.hpp"
#include "trace/sampler.hpp"
#include "trace/trace_file.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace krait::trace {

constinit std::atomic<const hook_table*> hooks{&undecided};

namespace {

constinit settings chosen{};
constinit intern_table nodes, sites;
constinit unwind_rules rules;
constinit module_table modules;
constinit live_samples live;
constinit trace_file file;
constinit std::uintptr_t own_begin = 0, own_end = 0;

constinit std::atomic<stream*> streams{nullptr}; // all that there are
constinit std::atomic<std::uint32_t> next_index{0};
constinit std::atomic<std::uint32_t> with_more{0};
constinit std::atomic<std::uint64_t> lost{0};
constinit std::atomic<bool> was_multi_threaded{false};
constinit std::atomic<std::uint32_t> unloads{0};  // of code: memos of before are worth nothing
constinit std::atomic<std::uint32_t> samplers{0}; // threads that take samples
constinit std::uint32_t forks = 0;                // of this process's ancestors and itself, on the way to it

// --- The clock.
constinit bool has_ticks = true;
constinit std::atomic<std::uint64_t> sequence{0};
constinit std::uint64_t start_stamp = 0, start_ns = 0;
constinit std::atomic<std::uint64_t> next_sample{0}; // a stamp

std::uint64_t stamp_of_release() noexcept {
    if (KRAIT_LIKELY(has_ticks)) return os::ticks() >> os::stamp_shift;
    return sequence.fetch_add(1, std::memory_order_seq_cst);
}
std::uint64_t stamp_of_arrival() noexcept {
    if (KRAIT_LIKELY(has_ticks)) return os::ticks_after() >> os::stamp_shift;
    return sequence.fetch_add(1, std::memory_order_seq_cst);
}

// --- This thread.
constinit thread_local stream* own = nullptr;
constinit thread_local bool is_making_own = false;
constinit thread_local std::int64_t until_sample = 0; // bytes
constinit thread_local sampler own_sampler;
constinit thread_local bool has_sampler = false;

void become_busy(stream& s) noexcept {
    s.is_busy.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

// --- Writing.

void stop_recording() noexcept { hooks.store(nullptr, std::memory_order_relaxed); }

[[gnu::cold]] void tell_of_failure() noexcept {
    os::output_file err = os::output_file::standard_error();
    text line(os::output_file::sink, &err);
    const char* const why = strerrordesc_np(file.error());
    line << "krait: trace: " << std::string_view(file.path()) << ": "
         << std::string_view(why != nullptr ? why : "it cannot be written") << ", recording stops\n";
}

// By the holder of the file's lock.
void check_written(bool is_written) noexcept {
    if (KRAIT_LIKELY(is_written) || !file.is_open()) return;
    stop_recording();
    tell_of_failure();
    file.close();
}

void empty(stream& s) noexcept {
    s.filled.store(0, std::memory_order_relaxed);
    s.written = 0;
}

// As many threads have more as the bound allows.
void use_more(stream& s) noexcept {
    s.chunk = s.has->chunk.data();
    s.chunk_bytes = stream::large_chunk;
    s.nodes.open(s.has->nodes.data(), stream::node_slots);
    s.sites.open(s.has->sites.data(), stream::site_slots);
    std::uint8_t* const end = s.encoder.widen(s.end_of_code(), &s.has->wide);
    s.filled.store(stream::packed(static_cast<std::uint64_t>(end - s.end_of_code()), 0), std::memory_order_release);
}

void grow(stream& s) noexcept {
    constexpr std::uint32_t most_with_more = 384; // 29 MiB
    static_assert(most_with_more * sizeof(stream::more) < (std::size_t{30} << 20));
    if (s.has != nullptr || with_more.fetch_add(1, std::memory_order_relaxed) >= most_with_more) return;
    s.has = static_cast<stream::more*>(os::map_anywhere(sizeof(stream::more)));
    if (s.has != nullptr) use_more(s);
}

[[gnu::noinline]] void flush(stream& s) noexcept {
    const os::errno_kept keep;
    const os::signals_blocked until_written;
    const os::lock_guard guard(file.lock());
    if (s.forks == forks && file.is_open()) check_written(file.write_events(s));
    empty(s);
}

[[gnu::noinline]] void flush_full(stream& s) noexcept {
    flush(s);
    grow(s);
}

std::uint64_t now_ns() noexcept { return os::clock_us() * 1000; }

// How much memory the process has, every 10 ms and, in longer runs, 4,096 times until now.
[[gnu::noinline, gnu::cold]] void take_sample(std::uint64_t seen) noexcept {
    const os::errno_kept keep;
    if (!next_sample.compare_exchange_strong(seen, UINT64_MAX, std::memory_order_relaxed)) return;
    const os::signals_blocked until_written;
    sample_record sample;
    sample.resident = os::resident_memory();
    sample.monotonic_ns = now_ns();
    sample.stamp = stamp_of_arrival();
    {
        const os::lock_guard guard(file.lock());
        if (file.is_open()) check_written(file.write_sample(sample));
    }
    std::uint64_t const passed = sample.monotonic_ns - start_ns + 1;
    std::uint64_t const pause = std::max<std::uint64_t>(10'000'000, passed / 4096);
    const double rate = static_cast<double>(sample.stamp - start_stamp) / static_cast<double>(passed);
    next_sample.store(sample.stamp + 1 + static_cast<std::uint64_t>(rate * static_cast<double>(pause)),
                      std::memory_order_relaxed);
}

// --- One event.

// The stamp of what happens now; where there is one thread, most often that of the event before.
[[gnu::always_inline]] inline std::uint64_t stamp_for(stream& s, bool is_arrival) noexcept {
    if (os::is_single_threaded() && !was_multi_threaded.load(std::memory_order_relaxed)) {
        if ((++s.unstamped & 7) != 0) return s.stamp;
        constexpr std::uint64_t fine_enough = 1024;
        std::uint64_t const now = stamp_of_release();
        return now - s.stamp < fine_enough ? s.stamp : now;
    }
    if (KRAIT_UNLIKELY(!was_multi_threaded.load(std::memory_order_relaxed)))
        was_multi_threaded.store(true, std::memory_order_relaxed);
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
        std::uint64_t const before = s_.filled.load(std::memory_order_relaxed);
        const auto bytes = static_cast<std::uint64_t>(at - s_.chunk);
        s_.filled.store(stream::packed(bytes, (before & 0xffffffff) + 1), std::memory_order_release);
    }
    event_scope(const event_scope&) = delete;
    event_scope& operator=(const event_scope&) = delete;

    std::uint8_t* at;

  private:
    stream& s_;
};

void put_alloc(stream& s, std::uint64_t stamp, std::uint32_t stack, std::uint64_t address, std::uint64_t size,
               bool by_realloc) noexcept {
    // Sizes that are many make sites that are many: large ones stand by themselves.
    constexpr std::uint64_t largest_of_site = 4096;
    constexpr std::uint32_t most_sites = 1U << 21;
    std::uint32_t const site =
        size <= largest_of_site && sites.count() < most_sites ? s.sites.number_of(sites, stack, size) : 0;
    event_scope event(s, stamp);
    if (by_realloc) event.at = event_encoder::by_realloc(event.at);
    event.at = KRAIT_LIKELY(site != 0) ? s.encoder.alloc(event.at, site, address, size)
                                       : s.encoder.alloc_whole(event.at, stack, address, size);
}

void put_free(stream& s, std::uint64_t stamp, std::uint64_t address, bool by_realloc) noexcept {
    event_scope event(s, stamp);
    if (KRAIT_UNLIKELY(by_realloc)) event.at = event_encoder::by_realloc(event.at);
    event.at = s.encoder.free(event.at, address);
}

void put_map(stream& s, std::uint64_t stamp, std::uint32_t stack, std::uint64_t address, std::uint64_t size) noexcept {
    event_scope event(s, stamp);
    event.at = event_encoder::map(event.at, stack, address, size);
}

void put_unmap(stream& s, std::uint64_t stamp, std::uint64_t address, std::uint64_t size) noexcept {
    event_scope event(s, stamp);
    event.at = event_encoder::unmap(event.at, address, size);
}

void put_aside(stream& s, const event_aside& event) noexcept {
    if (s.aside_count < s.aside.size()) {
        s.aside[s.aside_count] = event;
        std::atomic_signal_fence(std::memory_order_seq_cst);
        ++s.aside_count;
    } else {
        lost.fetch_add(1, std::memory_order_relaxed);
    }
}

// While busy. A handler that comes meanwhile adds to the end.
[[gnu::noinline, gnu::cold]] void put_what_is_aside(stream& s) noexcept {
    for (std::uint8_t i = 0; i < s.aside_count; ++i) {
        const event_aside event = s.aside[i];
        std::uint64_t const stamp = std::max(event.stamp, s.stamp);
        switch (event.what) {
        case event_aside::kind::alloc:
            put_alloc(s, stamp, event.stack, event.address, event.size, event.by_realloc);
            break;
        case event_aside::kind::free:
            put_free(s, stamp, event.address, event.by_realloc);
            break;
        case event_aside::kind::map:
            put_map(s, stamp, event.stack, event.address, event.size);
            break;
        case event_aside::kind::unmap:
            put_unmap(s, stamp, event.address, event.size);
            break;
        }
    }
    s.aside_count = 0;
}

void be_free_again(stream& s) noexcept {
    do {
        if (KRAIT_UNLIKELY(s.aside_count != 0)) put_what_is_aside(s);
        std::uint64_t const due = next_sample.load(std::memory_order_relaxed);
        if (KRAIT_UNLIKELY(s.stamp >= due)) take_sample(due);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        s.is_busy.store(false, std::memory_order_relaxed);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (KRAIT_LIKELY(s.aside_count == 0)) return;
        become_busy(s);
    } while (true);
}

// --- Streams.

std::size_t stream_bytes() noexcept {
    return sizeof(stream) + stack_walk::bytes_for(chosen.frames) + stream::small_chunk;
}

// Streams of threads that are there and few: several in one mapping.
stream* fresh_stream() noexcept {
    std::size_t const bytes = padded(stream_bytes());
    constexpr std::size_t slab_bytes = 65536;
    constinit static std::atomic<std::uintptr_t> slab{0};
    constinit static std::atomic<std::uintptr_t> slab_end{0};
    const os::lock_guard guard(file.lock());
    if (slab_end.load(std::memory_order_relaxed) - slab.load(std::memory_order_relaxed) < bytes) {
        std::size_t const size = std::max(slab_bytes, os::page_ceiling(bytes));
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
        if (each == nullptr) each = streams.load(std::memory_order_acquire);
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
    s.walk.open(behind, chosen.frames);
    s.chunk = behind + stack_walk::bytes_for(chosen.frames);
    s.chunk_bytes = stream::small_chunk;
    s.index = next_index.fetch_add(1, std::memory_order_relaxed);
    s.is_announced = false;
    s.unstamped = 0;
    s.aside_count = 0;
    s.stamp = stamp_of_release();
    s.first_stamp = s.stamp;
    s.forks = forks;
    s.written = 0;
    s.filled.store(0, std::memory_order_relaxed);
    if (s.has != nullptr) {
        std::memset(static_cast<void*>(&s.has->wide), 0, sizeof s.has->wide);
        use_more(s);
    }
    s.is_busy.store(false, std::memory_order_relaxed);
    s.tid.store(mine, std::memory_order_release);
}

[[gnu::noinline, gnu::cold]] stream* make_own() noexcept {
    if (is_making_own) return nullptr;
    is_making_own = true;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    const os::errno_kept keep;
    os::thread_id const mine = os::this_thread_id();
    stream* s = inherited_stream(mine);
    if (s == nullptr) {
        s = fresh_stream();
        if (s != nullptr) {
            s->next = streams.load(std::memory_order_relaxed);
            while (!streams.compare_exchange_weak(s->next, s, std::memory_order_acq_rel)) {
            }
        }
    }
    if (s != nullptr) begin(*s, mine);
    own = s;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    is_making_own = false;
    return s;
}

[[gnu::always_inline]] inline stream* own_stream() noexcept {
    stream* const s = own;
    if (KRAIT_LIKELY(s != nullptr)) return s;
    stream* const made = make_own();
    if (made == nullptr) lost.fetch_add(1, std::memory_order_relaxed);
    return made;
}

// --- What the hooks do where everything is recorded.

std::uint32_t stack_of(stream& s, const void* frame) noexcept {
    std::uint32_t const seen = unloads.load(std::memory_order_relaxed);
    if (KRAIT_UNLIKELY(s.unloads_seen != seen)) {
        s.unloads_seen = seen;
        s.walk.forget();
        s.nodes.forget();
    }
    return s.walk.capture(frame, rules, nodes, s.nodes, own_begin, own_end);
}

// Of a handler that interrupted the recorder: a few frames, on a stack that may be small.
[[gnu::noinline, gnu::cold]] std::uint32_t short_stack_of(const void* frame) noexcept {
    constexpr std::size_t few = 8;
    alignas(8) std::array<unsigned char, stack_walk::bytes_for(few)> memory;
    stack_walk walk;
    walk.open(memory.data(), few);
    recent_numbers none;
    return walk.capture(frame, rules, nodes, none, own_begin, own_end);
}

using aside = event_aside::kind;

[[gnu::noinline, gnu::cold]] void allocated_aside(stream& s, const void* frame, void* block, std::size_t size,
                                                  aside what) noexcept {
    std::uint32_t const stack = short_stack_of(frame);
    put_aside(s, {stamp_of_arrival(), reinterpret_cast<std::uintptr_t>(block), size, stack, what, false});
}

void allocated(const void* frame, void* block, std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(block == nullptr)) return;
    stream* const s = own_stream();
    if (KRAIT_UNLIKELY(s == nullptr)) return;
    if (KRAIT_UNLIKELY(s->is_busy.load(std::memory_order_relaxed)))
        return allocated_aside(*s, frame, block, size, aside::alloc);
    become_busy(*s);
    std::uint32_t const stack = stack_of(*s, frame);
    put_alloc(*s, stamp_for(*s, true), stack, reinterpret_cast<std::uintptr_t>(block), size, false);
    be_free_again(*s);
}

void freeing(void* block) noexcept {
    if (KRAIT_UNLIKELY(block == nullptr)) return;
    stream* const s = own_stream();
    if (KRAIT_UNLIKELY(s == nullptr)) return;
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    if (KRAIT_UNLIKELY(s->is_busy.load(std::memory_order_relaxed)))
        return put_aside(*s, {stamp_of_release(), address, 0, 0, aside::free, false});
    become_busy(*s);
    put_free(*s, stamp_for(*s, false), address, false);
    be_free_again(*s);
}

// A realloc is within the recorder as a whole: what handlers do meanwhile lies between its two halves.
constexpr std::uint64_t was_within = std::uint64_t{1} << 63;

std::uint64_t moment() noexcept {
    stream* const s = own_stream();
    if (KRAIT_UNLIKELY(s == nullptr)) return 0;
    if (KRAIT_UNLIKELY(s->is_busy.load(std::memory_order_relaxed))) return stamp_of_release() | was_within;
    become_busy(*s);
    return stamp_for(*s, false);
}

void reallocated(const void* frame, void* old, std::uint64_t moment, void* block, std::size_t size) noexcept {
    stream* const s = own;
    if (KRAIT_UNLIKELY(s == nullptr)) return;
    const bool is_freed = block != nullptr || size == 0;
    const auto from = reinterpret_cast<std::uintptr_t>(old);
    const auto to = reinterpret_cast<std::uintptr_t>(block);
    if (KRAIT_UNLIKELY((moment & was_within) != 0)) {
        if (!is_freed) return;
        put_aside(*s, {moment & ~was_within, from, 0, 0, aside::free, true});
        if (block != nullptr) put_aside(*s, {stamp_of_arrival(), to, size, short_stack_of(frame), aside::alloc, true});
        return;
    }
    if (is_freed) put_free(*s, moment, from, true);
    if (KRAIT_UNLIKELY(s->aside_count != 0)) put_what_is_aside(*s);
    if (block != nullptr) {
        std::uint32_t const stack = stack_of(*s, frame);
        put_alloc(*s, stamp_for(*s, true), stack, to, size, true);
    }
    be_free_again(*s);
}

bool is_own_code(const void* frame) noexcept {
    std::uintptr_t const pc = static_cast<const std::uintptr_t*>(frame)[1];
    return pc - own_begin < own_end - own_begin;
}

void mapped(const void* frame, void* address, std::size_t size) noexcept {
    if (is_own_code(frame)) return; // the core's own
    stream* const s = own_stream();
    if (s == nullptr) return;
    if (s->is_busy.load(std::memory_order_relaxed)) return allocated_aside(*s, frame, address, size, aside::map);
    become_busy(*s);
    std::uint32_t const stack = stack_of(*s, frame);
    put_map(*s, stamp_for(*s, true), stack, reinterpret_cast<std::uintptr_t>(address), size);
    be_free_again(*s);
}

void unmapping(const void* frame, void* address, std::size_t size) noexcept {
    if (is_own_code(frame)) return;
    stream* const s = own_stream();
    if (s == nullptr) return;
    const auto from = reinterpret_cast<std::uintptr_t>(address);
    if (s->is_busy.load(std::memory_order_relaxed))
        return put_aside(*s, {stamp_of_release(), from, size, 0, aside::unmap, false});
    become_busy(*s);
    put_unmap(*s, stamp_for(*s, false), from, size);
    be_free_again(*s);
}

constexpr hook_table every{allocated, freeing, moment, reallocated, mapped, unmapping};

// --- What they do where samples are taken.

[[gnu::noinline]] void sample_allocation(const void* frame, void* block, std::size_t size, bool by_realloc) noexcept {
    if (KRAIT_UNLIKELY(!has_sampler)) {
        has_sampler = true;
        std::uint64_t const number = std::uint64_t{samplers.fetch_add(1, std::memory_order_relaxed)} + 1;
        own_sampler.seed(chosen.seed != 0 ? chosen.seed * 0x9e3779b97f4a7c15 + number
                                          : os::random_of_process() ^ os::ticks() ^ number << 48);
        until_sample += static_cast<std::int64_t>(own_sampler.next_distance(chosen.mean_bytes));
        if (until_sample > 0) return;
    }
    until_sample = static_cast<std::int64_t>(own_sampler.next_distance(chosen.mean_bytes));
    if (block == nullptr) return;
    stream* const s = own_stream();
    if (s == nullptr) return;
    if (s->is_busy.load(std::memory_order_relaxed)) {
        lost.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    become_busy(*s);
    std::uint32_t const stack = stack_of(*s, frame);
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    if (live.add(address, size, stack, s->index)) {
        put_alloc(*s, std::max(s->stamp, stamp_of_arrival()), stack, address, size, by_realloc);
    } else {
        lost.fetch_add(1, std::memory_order_relaxed);
    }
    be_free_again(*s);
}

constexpr std::size_t at_least_one(std::size_t size) noexcept { return size + (size == 0 ? 1 : 0); }

void allocated_sampled(const void* frame, void* block, std::size_t size) noexcept {
    until_sample -= static_cast<std::int64_t>(at_least_one(size));
    if (KRAIT_UNLIKELY(until_sample <= 0)) sample_allocation(frame, block, size, false);
}

[[gnu::noinline]] void free_sample(std::uintptr_t address, std::uint64_t stamp, bool by_realloc) noexcept {
    if (!live.remove(address)) return;
    stream* const s = own_stream();
    if (s == nullptr) return;
    if (s->is_busy.load(std::memory_order_relaxed))
        return put_aside(*s, {stamp, address, 0, 0, aside::free, by_realloc});
    become_busy(*s);
    put_free(*s, std::max(stamp, s->stamp), address, by_realloc);
    be_free_again(*s);
}

void freeing_sampled(void* block) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    if (KRAIT_UNLIKELY(live.may_hold(address))) free_sample(address, stamp_of_release(), false);
}

std::uint64_t moment_sampled() noexcept { return stamp_of_release(); }

// The block is another's by the time it is known that it was freed: its slot may be another block's too, where that was
// hit. Then that one is taken for it, and goes when this one would have.
void reallocated_sampled(const void* frame, void* old, std::uint64_t moment, void* block, std::size_t size) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(old);
    if ((block != nullptr || size == 0) && KRAIT_UNLIKELY(live.may_hold(address))) free_sample(address, moment, true);
    if (block == nullptr) return;
    until_sample -= static_cast<std::int64_t>(at_least_one(size));
    if (KRAIT_UNLIKELY(until_sample <= 0)) sample_allocation(frame, block, size, true);
}

constexpr hook_table sampled{allocated_sampled,   freeing_sampled, moment_sampled,
                             reallocated_sampled, mapped,          unmapping};

// --- Start, fork, end.

start_record start_now(bool is_child, std::uint32_t parent) noexcept {
    start_record start{};
    start.magic = file_magic;
    start.version = file_version;
    start.pid = static_cast<std::uint32_t>(os::process_id());
    start.parent_pid = parent;
    start.is_child = is_child ? 1 : 0;
    start.page_size = static_cast<std::uint32_t>(os::page_size());
    start.alignment = KRAIT_ALIGNMENT;
    start.frames = static_cast<std::uint32_t>(chosen.frames);
    start.clock = static_cast<std::uint32_t>(has_ticks ? clock_kind::ticks : clock_kind::sequence);
    start.mean_bytes = chosen.mean_bytes;
    start.realtime_ns = os::realtime_ns();
    start.monotonic_ns = start_ns = now_ns();
    start.stamp = start_stamp = stamp_of_arrival();
    return start;
}

// Text that is put together in place, cut to fit and ended by a zero.
class short_text {
  public:
    static void sink(void* to, std::string_view part) noexcept { static_cast<short_text*>(to)->append(part); }
    const char* c_str() const noexcept { return characters_.data(); }

  private:
    void append(std::string_view part) noexcept {
        std::size_t const fits = std::min(part.size(), characters_.size() - 1 - length_);
        std::memcpy(characters_.data() + length_, part.data(), fits);
        length_ += fits;
    }
    std::array<char, 4096> characters_{};
    std::size_t length_ = 0;
};

// FILE, with the process id for %p. Where several processes record, FILE.PID for each, unless FILE has a %p. A process
// that was replaced by exec has the same id, and one of long ago may have had it: the second is FILE.PID.2, and so on.
void write_name(text& out, unsigned attempt) noexcept {
    std::uint64_t const pid = static_cast<unsigned>(os::process_id());
    std::string_view pattern(chosen.file);
    const bool has_place = pattern.find("%p") != std::string_view::npos;
    for (std::size_t at; (at = pattern.find("%p")) != std::string_view::npos; pattern.remove_prefix(at + 2)) {
        out << pattern.substr(0, at) << pid;
    }
    out << pattern;
    if (chosen.follows && !has_place) out << '.' << pid;
    if (attempt > 1) out << '.' << std::uint64_t{attempt};
}

bool create_file(bool is_child, std::uint32_t parent) noexcept {
    constexpr unsigned most_attempts = 100;
    for (unsigned attempt = 1; attempt <= most_attempts; ++attempt) {
        short_text name;
        {
            text out(short_text::sink, &name);
            write_name(out, attempt);
        }
        if (file.create(name.c_str(), chosen.follows, start_now(is_child, parent))) return true;
        if (!chosen.follows || file.error() != EEXIST) return false;
    }
    return false;
}

void know_module(std::uintptr_t pc) noexcept { modules.know(pc); }

bool open_all() noexcept {
    has_ticks = os::has_steady_ticks();
    const os::code_object self = os::code_object_at(reinterpret_cast<std::uintptr_t>(&open_all));
    own_begin = self.begin;
    own_end = self.end;
    rules.on_new_code = know_module;
    return nodes.open() && sites.open() && modules.open() && rules.open(chosen.frame_pointers) &&
           file.open(nodes, sites, modules) && (chosen.mean_bytes == 0 || live.open());
}

// Handlers of this thread leave their events aside, as the lock is its own already.
constinit thread_local bool was_busy_before_fork = false;

void before_fork() noexcept {
    was_busy_before_fork = own != nullptr ? own->is_busy.load(std::memory_order_relaxed) : is_making_own;
    if (own != nullptr) {
        become_busy(*own);
    } else {
        is_making_own = true;
    }
    file.lock().acquire();
}

void after_fork_in_parent() noexcept {
    file.lock().release();
    if (own == nullptr) {
        is_making_own = was_busy_before_fork;
    } else if (!was_busy_before_fork) {
        be_free_again(*own);
    }
}

// The child's only thread is the one that forked; what the chunks hold is the parent's.
void after_fork_in_child() noexcept {
    const auto parent = static_cast<std::uint32_t>(os::system_call(SYS_getppid));
    ++forks;
    file.forget();
    const bool was_recording = current_hooks() != nullptr;
    own = nullptr;
    is_making_own = false;
    streams.store(nullptr, std::memory_order_relaxed);
    next_index.store(0, std::memory_order_relaxed);
    with_more.store(0, std::memory_order_relaxed);
    lost.store(0, std::memory_order_relaxed);
    if (!was_recording) return;
    if (!chosen.follows) return stop_recording();
    if (!create_file(true, parent)) {
        stop_recording();
        tell_of_failure();
        return;
    }
    next_sample.store(start_stamp + 1, std::memory_order_relaxed);
}

enum class state : std::uint8_t { undecided, deciding, decided };
constinit std::atomic<state> decision{state::undecided};

// The first event of all, or the library's constructor.
[[gnu::noinline, gnu::cold]] void decide() noexcept {
    state seen = state::undecided;
    if (!decision.compare_exchange_strong(seen, state::deciding)) return;
    const os::errno_kept keep;
    chosen = read_settings();
    const hook_table* table = nullptr;
    if (chosen.file != nullptr && chosen.file[0] != '\0') {
        const bool is_open =
            open_all() && os::fork_handlers_open(before_fork, after_fork_in_parent, after_fork_in_child);
        if (is_open && create_file(false, static_cast<std::uint32_t>(os::system_call(SYS_getppid)))) {
            next_sample.store(start_stamp + 1, std::memory_order_relaxed);
            table = chosen.mean_bytes == 0 ? &every : &sampled;
        } else {
            tell_of_failure();
        }
    }
    hooks.store(table, std::memory_order_release);
    decision.store(state::decided, std::memory_order_release);
}

void first_allocated(const void* frame, void* block, std::size_t size) noexcept {
    decide();
    if (const hook_table* const now = current_hooks(); now != nullptr && now != &undecided)
        now->allocated(frame, block, size);
}
void first_freeing(void* block) noexcept {
    decide();
    if (const hook_table* const now = current_hooks(); now != nullptr && now != &undecided) now->freeing(block);
}
std::uint64_t no_moment() noexcept { return 0; }
void first_reallocated(const void* frame, void* old, std::uint64_t, void* block, std::size_t size) noexcept {
    decide();
    const hook_table* const now = current_hooks();
    if (now != nullptr && now != &undecided) now->reallocated(frame, old, now->moment(), block, size);
}
void first_mapped(const void*, void*, std::size_t) noexcept {}
void first_unmapping(const void*, void*, std::size_t) noexcept {}

} // namespace

constexpr hook_table undecided{first_allocated,   first_freeing, no_moment,
                               first_reallocated, first_mapped,  first_unmapping};

void at_start() noexcept {
    decide();
    if (!chosen.follows) os::remove_variables("KRAIT_TRACE=");
}

void flush_all() noexcept {
    if (current_hooks() == nullptr || !file.is_open()) return;
    const os::errno_kept keep;
    const os::signals_blocked until_written;
    const os::lock_guard guard(file.lock());
    for (stream* s = streams.load(std::memory_order_acquire); s != nullptr; s = s->next) {
        if (file.is_open()) check_written(file.write_events(*s));
    }
}

void at_exit() noexcept {
    if (current_hooks() == nullptr || !file.is_open()) return;
    flush_all();
    stop_recording();
    const os::lock_guard guard(file.lock());
    end_record last{};
    last.stamp = stamp_of_arrival();
    last.monotonic_ns = now_ns();
    last.events = file.events();
    last.lost = lost.load(std::memory_order_relaxed);
    last.reason = static_cast<std::uint32_t>(end_reason::exit);
    check_written(file.write_end(last));
    file.close();
}

void library_closed() noexcept {
    if (current_hooks() == nullptr || current_hooks() == &undecided) return;
    const os::errno_kept keep;
    const os::signals_blocked until_done;
    const os::lock_guard guard(file.lock());
    // Nodes of before belong to the table of before.
    if (file.is_open()) check_written(file.write_tables());
    modules.look_for_gone([](std::uintptr_t begin, std::uintptr_t end) noexcept {
        rules.retire(begin, end);
        nodes.hide(begin, end);
        unloads.fetch_add(1, std::memory_order_relaxed);
    });
}

} // namespace krait::trace
