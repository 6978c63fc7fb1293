#include "trace/location_table.hpp"

#include <algorithm>

namespace krait::tools {

void location_table::modules(const std::vector<trace_module>& now) {
    segments_.clear();
    for (const trace_module& each : now) {
        const auto [known, is_new] = module_index_.try_emplace(each.path + '\n' + each.build_id,
                                                               static_cast<std::uint32_t>(made_.modules.size()));
        if (is_new) {
            std::string path = each.path;
            if (path.empty() && each.is_program) path = made_.start.program;
            made_.modules.push_back({std::move(path), each.build_id});
        }
        for (const trace::segment_row& segment : each.segments)
            segments_.push_back({segment.begin, segment.end, each.bias, known->second});
        if (each.segments.empty()) segments_.push_back({each.begin, each.end, each.bias, known->second});
    }
    std::sort(segments_.begin(), segments_.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    std::erase_if(pending_, [this](const pending& each) {
        const location at = located(each.address);
        if (at.module == no_module) return false;
        made_.nodes[each.node].location = index_of(at);
        return true;
    });
}

location location_table::located(std::uint64_t address) const {
    const auto above = std::upper_bound(segments_.begin(), segments_.end(), address,
                                        [](std::uint64_t value, const auto& each) { return value < each.begin; });
    if (above == segments_.begin() || address >= std::prev(above)->end) return {no_module, address};
    return {std::prev(above)->module, address - std::prev(above)->bias};
}

std::uint32_t location_table::index_of(const location& at) {
    const auto [known, is_new] = location_index_.try_emplace(at, static_cast<std::uint32_t>(made_.locations.size()));
    if (is_new) made_.locations.push_back(at);
    return known->second;
}

void location_table::node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc) {
    if (made_.nodes.size() <= id) made_.nodes.resize(std::size_t{id} + 1);
    made_.nodes[id].parent = parent;
    if (pc == 0) return; // not known yet
    if ((pc & trace::code_flag) != 0) {
        made_.nodes[id].location = index_of({code_module, pc & ~trace::code_flag});
        return;
    }
    const location at = located(pc - 1); // the call, not what comes behind it
    made_.nodes[id].location = index_of(at);
    if (at.module == no_module) pending_.push_back({id, at.address});
}

} // namespace krait::tools
