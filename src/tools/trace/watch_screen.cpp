#include "trace/watch_screen.hpp"

#include "observe/time_line.hpp"
#include "trace/amount_text.hpp"
#include "trace/groups.hpp"
#include "trace/shortened.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace krait::tools {

namespace {

constexpr std::size_t most_history = 512;

std::string key_of(const watched_place& place) { return place.function + '\n' + place.where; }

void settle(watch_model& model) {
    for (watched_place& each : model.places) {
        const auto found = model.marked.find(key_of(each));
        each.growth = each.live.bytes - (found != model.marked.end() ? found->second : 0);
    }
}

top_line plain(std::string text, top_colour colour = top_colour::normal) { return {{std::move(text), colour}}; }

void add_totals(std::vector<top_line>& lines, const watch_model& model, std::size_t width, bool unicode) {
    lines.push_back({{fmt::format("{} {}", model.program, model.process), top_colour::title},
                     {fmt::format("  {}  {}{}", seconds_text(model.seconds),
                                  model.is_sampled ? "estimates, of samples" : "every allocation",
                                  model.is_paused ? "  [paused]" : ""),
                      top_colour::dim}});
    const double highest = model.history.empty() ? 0 : *std::max_element(model.history.begin(), model.history.end());
    const std::string live = fmt::format("live {:>11} {:>11}  ", bytes_text(model.live.bytes),
                                         signed_bytes_text(model.live.bytes - model.live_at_mark));
    const std::size_t chart = width > live.size() ? width - live.size() : 0;
    lines.push_back(
        {{live},
         {time_line(
              model.history.size(), [&](std::size_t i) { return model.history[i]; }, highest, chart, unicode),
          top_colour::full}});
    lines.push_back(plain(fmt::format("RSS  {:>11}   in {} blocks at {} places", bytes_text(model.resident),
                                      count_text(model.live.calls), model.places.size())));
    lines.push_back(
        plain(fmt::format("{:>11} {:>6} {:>11} {:>10}  place", "live", "", "growth", "blocks"), top_colour::dim));
}

// Two lines.
void add_place(std::vector<top_line>& lines, const watched_place& of, const amount& all, std::size_t width) {
    constexpr std::size_t before_names = 43;
    const std::size_t room = width > before_names + 20 ? width - before_names : 20;
    const top_colour colour = of.growth > 0   ? top_colour::quarter
                              : of.growth < 0 ? top_colour::full
                                              : top_colour::normal;
    lines.push_back({{fmt::format("{:>11} {:>6} ", bytes_text(of.live.bytes), share_text(of.live.bytes, all.bytes))},
                     {fmt::format("{:>11}", of.growth == 0 ? "" : signed_bytes_text(of.growth)), colour},
                     {fmt::format(" {:>10}  {}", count_text(of.live.calls), shortened_function(of.function, room))}});
    std::string text =
        fmt::format("{:{}}{}", "", before_names, shortened_path(of.where, of.caller.empty() ? room : room / 2));
    if (!of.caller.empty() && text.size() + 12 < width)
        text += "  from " + shortened_call(of.caller, width - text.size() - 7);
    lines.push_back(plain(std::move(text), top_colour::dim));
}

} // namespace

void advance(watch_model& model, const profile& now, frame_names& names) {
    model.program = std::filesystem::path(now.start.program).filename().string();
    model.process = now.start.numbers.pid;
    model.is_sampled = now.is_sampled();
    model.seconds = now.seconds;
    model.live = now.total.at_end;
    model.resident = now.peak_resident;
    model.history.push_back(model.live.bytes);
    if (model.history.size() > most_history) model.history.pop_front();
    group_request request;
    request.callers_by = metric::end;
    std::vector<group> groups = group_places(now, names, request);
    sort_groups(groups, metric::end);
    model.places.clear();
    for (group& each : groups)
        model.places.push_back({std::move(each.name), std::move(each.where), std::move(each.caller), each.cost.at_end});
    if (!model.has_mark) set_mark(model);
    settle(model);
}

void set_mark(watch_model& model) {
    model.has_mark = true;
    model.live_at_mark = model.live.bytes;
    model.marked.clear();
    for (const watched_place& each : model.places) model.marked[key_of(each)] = each.live.bytes;
    settle(model);
}

std::vector<top_line> watch_screen(const watch_model& model, std::size_t width, std::size_t height, bool unicode) {
    std::vector<top_line> lines;
    add_totals(lines, model, width, unicode);
    std::vector<const watched_place*> order;
    for (const watched_place& each : model.places) order.push_back(&each);
    if (model.order == watch_order::growth)
        std::stable_sort(order.begin(), order.end(),
                         [](const auto* a, const auto* b) { return a->growth > b->growth; });
    for (const watched_place* each : order) {
        if (lines.size() + 3 > height) break; // two for the place, one for the keys
        add_place(lines, *each, model.live, width);
    }
    lines.push_back(plain("q quit  p pause  s order  m mark: growth from now on  + - interval", top_colour::dim));
    if (lines.size() > height) lines.resize(height);
    return lines;
}

} // namespace krait::tools
