// krait/trace.h for C++: the same functions with owners, spans and vectors. Header-only.
//
//   krait::tracing::start(32);
//   const auto before = krait::tracing::take_snapshot();
//   serve();
//   for (const auto& grown : krait::tracing::take_snapshot().compare_to(before)) …
#pragma once

#include <krait/trace.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace krait::tracing {

using row = krait_trace_row;
using filter = krait_trace_filter;
using statistic = krait_trace_statistic;

enum class by {
    place = KRAIT_TRACE_BY_PLACE,
    object = KRAIT_TRACE_BY_OBJECT,
    thread = KRAIT_TRACE_BY_THREAD,
    traceback = KRAIT_TRACE_BY_TRACEBACK,
};

struct traced_memory {
    std::size_t current;
    std::size_t peak;
};

inline bool is_available() { return krait_trace_is_available() != 0; }
// 0 or an error number.
inline int start(std::size_t frames = 1) { return krait_trace_start(frames); }
inline void stop() { krait_trace_stop(); }
inline bool is_tracing() { return krait_trace_is_tracing() != 0; }
inline void clear() { krait_trace_clear(); }
inline void reset_peak() { krait_trace_reset_peak(); }
inline std::size_t get_tracer_memory() { return krait_trace_get_tracer_memory(); }

inline traced_memory get_traced_memory() {
    traced_memory memory{};
    memory.current = krait_trace_get_traced_memory(&memory.peak);
    return memory;
}

// Innermost first; empty for a block that is not followed.
inline std::vector<std::uintptr_t> get_object_traceback(const void* block) {
    std::vector<std::uintptr_t> places(256);
    places.resize(krait_trace_get_object_traceback(block, places.data(), places.size()));
    return places;
}

// The traces of one moment. One that is empty() has no rows: nothing was traced, or there was no memory.
class snapshot {
  public:
    snapshot() = default;
    explicit snapshot(krait_snapshot* owned) noexcept : held_(owned) {}
    snapshot(snapshot&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    snapshot& operator=(snapshot&& other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    ~snapshot() { krait_snapshot_free(held_); }

    bool empty() const noexcept { return held_ == nullptr; }

    // Largest first; they live as long as this.
    std::span<const row> rows() const {
        const row* first = nullptr;
        const std::size_t count = held_ != nullptr ? krait_snapshot_rows(held_, &first) : 0;
        return {first, count};
    }

    std::vector<statistic> statistics(by key = by::place, bool is_cumulative = false) const {
        return gathered([&](statistic* to, std::size_t most) {
            return krait_snapshot_statistics(held_, c_key(key), is_cumulative ? 1 : 0, to, most);
        });
    }

    std::vector<statistic> compare_to(const snapshot& older, by key = by::place, bool is_cumulative = false) const {
        if (older.empty()) return {};
        return gathered([&](statistic* to, std::size_t most) {
            return krait_snapshot_compare(held_, older.held_, c_key(key), is_cumulative ? 1 : 0, to, most);
        });
    }

    snapshot filter_traces(std::span<const filter> filters) const {
        return snapshot(held_ != nullptr ? krait_snapshot_filter(held_, filters.data(), filters.size()) : nullptr);
    }

    // 0 or an error number.
    int dump(const char* file) const { return held_ != nullptr ? krait_snapshot_dump(held_, file) : 0; }
    static snapshot load(const char* file) { return snapshot(krait_snapshot_load(file)); }

  private:
    static krait_trace_key c_key(by key) noexcept { return static_cast<krait_trace_key>(key); }

    template <class Gather>
    std::vector<statistic> gathered(Gather gather) const {
        std::vector<statistic> all;
        if (held_ == nullptr) return all;
        all.resize(gather(nullptr, 0));
        all.resize(gather(all.data(), all.size()));
        return all;
    }

    krait_snapshot* held_ = nullptr;
};

inline snapshot take_snapshot() { return snapshot(krait_trace_take_snapshot()); }

} // namespace krait::tracing
