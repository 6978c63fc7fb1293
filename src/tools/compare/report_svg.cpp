#include "compare/report.hpp"
#include "failure.hpp"
#include "program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace krait::tools {

namespace {

// A string as gnuplot reads it between single quotes.
std::string quoted(std::string text) {
    for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) text.insert(at, 1, '\'');
    std::erase(text, '\n');
    return "'" + text + "'";
}

// Dark enough on white, light enough on black, told apart by the colour-blind (Okabe and Ito's set).
constexpr std::array line_colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};

// The run that is drawn, as gnuplot reads it: its samples, and of a run that was over before the first its peak.
std::string points_of(const run_result& run) {
    const auto point = [](double seconds, std::uint64_t rss) {
        return fmt::format("{:.4f} {:.4f}\n", seconds, static_cast<double>(rss) / (1 << 20));
    };
    std::string text;
    for (const sample& at : run.samples) text += point(at.seconds, at.rss);
    if (run.samples.empty() && run.failure.empty() && run.peak_rss > 0) text = point(run.wall, run.peak_rss);
    return text;
}

// The commands that draw one chart, the samples behind them; empty where nothing is known of any run's memory.
std::string chart(const summarized& of) {
    std::string script, plot, data;
    if (const std::string& label = of.made.request.label; !label.empty())
        script += fmt::format("set title {} noenhanced\n", quoted(label));
    script += "unset arrow\nunset label\n";
    std::size_t drawn = 0;
    for (const column& each : of.columns) {
        const std::string points = each.typical == nullptr ? "" : points_of(*each.typical);
        if (points.empty()) continue;
        const bool is_line = each.typical->samples.size() > 1;
        plot += fmt::format("{} '-' using 1:2 with {} linecolor '{}' title {}", drawn == 0 ? "plot" : ",",
                            is_line ? "lines linewidth 2" : "points pointtype 7",
                            line_colours.at(drawn % line_colours.size()), quoted(each.allocator));
        if (drawn == 0)
            for (const phase& mark : each.typical->phases)
                script += fmt::format("set arrow from {0:.4f}, graph 0 to {0:.4f}, graph 1 nohead dashtype 3\n"
                                      "set label {1} at {0:.4f}, graph 0.98 rotate right noenhanced offset 0.7,0\n",
                                      mark.begin, quoted(mark.name));
        ++drawn;
        data += points + "e\n";
    }
    return drawn == 0 ? "" : script + plot + "\n" + data;
}

bool any_run_succeeded(const summarized& of) {
    return std::ranges::any_of(of.columns, [](const column& each) { return each.good_runs > 0; });
}

} // namespace

void draw_svg(const std::vector<summarized>& all, const std::filesystem::path& file) {
    if (find_program("gnuplot", std::getenv("PATH")).empty())
        fail("gnuplot is not installed, so there is no SVG: `apt install gnuplot-nox`, or use --html");
    std::string charts;
    std::size_t count = 0;
    for (const summarized& each : all)
        if (const std::string drawn = chart(each); !drawn.empty()) {
            charts += drawn;
            ++count;
        }
    if (count == 0)
        fail("{} was not written: of no run is known what memory it took, since {}", file.string(),
             std::ranges::any_of(all, any_run_succeeded) ? "each was over too soon" : "none succeeded");

    // Axes end at something: gnuplot has a warning for the empty range of a program that was over at once.
    std::string script =
        fmt::format("set terminal svg size 900,{} dynamic font 'sans-serif,13' background '#ffffff'\n", 450 * count) +
        "set xlabel 'seconds'\nset ylabel 'RSS, MiB'\nset xrange [0:0.001<*]\nset yrange [0:0.1<*]\n"
        "set grid\nset key outside top center horizontal noenhanced\nset border 3\nset tics nomirror\n";
    script += "set output " + quoted(file.string()) + "\n";
    if (count > 1) script += fmt::format("set multiplot layout {},1\n", count);

    FILE* gnuplot = popen("gnuplot", "w");
    if (gnuplot == nullptr) fail("gnuplot cannot be started: {}", std::strerror(errno));
    std::fputs((script + charts).c_str(), gnuplot);
    if (pclose(gnuplot) != 0) fail("gnuplot could not draw {}: its message stands above", file.string());
}

} // namespace krait::tools
