#include "trace/groups.hpp"

#include <fmt/format.h>

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace krait::tools {

namespace {

struct metric_row {
    metric which;
    std::string_view name, title;
};
constexpr std::array<metric_row, 5> metric_rows{{{metric::peak, "peak", "live at the peak"},
                                                 {metric::end, "end", "live at the end"},
                                                 {metric::allocated, "allocated", "allocated"},
                                                 {metric::temporary, "temporary", "temporary"},
                                                 {metric::calls, "calls", "calls"}}};

struct grouping_row {
    grouping which;
    std::string_view name;
};
constexpr std::array<grouping_row, 7> grouping_rows{{{grouping::place, "place"},
                                                     {grouping::line, "line"},
                                                     {grouping::function, "function"},
                                                     {grouping::file, "file"},
                                                     {grouping::object, "object"},
                                                     {grouping::thread, "thread"},
                                                     {grouping::traceback, "traceback"}}};

bool matches(const std::string& pattern, const std::string& name) {
    if (pattern.find_first_of("*?[") == std::string::npos) return name.find(pattern) != std::string::npos;
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

bool matches_one(const std::vector<std::string>& patterns, const frame& of) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& each) {
        return matches(each, of.function) || matches(each, of.file) || matches(each, of.object);
    });
}

std::string thread_text(const profile& of, std::uint32_t thread) {
    if (thread >= of.threads.size()) return fmt::format("thread {}", thread);
    return of.threads[thread].text();
}

// "function  file:line"; of what has no name the address alone.
std::string named_place(const frame& of) {
    const std::string where = of.where();
    return where.empty() ? of.function : fmt::format("{}  {}", of.function, where);
}

// Groups by name, in the order in which they came.
class collector {
  public:
    collector(const profile& of, frame_names& names, const group_request& request)
        : profile_(of), names_(names), request_(request) {}

    void add(const profile_place& place) {
        if (request_.by == grouping::thread) return add_named(thread_text(profile_, place.thread), place.cost);
        if (request_.by == grouping::traceback) return add_traceback(place);
        if (!request_.is_cumulative) {
            const bool is_own = request_.by == grouping::place;
            const std::uint32_t innermost = is_own ? names_.own_frame(place.stack) : first_frame(place.stack);
            const std::size_t at = add_frame(innermost, place.cost);
            if (is_own) callers_[at][caller_of(place.stack, innermost)] += value_of(place.cost, request_.callers_by);
            return;
        }
        std::unordered_set<std::string> seen;
        names_.for_each(place.stack, [&](std::uint32_t id) {
            if (seen.insert(key_of(id)).second) add_frame(id, place.cost);
        });
    }

    std::vector<group> take() {
        for (const auto& [at, callers] : callers_) {
            const auto most = std::max_element(callers.begin(), callers.end(),
                                               [](const auto& a, const auto& b) { return a.second < b.second; });
            groups_[at].caller = most->first;
            const auto others =
                std::count_if(callers.begin(), callers.end(), [](const auto& a) { return a.second > 0; });
            groups_[at].other_callers = others > 1 ? static_cast<std::size_t>(others - 1) : 0;
        }
        return std::move(groups_);
    }

  private:
    std::uint32_t first_frame(std::uint32_t stack) {
        const std::vector<std::uint32_t> all = names_.innermost_first(stack);
        return all.empty() ? names_.own_frame(stack) : all.front();
    }

    // The next frame outwards that is no plumbing either, nor an interpreter's machinery, unless this one is.
    std::string caller_of(std::uint32_t stack, std::uint32_t own) {
        const auto is_passed = [&](const frame& of) {
            return of.is_plumbing || (of.is_interpreters && !names_[own].is_interpreters);
        };
        bool is_behind = false;
        std::string caller;
        names_.for_each(stack, [&](std::uint32_t id) {
            if (is_behind && caller.empty() && !is_passed(names_[id])) caller = named_place(names_[id]);
            is_behind = is_behind || id == own;
        });
        return caller;
    }

    std::string key_of(std::uint32_t id) const {
        const frame& of = names_[id];
        switch (request_.by) {
        case grouping::function:
            return of.function;
        case grouping::file:
            return of.file.empty() ? of.object : of.file;
        case grouping::object:
            return of.object;
        default:
            return fmt::format("{}\n{}", of.function, of.where());
        }
    }

    std::size_t add_frame(std::uint32_t id, const metrics& cost) {
        const bool has_where = request_.by == grouping::place || request_.by == grouping::line;
        const std::string key = key_of(id);
        return add_to(key, has_where ? names_[id].function : key, has_where ? names_[id].where() : "", cost);
    }

    void add_named(const std::string& name, const metrics& cost) { add_to(name, name, "", cost); }

    void add_traceback(const profile_place& place) {
        std::string text;
        names_.for_each(place.stack, [&](std::uint32_t id) {
            text += fmt::format("{}{}", text.empty() ? "" : "\n", named_place(names_[id]));
        });
        add_named(text.empty() ? "(no stack)" : text, place.cost);
    }

    std::size_t add_to(const std::string& key, const std::string& name, const std::string& where, const metrics& cost) {
        const auto [known, is_new] = index_.try_emplace(key, groups_.size());
        if (is_new) {
            group& made = groups_.emplace_back();
            made.name = name;
            made.where = where;
        }
        groups_[known->second].cost += cost;
        return known->second;
    }

    const profile& profile_;
    frame_names& names_;
    const group_request& request_;
    std::vector<group> groups_;
    std::unordered_map<std::string, std::size_t> index_;
    std::unordered_map<std::size_t, std::map<std::string, double>> callers_;
};

} // namespace

const amount& amount_of(const metrics& of, metric which) noexcept {
    switch (which) {
    case metric::peak:
        return of.at_peak;
    case metric::end:
        return of.at_end;
    case metric::temporary:
        return of.temporary;
    default:
        return of.allocated;
    }
}

double value_of(const metrics& of, metric which) noexcept {
    const amount& shown = amount_of(of, which);
    return which == metric::calls ? shown.calls : shown.bytes;
}

std::string_view title_of(metric which) noexcept { return metric_rows[static_cast<std::size_t>(which)].title; }

std::optional<metric> metric_named(std::string_view name) {
    for (const metric_row& each : metric_rows)
        if (each.name == name) return each.which;
    return std::nullopt;
}

std::optional<grouping> grouping_named(std::string_view name) {
    for (const grouping_row& each : grouping_rows)
        if (each.name == name) return each.which;
    return std::nullopt;
}

place_chooser::place_chooser(const profile& of, frame_names& names, const profile_filter& filter)
    : profile_(of), names_(names), filter_(filter), by_stack_(of.nodes.size(), -1) {}

bool place_chooser::is_chosen(const profile_place& place) {
    if (!filter_.threads.empty()) {
        if (place.thread >= profile_.threads.size()) return false;
        const profile_thread& thread = profile_.threads[place.thread];
        if (std::none_of(filter_.threads.begin(), filter_.threads.end(), [&](const std::string& each) {
                return each == thread.name || each == std::to_string(thread.tid);
            }))
            return false;
    }
    if (filter_.only.empty() && filter_.without.empty()) return true;
    signed char& known = by_stack_[place.stack];
    if (known >= 0) return known != 0;
    bool has_only = filter_.only.empty(), has_without = false;
    names_.for_each(place.stack, [&](std::uint32_t id) {
        has_only = has_only || matches_one(filter_.only, names_[id]);
        has_without = has_without || matches_one(filter_.without, names_[id]);
    });
    known = has_only && !has_without;
    return known != 0;
}

std::vector<group> group_places(const profile& of, frame_names& names, const group_request& request) {
    place_chooser chooser(of, names, request.filter);
    collector collected(of, names, request);
    for (const profile_place& place : of.places)
        if (place.is_mapping == request.is_mapping && chooser.is_chosen(place)) collected.add(place);
    return collected.take();
}

void sort_groups(std::vector<group>& groups, metric by) {
    std::erase_if(groups, [by](const group& each) { return value_of(each.cost, by) <= 0; });
    std::sort(groups.begin(), groups.end(), [by](const group& a, const group& b) {
        const double one = value_of(a.cost, by), other = value_of(b.cost, by);
        return one != other ? one > other : a.name != b.name ? a.name < b.name : a.where < b.where;
    });
}

} // namespace krait::tools
