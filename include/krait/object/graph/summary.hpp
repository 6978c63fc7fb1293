// What a thread's objects take, by type, and what has changed since: Pympler's summary and SummaryTracker.
//
//     krait::graph::tracker watch;
//     serve_a_day();
//     for (const auto& row : watch.diff()) std::cout << row.type << ' ' << row.count << ' ' << row.bytes << '\n';
//
// Summed up are all objects that there are to be seen (types.hpp, all_objects), each with its own bytes, as
// getsizeof tells them: what cannot be part of a cycle is in it as far as something tracked leads to it. Nothing is
// held between the calls but the rows. Throws not_now, std::bad_alloc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <krait/object/graph/sizes.hpp>

namespace krait::graph {

// The types with the most bytes first.
inline std::vector<type_size> summarize(const objects& given) {
    internal::scale scale(sizing{1, false, true});
    detail::refuse_half_changed();
    internal::size_table table;
    for (const ref<void>& o : given)
        if (o) table.add(detail::head_in(o), scale.weigh(detail::head_in(o)));
    return table.rows();
}
inline std::vector<type_size> summary() {
    internal::scale scale(sizing{1, false, true});
    internal::size_table table;
    const detail::picture whole = detail::picture::of_thread();
    for (const detail::object_head* const head : whole.heads()) table.add(head, scale.weigh(head));
    return table.rows();
}

struct size_change {
    std::string type;
    std::int64_t count;
    std::int64_t bytes;
    friend bool operator==(const size_change&, const size_change&) = default;
};

// The types whose number or bytes changed, the largest change first.
inline std::vector<size_change> difference(const std::vector<type_size>& before, const std::vector<type_size>& after) {
    std::map<std::string, size_change> changes;
    const auto add = [&](const std::vector<type_size>& rows, std::int64_t sign) {
        for (const type_size& row : rows) {
            size_change& change = changes[row.type];
            change.count += sign * static_cast<std::int64_t>(row.count);
            change.bytes += sign * static_cast<std::int64_t>(row.bytes);
        }
    };
    add(before, -1);
    add(after, 1);
    std::vector<size_change> rows;
    for (const auto& [type, change] : changes)
        if (change.count != 0 || change.bytes != 0) rows.push_back({type, change.count, change.bytes});
    internal::sort_and_cut(
        rows, [](const size_change& row) { return row.bytes < 0 ? -row.bytes : row.bytes; }, no_limit);
    return rows;
}

class tracker {
  public:
    tracker() : last_(summary()) {}

    // Since the last call, or since the tracker was made.
    std::vector<size_change> diff() {
        std::vector<type_size> now = summary();
        std::vector<size_change> changes = difference(last_, now);
        last_ = std::move(now);
        return changes;
    }

  private:
    std::vector<type_size> last_;
};

} // namespace krait::graph
