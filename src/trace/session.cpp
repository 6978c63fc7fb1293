#include "trace/session.hpp"

#include "base/text.hpp"
#include "os/clock.hpp"
#include "os/errno_kept.hpp"
#include "os/file.hpp"
#include "os/proc_self.hpp"
#include "os/thread.hpp"

#include <cstring>
#include <span>

namespace krait::trace {

constinit session the_session;
constinit thread_local stream* own = nullptr;
constinit thread_local bool is_making_own = false;

void stop_recording() noexcept {
    the_session.to_file.store(false, std::memory_order_relaxed);
    if (!the_session.to_set.load(std::memory_order_relaxed)) exchange_hooks(nullptr);
}

void forget_in_child() noexcept {
    ++the_session.forks; // what chunks hold by now is the parent's
    the_session.blocks.each_lock([](os::lock& each) noexcept { each.reset_in_child(); });
    the_session.file.forget();
    own = nullptr;
    is_making_own = false;
    the_session.streams.store(nullptr, std::memory_order_relaxed);
    the_session.next_index.store(0, std::memory_order_relaxed);
    the_session.with_more.store(0, std::memory_order_relaxed);
    the_session.lost.store(0, std::memory_order_relaxed);
    the_session.process.make();
}

void file_turn::give_up_in_child() noexcept {
    forget_in_child();
    stop_recording();
}

void tell_of_failure() noexcept {
    os::output_file err = os::output_file::standard_error();
    text line(os::output_file::sink, &err);
    const char* const why = strerrordesc_np(the_session.file.error());
    line << "krait: trace: " << std::string_view(the_session.file.path()) << ": "
         << std::string_view(why != nullptr ? why : "it cannot be written") << ", recording stops\n";
}

// By the holder of the_session.file's lock.
void check_written(bool is_written) noexcept {
    if (KRAIT_LIKELY(is_written) || !the_session.file.is_open()) return;
    stop_recording();
    tell_of_failure();
    the_session.file.close();
}

namespace {

void empty(stream& s) noexcept {
    s.filled.store(0, std::memory_order_relaxed);
    s.written = 0;
}

} // namespace

// As many threads have more as the bound allows.
void use_more(stream& s) noexcept {
    s.chunk = s.has->chunk.data();
    s.chunk_bytes = stream::large_chunk;
    s.nodes.open(s.has->nodes.data(), stream::node_slots);
    s.sites.open(s.has->sites.data(), stream::site_slots);
    std::uint8_t* const end = s.encoder.widen(s.end_of_code(), &s.has->wide);
    s.filled.store(stream::packed(static_cast<std::uint64_t>(end - s.end_of_code()), 0), std::memory_order_release);
}

namespace {

void grow(stream& s) noexcept {
    constexpr std::uint32_t most_with_more = 200; // 30 MiB
    static_assert(most_with_more * sizeof(stream::more) < (std::size_t{30} << 20));
    if (s.has != nullptr || the_session.with_more.fetch_add(1, std::memory_order_relaxed) >= most_with_more) return;
    s.has = static_cast<stream::more*>(os::map_anywhere(sizeof(stream::more)));
    if (s.has != nullptr) use_more(s);
}

} // namespace

namespace {

// The chunk's code, packed without a lock; none if that is not worth it.
std::span<const std::uint8_t> packed_chunk(stream& s) noexcept {
    constexpr std::size_t worth_it = 512;
    const std::size_t bytes = s.filled.load(std::memory_order_relaxed) >> 32;
    if (s.has == nullptr || bytes < worth_it) return {};
    const std::size_t packed = s.has->pack.pack(s.chunk, bytes, s.has->packed.data());
    if (packed >= bytes) return {};
    return {s.has->packed.data(), packed};
}

} // namespace

void flush(stream& s) noexcept {
    const os::errno_kept keep;
    std::optional<os::signals_blocked> until_written;
    block_signals(until_written);
    const std::span<const std::uint8_t> packed = packed_chunk(s);
    const file_turn turn;
    if (s.forks == the_session.forks && the_session.file.is_open())
        check_written(the_session.file.write_events(s, packed));
    empty(s);
}

void flush_full(stream& s) noexcept {
    flush(s);
    grow(s);
}

std::uint64_t now_ns() noexcept { return os::clock_us() * 1000; }

void write_all_streams() noexcept {
    for (stream* s = the_session.streams.load(std::memory_order_acquire); s != nullptr; s = s->next) {
        if (the_session.file.is_open()) check_written(the_session.file.write_events(*s));
    }
}

// How much memory the process has, every 10 ms and, in longer runs, 4,096 times until now.
void take_sample(std::uint64_t seen) noexcept {
    const os::errno_kept keep;
    if (!the_session.next_sample.compare_exchange_strong(seen, UINT64_MAX, std::memory_order_relaxed)) return;
    if (os::has_filter()) return; // none from now on
    std::optional<os::signals_blocked> until_written;
    block_signals(until_written);
    sample_record sample;
    sample.resident = os::resident_memory();
    sample.monotonic_ns = now_ns();
    sample.stamp = stamp_of_arrival();
    {
        const file_turn turn;
        if (the_session.file.is_open()) check_written(the_session.file.write_sample(sample));
        // Chunks of samples take long to fill: what a process that is killed leaves behind is no older than this.
        if (the_session.chosen.mean_bytes != 0) write_all_streams();
    }
    const std::uint64_t passed = sample.monotonic_ns - the_session.start_ns + 1;
    const std::uint64_t pause = std::max<std::uint64_t>(10'000'000, passed / 4096);
    const double rate = static_cast<double>(sample.stamp - the_session.start_stamp) / static_cast<double>(passed);
    the_session.next_sample.store(sample.stamp + 1 + static_cast<std::uint64_t>(rate * static_cast<double>(pause)),
                                  std::memory_order_relaxed);
}

namespace {

// Nodes of addresses that another file has now are hidden before one of its own is made: a walk comes to know the code,
// and nodes are made once it is done.
void know_module(std::uintptr_t pc) noexcept {
    const os::code_object found = the_session.modules.know(
        pc, [](std::uintptr_t begin, std::uintptr_t end) noexcept { the_session.nodes.hide(begin, end); });
    if (the_session.chosen.python) the_session.python.look_at(found);
}

} // namespace

bool open_session() noexcept {
    the_session.has_ticks = os::has_steady_ticks();
    const os::code_object self = os::code_object_at(reinterpret_cast<std::uintptr_t>(&open_session));
    the_session.own_begin = self.begin;
    the_session.own_end = self.end;
    the_session.rules.on_new_code = know_module;
    return the_session.nodes.open() && the_session.sites.open() && the_session.modules.open() &&
           the_session.python.codes.open() && the_session.rules.open(the_session.chosen.frame_pointers) &&
           the_session.file.open(the_session.nodes, the_session.sites, the_session.modules, the_session.python.codes) &&
           (the_session.chosen.mean_bytes == 0 || the_session.samples.open());
}

} // namespace krait::trace
