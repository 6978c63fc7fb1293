#include "advise/findings.hpp"

#include "observe/formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace krait::tools {

namespace {

struct program_switch {
    std::string_view program, variable, value, how;
};

constexpr std::array switches{
#define KRAIT_SWITCH(name, variable, value, how) program_switch{name, variable, value, how},
#include "advise/switches.def"
#undef KRAIT_SWITCH
};

constexpr double seconds_to_be_seen = 0.5; // who runs that long was looked into many times

// python3.11 is a python.
bool is_called(std::string_view program, std::string_view name) {
    return program.starts_with(name) && program.find_first_not_of("0123456789.", name.size()) == std::string_view::npos;
}

std::string bytes(std::uint64_t number) { return scaled(static_cast<double>(number)); }

std::string percent(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? "none" : fmt::format("{:.0f}%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

// What krait saw is told from where its memory was largest.
std::string share_text(const heap_picture& heap) {
    const std::uint64_t own = heap.totals.bytes_resident + heap.totals.bytes_tables + heap.totals.large_resident;
    std::string text;
    if (heap.memory)
        text += fmt::format(
            "At its largest that was seen, process {} ({}) had {} of anonymous memory. krait's pools were {} of it "
            "({});\n  the rest is large blocks, stacks, and what the program maps by itself.\n",
            heap.process, heap.program, bytes(heap.memory->anonymous), bytes(own),
            percent(own, heap.memory->anonymous));
    text += "  held then, by size of block        ";
    constexpr std::array<std::uint64_t, 4> limits{32, 64, 128, 512};
    std::array<std::uint64_t, limits.size()> held{};
    for (const class_row& row : heap.classes)
        for (std::size_t i = 0; i < limits.size(); ++i)
            if (row.size <= limits.at(i)) {
                held.at(i) += row.bytes_in_use();
                break;
            }
    for (std::size_t i = 0; i < limits.size(); ++i)
        text += fmt::format("{}to {}: {}", i == 0 ? "" : ", ", limits.at(i), bytes(held.at(i)));
    text += "\n  asked for over 512 bytes so far     ";
    if (heap.passthrough.size() == 0) text += "nothing";
    constexpr std::array<std::uint64_t, 3> steps{4096, 32768, 262144}; // and more
    std::array<band_row, steps.size() + 1> asked{};
    for (const band_row& row : heap.passthrough) {
        const auto step = static_cast<std::size_t>(
            std::ranges::lower_bound(steps, row.last ? row.limit + 1 : row.limit) - steps.begin());
        asked.at(step).calls += row.calls;
        asked.at(step).bytes += row.bytes;
    }
    for (std::size_t i = 0; i < asked.size(); ++i)
        if (asked.at(i).calls != 0)
            text += fmt::format(" {}: {} in {};",
                                i < steps.size() ? "to " + scaled(static_cast<double>(steps.at(i))) : "more",
                                bytes(asked.at(i).bytes), grouped(asked.at(i).calls));
    return text + '\n';
}

std::string gain_text(const run_result& plain, const run_result& preloaded) {
    const auto line = [](std::string_view what, double before, double after, std::string (*shown)(double)) {
        if (before <= 0 || after <= 0) return std::string(); // it ended before it was sampled
        return fmt::format("  {:<22} {:>12} {:>12} {:>7.2f}x\n", what, shown(before), shown(after), after / before);
    };
    const auto memory = [](double number) { return scaled(number); };
    const auto time = [](double seconds) { return fmt::format("{:.2f} s", seconds); };
    std::string text = fmt::format("  {:<22} {:>12} {:>12}\n", "one run each", "glibc", "krait");
    text +=
        line("peak of memory", static_cast<double>(plain.peak_rss), static_cast<double>(preloaded.peak_rss), memory);
    const auto before = mean_rss(plain), after = mean_rss(preloaded);
    if (before && after) text += line("memory, mean", *before, *after, memory);
    text += line("processor time", plain.user + plain.sys, preloaded.user + preloaded.sys, time);
    return text + "  One run says little of time: `krait compare -- COMMAND` repeats it and says how sure it is.\n";
}

} // namespace

std::string advice_text(const advice_findings& found) {
    std::string text;
    const bool served = found.largest.has_value();
    if (served)
        text += fmt::format("krait serves {}.\n", found.program);
    else if (found.out_of_reach)
        text += fmt::format("krait does not serve {}.\n", found.program);
    else if (found.preloaded.wall < seconds_to_be_seen)
        text += fmt::format("{} ended before krait could look into it: give it more to do.\n", found.program);
    else if (found.preloaded.library_seen)
        text +=
            fmt::format("krait was loaded into {}, which asked it for nothing while it was watched.\n", found.program);
    else
        text += fmt::format("krait was not seen in {}: it may drop LD_PRELOAD for its processes.\n", found.program);
    for (const std::string& each : found.obstacles) text += fmt::format("  - {}\n", each);
    for (const std::string& each : found.mallocs)
        text += fmt::format(
            "  - {} is loaded as well: what goes past krait may land there (KRAIT_VERBOSE=1 says who serves it)\n",
            each);
    for (const run_result* run : {&found.plain, &found.preloaded})
        if (!run->failure.empty())
            text += fmt::format("  - under {}: {}\n", run == &found.plain ? "glibc" : "krait", run->failure);
    if (served) text += "\n" + share_text(*found.largest);
    for (const program_switch& each : switches)
        if (is_called(found.program, each.program) && std::getenv(std::string(each.variable).c_str()) == nullptr)
            text += fmt::format("\n{} keeps small objects from malloc. Try {}='{}': with it, {}.\n", found.program,
                                each.variable, each.value, each.how);
    return text + "\n" + gain_text(found.plain, found.preloaded);
}

} // namespace krait::tools
