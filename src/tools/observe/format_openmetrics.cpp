#include "observe/formats.hpp"

#include <algorithm>
#include <array>

namespace krait::tools {

namespace {

// The fields of krait_stats that only grow.
constexpr std::array<std::string_view, 7> counters{"arenas_created",  "arenas_released",   "pools_purged",
                                                   "pools_regretted", "passthrough_calls", "passthrough_bytes",
                                                   "lock_contended"};

// OpenMetrics names a counter's family without the _total of its samples, Prometheus' older text format with it; a
// counter without a TYPE line is right in both, and a rate is taken of it all the same.
std::string heading(std::string_view name, std::string_view help, bool counter) {
    const std::string about = fmt::format("# HELP krait_{}{} {}.\n", name, counter ? "_total" : "", help);
    return counter ? about : about + fmt::format("# TYPE krait_{} gauge\n", name);
}

std::string field(std::string_view name, std::string_view help, std::uint64_t value) {
    const bool counter = std::find(counters.begin(), counters.end(), name) != counters.end();
    return heading(name, help, counter) + fmt::format("krait_{}{} {}\n", name, counter ? "_total" : "", value);
}

std::string per_class(const heap_picture& picture, std::string_view name, std::string_view help,
                      std::uint64_t class_picture::*number) {
    std::string text = heading(name, help, false);
    for (const class_picture& each : picture.classes)
        if (each.pools != 0) text += fmt::format("krait_{}{{size=\"{}\"}} {}\n", name, each.size, each.*number);
    return text;
}

} // namespace

std::string stats_openmetrics(const heap_picture& picture) {
    std::string text;
#define KRAIT_ADD_FIELD(name, help) text += field(#name, help, picture.totals.name);
    KRAIT_STATS_FIELDS(KRAIT_ADD_FIELD)
#undef KRAIT_ADD_FIELD
    text += per_class(picture, "class_pools", "pools that serve the class", &class_picture::pools);
    text += per_class(picture, "class_blocks_in_use", "blocks that the program holds", &class_picture::in_use);
    text += per_class(picture, "class_blocks_available", "free blocks of the class's pools", &class_picture::available);
    text += per_class(picture, "class_blocks_cached", "free blocks in caches and the depot", &class_picture::cached);
    text += field("process_rss_bytes", "resident memory of the whole process", picture.rss);
    return text + "# EOF\n";
}

} // namespace krait::tools
