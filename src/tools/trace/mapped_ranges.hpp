// The program's own mappings that are live: a new one replaces what lies under it, and unmapping takes parts away.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>

namespace krait::tools {

class mapped_ranges {
  public:
    // Takes [begin, end) away; tells what(place, bytes, whole) of each mapping hit, `whole` if nothing of it is left.
    template <class What>
    void take(std::uint64_t begin, std::uint64_t end, What what) {
        auto at = ranges_.upper_bound(begin);
        if (at != ranges_.begin() && std::prev(at)->second.end > begin) --at;
        while (at != ranges_.end() && at->first < end) {
            const std::uint64_t from = at->first;
            const range was = at->second;
            at = ranges_.erase(at);
            if (from < begin) ranges_[from] = {begin, was.place};
            if (was.end > end) at = ranges_.insert_or_assign(end, range{was.end, was.place}).first;
            what(was.place, std::min(was.end, end) - std::max(from, begin), from >= begin && was.end <= end);
        }
    }

    void add(std::uint64_t begin, std::uint64_t end, std::uint32_t place) { ranges_[begin] = {end, place}; }

  private:
    struct range {
        std::uint64_t end;
        std::uint32_t place;
    };
    std::map<std::uint64_t, range> ranges_; // apart from each other
};

} // namespace krait::tools
