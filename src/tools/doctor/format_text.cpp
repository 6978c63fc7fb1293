#include "doctor/doctor_formats.hpp"
#include "trace/amount_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace krait::tools {

namespace {

std::string bytes(std::uint64_t of) { return bytes_text(static_cast<double>(of)); }
std::string count(std::uint64_t of) { return count_text(static_cast<double>(of)); }
std::string share(std::uint64_t part, std::uint64_t whole) {
    return share_text(static_cast<double>(part), static_cast<double>(whole));
}

std::string place_text(const std::string& place) { return place.empty() ? "" : " from " + place; }

std::string head(const diagnosis& of) {
    std::string text = fmt::format(
        "krait doctor: {} (process {}), {} thread{}; stood still for {:.1f} ms, {}; {:.2f} s in all\n"
        "live: {} in {}; reached {}; unreachable {} in {}\n",
        of.program, of.process, of.threads, of.threads == 1 ? "" : "s", 1000 * of.seconds_stopped, of.how, of.seconds,
        bytes(of.live.bytes), block_count_text(of.live.blocks), bytes(of.live.bytes - of.unreachable.bytes),
        bytes(of.unreachable.bytes), block_count_text(of.unreachable.blocks));
    if (!of.has_object_layer) return text;
    if (of.objects != 0)
        text += fmt::format("objects: {} of the object layer, exactly as their types know them\n", count(of.objects));
    if (!of.why_not_objects.empty())
        text += fmt::format("objects: {} taken as other blocks: {}\n", of.objects != 0 ? "others are" : "all are",
                            of.why_not_objects);
    return text;
}

std::string lost_text(const diagnosis& of, std::size_t lines) {
    if (of.unreachable.blocks == 0) return "\nNothing is unreachable.\n";
    std::string text = fmt::format("\nUnreachable: {} that nothing leads to, and {} behind them\n",
                                   block_count_text(of.lost), count(of.unreachable.blocks - of.lost));
    text += fmt::format("{:>11} {:>9} {:>11}  {}\n", "with all", "blocks", "their own", "what, and where from");
    for (std::size_t i = 0; i < std::min(lines, of.lost_groups.size()); ++i) {
        const lost_group& each = of.lost_groups[i];
        text +=
            fmt::format("{:>11} {:>9} {:>11}  {}{}{}{} (as {})\n", bytes(each.own.bytes + each.behind.bytes),
                        count(each.own.blocks), bytes(each.own.bytes), each.looks, place_text(each.place),
                        each.is_circle ? ", in a circle" : "", each.fate.empty() ? "" : ", " + each.fate, each.example);
    }
    if (of.lost_groups.size() > lines) text += fmt::format("{:>33}  ({} more)\n", "", of.lost_groups.size() - lines);
    if (of.has_sampled_places) text += "  (places are known of samples only)\n";
    return text;
}

// What is held is told as far as it is one thing after the other; of many alike only how many there are.
void add_held(const held_node& of, unsigned depth, std::uint64_t whole, std::string& text) {
    constexpr unsigned deepest = 4;
    constexpr std::size_t most_containers = 3, most_held = 3;
    for (std::size_t i = 0; i < std::min(most_containers, of.containers.size()); ++i)
        text += fmt::format("{:>31}  {:{}}{}\n", "", "", 2 * depth, of.containers[i].text);
    if (depth > deepest) return;
    std::map<std::string, std::pair<std::size_t, block_total>> alike;
    for (const held_node& each : of.held) {
        auto& [number, total] = alike[each.name + place_text(each.where)];
        ++number;
        total += each.retained;
    }
    std::size_t said = 0;
    for (const held_node& each : of.held) {
        const std::string what = each.name + place_text(each.where);
        const auto [number, total] = std::exchange(alike[what], {});
        if (number == 0 || total.bytes * 20 < whole || said++ == most_held) continue;
        text += fmt::format("{:>11} {:>6} {:>12}  {:{}}- {}{}{}\n", bytes(total.bytes), "", count(total.blocks), "",
                            2 * depth, number == 1 ? "" : fmt::format("{} x ", number), what,
                            number == 1 ? " at " + each.address : "");
        if (number == 1) add_held(each, depth + 1, whole, text);
    }
}

std::string holders_text(const diagnosis& of, std::size_t lines) {
    if (!of.has_holders || of.holders.empty()) return {};
    std::string text = "\nWho holds the rest: what would be unreachable without it\n";
    const std::uint64_t reached = of.live.bytes - of.unreachable.bytes;
    text += fmt::format("{:>11} {:>6} {:>12}  {}\n", "retained", "share", "blocks", "holder");
    for (std::size_t i = 0; i < std::min(lines, of.holders.size()); ++i) {
        const held_node& each = of.holders[i];
        text +=
            fmt::format("{:>11} {:>6} {:>12}  {}{}\n", bytes(each.retained.bytes), share(each.retained.bytes, reached),
                        count(each.retained.blocks), each.name, each.where.empty() ? "" : " (" + each.where + ")");
        add_held(each, 1, each.retained.bytes, text);
    }
    if (of.holders.size() > lines) text += fmt::format("{:>31}  ({} more)\n", "", of.holders.size() - lines);
    return text;
}

std::string growth_text(const diagnosis& of, std::size_t lines) {
    if (!of.is_compared) return {};
    if (of.grown.empty()) return "\nNothing grew or shrank since.\n";
    std::string text = fmt::format("\nSince the earlier picture\n{:>12} {:>12}  {}\n", "bytes", "blocks", "holder");
    const auto add = [&text](const growth& each) {
        text += fmt::format("{:>12} {:>12}  {}\n", signed_bytes_text(static_cast<double>(each.bytes)),
                            signed_count_text(static_cast<double>(each.blocks)), each.name);
    };
    std::size_t shown = 0;
    for (const growth& each : of.grown)
        if (each.bytes > 0 && shown++ < lines) add(each);
    shown = 0;
    for (auto each = of.grown.rbegin(); each != of.grown.rend(); ++each)
        if (each->bytes < 0 && shown++ < lines) add(*each);
    return text;
}

std::string shapes_text(const diagnosis& of, std::size_t lines) {
    if (of.shapes.empty()) return {};
    std::string text = "\nWhat it looks like\n";
    for (std::size_t i = 0; i < std::min(lines, of.shapes.size()); ++i) text += "  " + of.shapes[i].sentence + "\n";
    return text;
}

} // namespace

std::string doctor_text(const diagnosis& of, std::size_t lines) {
    return head(of) + lost_text(of, lines) + holders_text(of, lines) + growth_text(of, lines) + shapes_text(of, lines);
}

} // namespace krait::tools
