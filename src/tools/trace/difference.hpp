// What changed between two traces, by place: tracemalloc's compare_to. Groups are the same where their names and places
// are, so that a program that was built again is compared as long as its lines stayed.
#pragma once

#include "trace/groups.hpp"

#include <string>
#include <vector>

namespace krait::tools {

struct group_change {
    std::string name, where, caller;
    metrics before, after;

    double of(metric by) const noexcept { return value_of(after, by) - value_of(before, by); }
};

// The greatest change first; those that stayed as they were are left out.
std::vector<group_change> changes_between(const std::vector<group>& before, const std::vector<group>& after, metric by);

std::string changes_text(const std::vector<group_change>& changes, metric by, std::size_t width, std::size_t most);

} // namespace krait::tools
