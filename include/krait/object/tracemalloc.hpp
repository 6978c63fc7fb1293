// tracemalloc: where in the program the blocks of values were allocated, as Python's module of that name.
//
//     krait::tracemalloc::start();
//     krait::tracemalloc::line();                    // what comes is allocated here
//     const auto before = krait::tracemalloc::take_snapshot();
//     ...
//     const auto top = krait::tracemalloc::take_snapshot().compare_to(before)[0];
//
// An interpreter knows which line it is at; a C++ program says so with line(). Traced is the calling thread; only
// blocks of values and their tables, and only those allocated since start(). Free lists are off meanwhile.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <krait/object/value/block.hpp>

namespace krait::tracemalloc {

struct place {
    std::string filename;
    std::uint32_t lineno;
    friend auto operator<=>(const place&, const place&) = default;
};
struct statistic {
    place where;
    std::int64_t size;
    std::int64_t count;
    std::int64_t size_diff; // compare_to()
    std::int64_t count_diff;
};

namespace detail {
struct trace {
    std::size_t size;
    const char* file;
    std::uint32_t line;
};
struct state {
    std::unordered_map<void*, trace> blocks;
    std::size_t current = 0;
    std::size_t peak = 0;
    const char* file = "<unknown>";
    std::uint32_t line = 0;
};
inline state& tracing() {
    static thread_local state s;
    return s;
}
inline void made(void* block, std::size_t size) {
    state& s = tracing();
    s.blocks[block] = {size, s.file, s.line};
    s.current += size;
    s.peak = std::max(s.peak, s.current);
}
inline void gone(void* block) noexcept {
    state& s = tracing();
    const auto found = s.blocks.find(block);
    if (found == s.blocks.end()) return; // older than the trace
    s.current -= found->second.size;
    s.blocks.erase(found);
}
inline constexpr krait::detail::block_tracer tracer{made, gone};
} // namespace detail

// A copy of all traces, added up by line.
class snapshot {
  public:
    // By line, the most bytes first.
    std::vector<statistic> statistics() const { return compare_to({}); }
    // The lines of both, the greatest change first.
    std::vector<statistic> compare_to(const snapshot& old) const {
        std::map<place, statistic> lines;
        const auto look = [&](const totals& of, std::int64_t sign) {
            for (const auto& [where, sum] : of) {
                statistic& s = lines.try_emplace(where, statistic{where, 0, 0, 0, 0}).first->second;
                if (sign > 0) std::tie(s.size, s.count) = sum;
                s.size_diff += sign * sum.first;
                s.count_diff += sign * sum.second;
            }
        };
        look(lines_, 1);
        look(old.lines_, -1);
        std::vector<statistic> sorted;
        for (const auto& line : lines) sorted.push_back(line.second);
        const auto key = [](const statistic& s) {
            return std::tuple(std::abs(s.size_diff), s.size, std::abs(s.count_diff), s.count, s.where);
        };
        std::sort(sorted.begin(), sorted.end(),
                  [&](const statistic& a, const statistic& b) { return key(a) > key(b); });
        return sorted;
    }

  private:
    friend snapshot take_snapshot();
    using totals = std::map<place, std::pair<std::int64_t, std::int64_t>>;
    totals lines_;
};

inline void start() {
    krait::detail::clear_freelists(krait::detail::started_heap());
    krait::detail::tracer = &detail::tracer;
}
// Forgets all traces.
inline void stop() noexcept {
    krait::detail::tracer = nullptr;
    detail::tracing() = {};
}
inline bool is_tracing() noexcept { return krait::detail::tracer != nullptr; }
// The line that allocates from now on: the caller's own, unless it says another.
inline void line(const char* file = __builtin_FILE(), std::uint32_t number = __builtin_LINE()) noexcept {
    detail::tracing().file = file;
    detail::tracing().line = number;
}
// Bytes: now, and the most since the start or the last reset_peak().
inline std::pair<std::size_t, std::size_t> get_traced_memory() noexcept {
    return {detail::tracing().current, detail::tracing().peak};
}
inline void reset_peak() noexcept { detail::tracing().peak = detail::tracing().current; }
// Throws state_error if nobody traces.
inline snapshot take_snapshot() {
    if (!is_tracing())
        throw state_error("the tracemalloc module must be tracing memory allocations to take a snapshot");
    snapshot taken;
    for (const auto& [block, t] : detail::tracing().blocks) {
        auto& sum = taken.lines_[{t.file, t.line}];
        sum.first += static_cast<std::int64_t>(t.size);
        ++sum.second;
    }
    return taken;
}

} // namespace krait::tracemalloc
