// The collector's statistics for Prometheus and its kin, in the OpenMetrics text format.
//
//     std::vector<krait::gc::figures> all{krait::gc::take_figures("main")};     // each thread takes its own
//     write_answer(krait::gc::openmetrics(all));
//
// The names are those of Python's client library with krait_ in front, and more in the same manner. As in the
// library's own metrics (docs/stats.md) a counter has no TYPE line, which OpenMetrics and Prometheus' older format
// would want to differ.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <krait/object/gc.hpp>

namespace krait::gc {

// What a thread's collector has done, and how many objects it has in its care, by generation.
struct figures {
    std::string heap; // the label of this thread's samples; none if empty
    std::array<generation_stats, 3> runs{};
    std::array<std::size_t, 3> tracked{};
    std::size_t frozen = 0;
    std::size_t parked = 0; // dead blocks in free lists
};

// Of the calling thread. Counts its objects: the time is that of a walk over the lists.
inline figures take_figures(std::string heap = {}) {
    figures f;
    f.heap = std::move(heap);
    f.runs = get_stats();
    for (int i = 0; i < 3; ++i)
        internal::for_each_tracked(i, [&](detail::object_head*) { ++f.tracked[static_cast<std::size_t>(i)]; });
    f.frozen = get_freeze_count();
    for (const freelist_info& list : get_freelists()) f.parked += list.size;
    return f;
}

namespace internal {

// A label's value: backslashes, quotation marks and line ends are escaped.
inline std::string label_value(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

class metrics_text {
  public:
    explicit metrics_text(std::span<const figures> of) : of_(of) {}

    // value(figures, generation): a number as text.
    template <class F>
    void by_generation(std::string_view name, bool is_counter, std::string_view help, F&& value) {
        heading(name, is_counter, help);
        for (const figures& f : of_)
            for (std::size_t generation = 0; generation < 3; ++generation) {
                text_.append(sample_name_).append("{generation=\"").append(std::to_string(generation)).append("\"");
                if (!f.heap.empty()) text_.append(",heap=").append(label_value(f.heap));
                text_.append("} ").append(value(f, generation)).append("\n");
            }
    }
    template <class F>
    void whole(std::string_view name, std::string_view help, F&& value) {
        heading(name, false, help);
        for (const figures& f : of_) {
            text_.append(sample_name_);
            if (!f.heap.empty()) text_.append("{heap=").append(label_value(f.heap)).append("}");
            text_.append(" ").append(value(f)).append("\n");
        }
    }
    std::string finish() && { return std::move(text_.append("# EOF\n")); }

  private:
    void heading(std::string_view name, bool is_counter, std::string_view help) {
        sample_name_.assign("krait_gc_").append(name).append(is_counter ? "_total" : "");
        text_.append("# HELP ").append(sample_name_).append(" ").append(help).append(".\n");
        if (!is_counter) text_.append("# TYPE ").append(sample_name_).append(" gauge\n");
    }

    std::span<const figures> of_;
    std::string text_, sample_name_;
};

} // namespace internal

// One text for all the given figures, whose labels differ.
inline std::string openmetrics(std::span<const figures> of) {
    internal::metrics_text text(of);
    const auto runs = [&](std::string_view name, std::string_view help, std::size_t generation_stats::*number) {
        text.by_generation(name, true, help,
                           [&](const figures& f, std::size_t g) { return std::to_string(f.runs[g].*number); });
    };
    runs("collections", "runs of the collector", &generation_stats::collections);
    runs("objects_collected", "objects found unreachable and freed", &generation_stats::collected);
    runs("objects_uncollectable", "unreachable objects that could not be freed", &generation_stats::uncollectable);
    runs("objects_examined", "objects that runs have looked at", &generation_stats::candidates);
    text.by_generation("seconds", true, "time in runs", [](const figures& f, std::size_t g) {
        char digits[64]; // with a point in every locale
        return std::string(
            digits, std::to_chars(digits, digits + sizeof digits, f.runs[g].duration, std::chars_format::fixed, 9).ptr);
    });
    text.by_generation("objects_tracked", false, "objects in the collector's care",
                       [](const figures& f, std::size_t g) { return std::to_string(f.tracked[g]); });
    text.whole("objects_frozen", "objects out of the collector's sight, by freeze",
               [](const figures& f) { return std::to_string(f.frozen); });
    text.whole("blocks_parked", "blocks of dead objects in free lists",
               [](const figures& f) { return std::to_string(f.parked); });
    return std::move(text).finish();
}
// Of the calling thread alone.
inline std::string openmetrics() {
    const figures own = take_figures();
    return openmetrics(std::span(&own, 1));
}

} // namespace krait::gc
