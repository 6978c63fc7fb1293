#include "observe/top_screen.hpp"

#include "observe/formats.hpp"
#include "observe/time_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace krait::tools {

namespace {

constexpr std::size_t most_history = 512;
constexpr std::size_t least_map_lines = 3;

std::string size_text(std::uint64_t bytes) { return scaled(static_cast<double>(bytes)); }
std::string size_text(std::optional<std::uint64_t> bytes) { return bytes ? size_text(*bytes) : "not known"; }

std::optional<std::uint64_t> rss_of(const heap_picture& picture) {
    return picture.memory ? std::optional(picture.memory->rss) : std::nullopt;
}

// A counter's growth per second; none while there is only one picture.
std::optional<double> growth(const top_model& model, std::uint64_t krait_stats::*counter) {
    if (model.seconds <= 0) return std::nullopt;
    const auto grown =
        static_cast<double>(model.now.totals.*counter) - static_cast<double>(model.before.totals.*counter);
    return std::max(grown, 0.0) / model.seconds;
}

std::string rate(const top_model& model, std::uint64_t krait_stats::*counter) {
    const auto grown = growth(model, counter);
    return grown ? fmt::format("{:.0f}/s", *grown) : "-/s";
}

std::string rate_of_bytes(const top_model& model, std::uint64_t krait_stats::*counter) {
    const auto grown = growth(model, counter);
    return grown ? scaled(*grown) + "/s" : "-/s";
}

std::size_t columns_of(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The line cut to the width, at characters.
top_line cut(const top_line& line, std::size_t width) {
    top_line shown;
    for (const top_span& span : line) {
        std::size_t bytes = 0;
        for (std::size_t columns = 0; bytes < span.text.size(); ++bytes) {
            if ((static_cast<unsigned char>(span.text[bytes]) & 0xc0) == 0x80) continue;
            if (columns++ == width) break;
        }
        shown.push_back({span.text.substr(0, bytes), span.colour});
        width -= std::min(width, columns_of(span.text));
        if (width == 0) break;
    }
    return shown;
}

top_line plain(std::string text, top_colour colour = top_colour::normal) { return {{std::move(text), colour}}; }

void add_summary(std::vector<top_line>& lines, const top_model& model, std::size_t width, bool unicode) {
    const heap_picture& now = model.now;
    const krait_stats& s = now.totals;
    std::string state = model.paused ? "  [paused]" : "";
    if (now.torn) state += "  [torn: the heap changed while it was read]";
    lines.push_back({{fmt::format("{} {}", now.program, now.process), top_colour::title},
                     {fmt::format("  krait {}{}", now.version, state), top_colour::dim}});
    if (!model.end.empty()) lines.push_back(plain(model.end, top_colour::quarter));
    std::uint64_t highest = 0;
    for (const top_moment& each : model.history) highest = std::max({highest, each.rss, each.live});
    const std::size_t chart = width > 20 ? width - 20 : 0;
    const auto chart_of = [&](std::uint64_t top_moment::*of) {
        const auto value = [&](std::size_t i) { return static_cast<double>(model.history[i].*of); };
        return time_line(model.history.size(), value, static_cast<double>(highest), chart, unicode);
    };
    const auto add_time_line = [&](std::string_view label, const std::string& number, std::uint64_t top_moment::*of,
                                   top_colour colour) {
        lines.push_back({{fmt::format("{:<4} {:>13}  ", label, number)}, {chart_of(of), colour}});
    };
    add_time_line("RSS", size_text(rss_of(now)), &top_moment::rss, top_colour::resident);
    add_time_line("live", size_text(s.bytes_in_use), &top_moment::live, top_colour::full);
    if (const auto outside = now.outside())
        lines.push_back(plain(fmt::format("outside krait {} of {} anonymous memory: large blocks, stacks, mappings",
                                          size_text(*outside), size_text(now.memory->anonymous))));
    lines.push_back(
        plain(fmt::format("arenas {} of {} (most {})  new {}  back {}", grouped(s.arenas_current),
                          size_text(s.arena_bytes), grouped(s.arenas_highwater),
                          rate(model, &krait_stats::arenas_created), rate(model, &krait_stats::arenas_released))));
    lines.push_back(plain(fmt::format("pools  {} used  {} free: {} with pages, {} without", grouped(s.pools_used),
                                      grouped(s.pools_free), size_text(s.bytes_free_pools - s.bytes_purged),
                                      size_text(s.bytes_purged))));
    lines.push_back(plain(fmt::format("pools purged {}  wanted again {}  kept of released arenas {}",
                                      rate(model, &krait_stats::pools_purged),
                                      rate(model, &krait_stats::pools_regretted), size_text(s.bytes_retained))));
    lines.push_back(plain(fmt::format("caches {}, {} in them and the depot  lock waits {}", grouped(s.thread_caches),
                                      size_text(s.bytes_cached), rate(model, &krait_stats::lock_contended))));
    if (s.large_resident + s.large_purged != 0)
        lines.push_back(plain(fmt::format("large  {} in use  {} with pages, {} of these free  back {}",
                                          size_text(s.large_in_use), size_text(s.large_resident),
                                          size_text(s.large_free), rate_of_bytes(model, &krait_stats::large_purged))));
    lines.push_back(plain(fmt::format("passed {} requests  {}  {}", grouped(s.passthrough_calls),
                                      rate(model, &krait_stats::passthrough_calls),
                                      rate_of_bytes(model, &krait_stats::passthrough_bytes))));
}

struct class_line {
    class_row of;
    double occupancy = 0;    // of the blocks of its pools, those that the program holds
    std::uint64_t waste = 0; // bytes of its pools that the program does not hold
};

std::vector<class_line> sorted_classes(const top_model& model) {
    std::vector<class_line> lines;
    for (const class_row& each : model.now.classes) {
        if (each.pools == 0) continue;
        const auto blocks = static_cast<double>(each.in_use + each.cached + each.available);
        lines.push_back({each, blocks > 0 ? static_cast<double>(each.in_use) / blocks : 0,
                         each.pools * model.now.totals.pool_bytes - each.bytes_in_use()});
    }
    const auto key = [&](const class_line& line) {
        switch (model.order) {
        case top_order::size:
            return UINT64_MAX - line.of.size;
        case top_order::pools:
            return line.of.pools;
        case top_order::waste:
            return line.waste;
        case top_order::bytes:
            break;
        }
        return line.of.bytes_in_use();
    };
    std::stable_sort(lines.begin(), lines.end(),
                     [&](const class_line& a, const class_line& b) { return key(a) > key(b); });
    return lines;
}

constexpr std::size_t all_class_columns = 78;

void add_classes(std::vector<top_line>& lines, const top_model& model, std::size_t width, std::size_t room) {
    const bool all = width >= all_class_columns;
    const auto row = [all](std::string_view size, std::string_view pools, std::string_view blocks,
                           std::string_view bytes, std::string_view cached, std::string_view waste,
                           std::string_view used) {
        std::string text = fmt::format("{:>6} {:>8}", size, pools);
        if (all) text += fmt::format(" {:>11}", blocks);
        text += fmt::format(" {:>12}", bytes);
        if (all) text += fmt::format(" {:>9} {:>12}", cached, waste);
        return fmt::format("{}  {}", text, used);
    };
    // The bar has the colours of the map.
    const auto colour_of = [](double occupancy) {
        return occupancy > 0.75   ? top_colour::full
               : occupancy > 0.5  ? top_colour::most
               : occupancy > 0.25 ? top_colour::half
                                  : top_colour::quarter;
    };
    const auto title = [&](const char* name, top_order order) {
        return (model.order == order ? ">" : "") + std::string(name);
    };
    lines.push_back(
        plain(row(title("size", top_order::size), title("pools", top_order::pools), "blocks",
                  title("in use", top_order::bytes), "cached", title("not in use", top_order::waste), "used"),
              top_colour::dim));
    for (const class_line& line : sorted_classes(model)) {
        if (room-- == 0) break;
        const std::string bar(static_cast<std::size_t>(line.occupancy * (all ? 20 : 10)), '=');
        lines.push_back({{row(fmt::format("{} B", line.of.size), grouped(line.of.pools), grouped(line.of.in_use),
                              size_text(line.of.bytes_in_use()), grouped(line.of.cached), size_text(line.waste),
                              fmt::format("{:>3.0f}% ", 100 * line.occupancy))},
                         {bar, colour_of(line.occupancy)}});
    }
}

// A cell of the map stands for one pool or for several: as empty as they are together.
struct cell_shade {
    std::string_view unicode;
    std::string_view ascii;
    top_colour colour;
};
constexpr std::array cell_shades{cell_shade{"·", ".", top_colour::purged},  cell_shade{"○", "o", top_colour::resident},
                                 cell_shade{"▂", "-", top_colour::quarter}, cell_shade{"▄", "=", top_colour::half},
                                 cell_shade{"▆", "*", top_colour::most},    cell_shade{"█", "#", top_colour::full}};

// A full pool is shown as one that is nearly so: characters have no more steps.
const cell_shade& shade_of(fullness of) {
    return cell_shades.at(std::min(static_cast<std::size_t>(of), cell_shades.size() - 1));
}

// All pools in the order of their addresses, a cell as many as it takes for the map to fit.
void add_map(std::vector<top_line>& lines, const heap_picture& now, std::size_t width, std::size_t height,
             bool unicode) {
    if (height < least_map_lines || width == 0 || now.arenas.empty()) return;
    std::vector<pool_picture> pools;
    for (const arena_picture& arena : now.arenas) pools.insert(pools.end(), arena.pools.begin(), arena.pools.end());
    const std::size_t cells = width * (height - 1);
    const std::size_t each = (pools.size() + cells - 1) / cells;
    lines.push_back({{each == 1 ? "map: a pool a mark" : fmt::format("map: {} pools a mark", each), top_colour::dim}});
    static constexpr std::array<std::string_view, 6> meanings{" no pages", " kept",   " to 25%",
                                                              " to 50%",   " to 75%", " more"};
    for (std::size_t i = 0; i < cell_shades.size(); ++i) {
        lines.back().push_back({fmt::format("  {}", unicode ? cell_shades.at(i).unicode : cell_shades.at(i).ascii),
                                cell_shades.at(i).colour});
        lines.back().push_back({std::string(meanings.at(i)), top_colour::dim});
    }
    for (std::size_t at = 0; at < pools.size();) {
        top_line& line = lines.emplace_back();
        for (std::size_t x = 0; x < width && at < pools.size(); ++x) {
            const std::size_t to = std::min(pools.size(), at + each);
            const cell_shade& shade = shade_of(fullness_of(std::span(pools).subspan(at, to - at)));
            at = to;
            if (line.empty() || line.back().colour != shade.colour) line.push_back({"", shade.colour});
            line.back().text += unicode ? shade.unicode : shade.ascii;
        }
    }
}

} // namespace

void advance(top_model& model, heap_picture picture, double seconds) {
    model.before = model.history.empty() ? picture : std::move(model.now);
    model.seconds = model.history.empty() ? 0 : seconds;
    model.history.push_back({rss_of(picture).value_or(0), picture.totals.bytes_in_use});
    if (model.history.size() > most_history) model.history.pop_front();
    model.now = std::move(picture);
}

std::vector<top_line> top_overview(const std::vector<const top_model*>& models, std::size_t chosen, std::size_t width) {
    std::vector<top_line> lines{plain(fmt::format("{:>9} {:<16} {:>12} {:>12} {:>12} {:>14}", "PID", "program", "RSS",
                                                  "live", "in pools", "outside krait"),
                                      top_colour::dim)};
    for (std::size_t i = 0; i < models.size(); ++i) {
        const top_model& model = *models[i];
        const heap_picture& now = model.now;
        std::string line =
            fmt::format("{}{:>8} {:<16} {:>12} {:>12} {:>12} {:>14}", i == chosen ? '>' : ' ', now.process, now.program,
                        size_text(rss_of(now)), size_text(now.totals.bytes_in_use),
                        size_text(now.totals.bytes_resident), size_text(now.outside()));
        if (!model.end.empty()) line += "  " + model.end;
        lines.push_back(plain(std::move(line), i == chosen         ? top_colour::title
                                               : model.end.empty() ? top_colour::normal
                                                                   : top_colour::dim));
    }
    for (top_line& line : lines) line = cut(line, width);
    return lines;
}

std::vector<top_line> top_screen(const top_model& model, std::size_t width, std::size_t height, bool unicode) {
    std::vector<top_line> lines;
    add_summary(lines, model, width, unicode);
    const std::size_t below = height > lines.size() + 1 ? height - lines.size() - 1 : 0; // but for the keys
    const std::size_t map = model.show_map ? std::max(std::min(below, least_map_lines), below / 2) : 0;
    if (below > map + 1) add_classes(lines, model, width, below - map - 1);
    if (model.show_map && height > lines.size() + 1)
        add_map(lines, model.now, width, height - lines.size() - 1, unicode);
    if (lines.size() >= height) lines.resize(height == 0 ? 0 : height - 1);
    const std::string_view next = model.one_of_several ? "  Tab next process" : "";
    lines.push_back(plain(fmt::format("q quit  p pause  s sort  m map{}  + - interval", next), top_colour::dim));
    for (top_line& line : lines) line = cut(line, width);
    return lines;
}

void print_screen(const std::vector<top_line>& lines, std::FILE* out) {
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
        for (const top_span& span : lines[i]) std::fputs(span.text.c_str(), out);
        std::fputc('\n', out);
    }
    std::fputc('\n', out);
}

} // namespace krait::tools
