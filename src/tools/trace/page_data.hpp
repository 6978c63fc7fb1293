// What the page draws, put together before it is written, so that a long trace makes a page that opens at once:
// stacks that differ in addresses alone are one, and those small in every respect are the rest of their thread.
#pragma once

#include "trace/frames.hpp"
#include "trace/groups.hpp"
#include "trace/profile.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace krait::tools {

struct page_side {
    const profile& of;
    frame_names& names;
};

struct page_limits {
    std::size_t places = 12'000;
    std::size_t moves = 150'000;
};

// One trace, or two to be compared. As JSON:
//   title, command, warnings[], totals[[title, value, note]]
//   texts[]                      every name once; the others are indices into it
//   frames[[function, file, line, object, is plumbing]]
//   nodes{parent[], frame[]}     the tree of stacks; node 0 is the root, a parent is before its children
//   threads[], libraries[]       what can be chosen
//   sides[{seconds, highest[], live[], resident[]}]
//   places{node[], thread[], side[], peak[], end[], bytes[], temporary[], calls[]}
//   moves{bucket[], place[], calls[], bytes[], released[]}
std::string page_data(std::span<const page_side> sides, const profile_filter& filter, const page_limits& limits = {});

} // namespace krait::tools
