#include "trace/tracing.hpp"

#include "trace/mapped_array.hpp"
#include "trace/put_event.hpp"

#include <cerrno>

namespace krait::trace {

constinit os::lock starts_and_stops;

namespace {

// What this thread's handlers ask for meanwhile is put aside: it holds locks of the set.
class recorder_scope {
  public:
    recorder_scope() noexcept : s_(own_stream()), was_busy_(s_ == nullptr || s_->is_busy.load()) {
        if (!was_busy_) become_busy(*s_);
    }
    ~recorder_scope() {
        if (!was_busy_) be_free_again(*s_);
    }
    recorder_scope(const recorder_scope&) = delete;
    recorder_scope& operator=(const recorder_scope&) = delete;
    // Not in a handler that interrupted the recorder, where a lock may be this thread's own.
    bool is_in() const noexcept { return !was_busy_; }

  private:
    stream* s_;
    bool was_busy_;
};

struct session_tree final : stack_tree {
    stack_node at(std::uint32_t node) const noexcept override {
        const intern_table::pair pair = the_session.nodes.at(node);
        return {pair.parent, pair.value};
    }
};

} // namespace

int start_tracing(std::size_t frames) noexcept {
    constexpr std::size_t most_frames = 256;
    if (frames == 0 || frames > most_frames) return EINVAL;
    at_start(); // KRAIT_TRACE is settled first
    const os::lock_guard guard(starts_and_stops);
    if (is_tracing()) return 0;
    if (the_session.to_file.load(std::memory_order_relaxed) && the_session.chosen.mean_bytes != 0) return EBUSY;
    if (!open_recorder(frames)) return ENOMEM;
    the_session.blocks.clear();
    the_session.to_set.store(true, std::memory_order_relaxed);
    exchange_hooks(&every_allocation);
    return 0;
}

void stop_tracing() noexcept {
    const os::lock_guard guard(starts_and_stops);
    if (!is_tracing()) return;
    the_session.to_set.store(false, std::memory_order_relaxed);
    if (!the_session.to_file.load(std::memory_order_relaxed)) exchange_hooks(nullptr);
    const recorder_scope inside;
    if (inside.is_in()) the_session.blocks.clear();
}

bool is_tracing() noexcept { return the_session.to_set.load(std::memory_order_relaxed); }

void clear_traces() noexcept {
    if (!is_tracing()) return;
    const recorder_scope inside;
    if (inside.is_in()) the_session.blocks.clear();
}

std::size_t traced_memory(std::size_t* peak) noexcept {
    if (peak != nullptr) *peak = the_session.blocks.peak();
    return the_session.blocks.current();
}

void reset_traced_peak() noexcept { the_session.blocks.reset_peak(); }

std::size_t tracer_memory() noexcept {
    if (!is_tracing()) return 0;
    std::size_t streams = 0;
    for (const stream* s = the_session.streams.load(std::memory_order_acquire); s != nullptr; s = s->next)
        streams += stream_bytes() + (s->has != nullptr ? sizeof(stream::more) : 0);
    return the_session.blocks.bytes() + the_session.nodes.bytes() + the_session.sites.bytes() + streams;
}

std::size_t traceback_of(const void* block, std::uintptr_t* places, std::size_t most) noexcept {
    live_block found{};
    {
        if (!is_tracing()) return 0;
        const recorder_scope inside;
        if (!inside.is_in() || !the_session.blocks.look_up(reinterpret_cast<std::uintptr_t>(block), found)) return 0;
    }
    std::size_t count = 0;
    for (std::uint32_t node = found.stack; node != 0;) {
        const intern_table::pair pair = the_session.nodes.at(node);
        if (count < most) places[count] = pair.value;
        ++count;
        node = pair.parent;
    }
    return count;
}

krait_snapshot* take_snapshot_of_traces() noexcept {
    if (!is_tracing()) return nullptr;
    const recorder_scope inside;
    if (!inside.is_in()) return nullptr;
    std::size_t count = 0;
    the_session.blocks.for_each([&](const live_block&) noexcept { ++count; });
    mapped_array<live_block> blocks(count + count / 8 + 1024); // other threads go on
    if (!blocks.is_there()) return nullptr;
    the_session.blocks.for_each([&](const live_block& block) noexcept { static_cast<void>(blocks.push(block)); });
    return make_snapshot(blocks.begin(), blocks.size(), session_tree());
}

} // namespace krait::trace
