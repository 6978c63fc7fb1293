#include "trace/formats.hpp"
#include "trace/frame_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace krait::tools {

namespace {

// The tree of massif: from the place that allocates outwards to who called it.
struct caller_node {
    double bytes = 0;
    std::map<std::uint32_t, caller_node> callers; // by frame
};

std::string one_line(std::string name) {
    std::replace(name.begin(), name.end(), '\n', ' ');
    return name;
}

// Callers below `least` bytes come as one line, as massif has them.
void write_tree(const caller_node& of, const std::string& name, unsigned depth, double least, const frame_names& names,
                std::string& text) {
    std::vector<std::pair<double, std::uint32_t>> heavy;
    double rest = 0;
    int places = 0;
    for (const auto& [frame, each] : of.callers)
        if (each.bytes >= least) {
            heavy.emplace_back(each.bytes, frame);
        } else {
            rest += each.bytes;
            ++places;
        }
    std::sort(heavy.begin(), heavy.end(), std::greater<>());
    text += fmt::format("{:{}}n{}: {:.0f} {}\n", "", depth, heavy.size() + (places > 0 ? 1 : 0), of.bytes, name);
    for (const auto& [bytes, frame] : heavy) {
        const std::string where = names[frame].where();
        write_tree(of.callers.at(frame),
                   one_line(fmt::format("{:#x}: {} ({})", frame + 1, names[frame].function,
                                        where.empty() ? names[frame].object : where)),
                   depth + 1, least, names, text);
    }
    if (places > 0)
        text += fmt::format("{:{}}n0: {:.0f} in {} place{}, all below massif's threshold (1.00%)\n", "", depth + 1,
                            rest, places, places == 1 ? "" : "s");
}

std::string snapshot(std::size_t number, double seconds, double bytes, const std::string& tree) {
    return fmt::format("#-----------\nsnapshot={}\n#-----------\ntime={:.0f}\nmem_heap_B={:.0f}\nmem_heap_extra_B=0\n"
                       "mem_stacks_B=0\nheap_tree={}",
                       number, seconds * 1000, bytes, tree);
}

} // namespace

std::string profile_as_massif(const profile& of, frame_names& names, const profile_filter& filter) {
    frame_tree tree(of, names);
    caller_node all;
    for (const stack_cost& each : costs_of_stacks(of, names, filter, tree)) {
        if (each.cost.at_peak.bytes <= 0) continue;
        caller_node* at = &all;
        at->bytes += each.cost.at_peak.bytes;
        tree.for_each_up(each.node, [&](std::uint32_t frame) {
            at = &at->callers[frame];
            at->bytes += each.cost.at_peak.bytes;
        });
    }
    std::string command = fmt::format("{}", fmt::join(of.start.command_line, " "));
    std::string text = fmt::format("desc: krait {}\ncmd: {}\ntime_unit: ms\n",
                                   of.is_sampled() ? "(estimates by samples)" : "(every allocation)",
                                   one_line(command.empty() ? of.start.program : command));
    std::size_t number = 0;
    const double length = of.seconds / static_cast<double>(std::max<std::size_t>(1, of.buckets.size()));
    bool has_peak = false;
    for (std::size_t i = 0; i < of.buckets.size(); ++i) {
        const double end = length * static_cast<double>(i + 1);
        if (!has_peak && end >= of.peak_seconds) {
            has_peak = true;
            std::string peak = "peak\n";
            write_tree(all, "(heap allocation functions) malloc/new/new[], --alloc-fns, etc.", 0, all.bytes / 100,
                       names, peak);
            text += snapshot(number++, of.peak_seconds, all.bytes, peak);
        }
        text += snapshot(number++, end, of.buckets[i].at_end, "empty\n");
    }
    return text;
}

} // namespace krait::tools
