#include "api/openmetrics.hpp"
#include "observe/formats.hpp"

namespace krait::tools {

std::string stats_openmetrics(const heap_picture& picture) {
    std::vector<class_sample> classes;
    for (const class_picture& each : picture.classes)
        if (each.pools != 0) classes.push_back({each.size, each.pools, each.in_use, each.available, each.cached});
    std::string result;
    {
        text out([](void* to, std::string_view part) { *static_cast<std::string*>(to) += part; }, &result);
        write_openmetrics(out,
                          {.totals = picture.totals, .classes = classes, .rss = picture.rss, .system = picture.system});
    }
    return result;
}

} // namespace krait::tools
