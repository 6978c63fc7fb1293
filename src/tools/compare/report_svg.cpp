#include "compare/report.hpp"
#include "failure.hpp"
#include "program.hpp"

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

// The commands that draw one chart, the samples behind them; empty where no run was sampled.
std::string chart(const summarized& of) {
    std::string script, plot, data;
    if (const std::string& label = of.made.request.label; !label.empty())
        script += fmt::format("set title {} noenhanced\n", quoted(label));
    script += "unset arrow\nunset label\n";
    std::size_t drawn = 0;
    for (const column& each : of.columns) {
        if (each.typical == nullptr || each.typical->samples.empty()) continue;
        plot +=
            fmt::format("{} '-' using 1:2 with lines linewidth 2 linecolor '{}' title {}", drawn == 0 ? "plot" : ",",
                        line_colours.at(drawn % line_colours.size()), quoted(each.allocator));
        if (drawn == 0)
            for (const phase& mark : each.typical->phases)
                script += fmt::format("set arrow from {0:.4f}, graph 0 to {0:.4f}, graph 1 nohead dashtype 3\n"
                                      "set label {1} at {0:.4f}, graph 0.98 rotate right noenhanced offset 0.7,0\n",
                                      mark.begin, quoted(mark.name));
        ++drawn;
        for (const sample& at : each.typical->samples)
            data += fmt::format("{:.4f} {:.4f}\n", at.seconds, static_cast<double>(at.rss) / (1 << 20));
        data += "e\n";
    }
    return drawn == 0 ? "" : script + plot + "\n" + data;
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
    if (count == 0) fail("there is nothing to draw: no run succeeded and was sampled");

    std::string script =
        fmt::format("set terminal svg size 900,{} dynamic font 'sans-serif,13' background '#ffffff'\n", 450 * count) +
        "set xlabel 'seconds'\nset ylabel 'RSS, MiB'\nset yrange [0:*]\n"
        "set grid\nset key outside top center horizontal noenhanced\nset border 3\nset tics nomirror\n";
    script += "set output " + quoted(file.string()) + "\n";
    if (count > 1) script += fmt::format("set multiplot layout {},1\n", count);

    FILE* gnuplot = popen("gnuplot", "w");
    if (gnuplot == nullptr) fail("gnuplot cannot be started: {}", std::strerror(errno));
    std::fputs((script + charts).c_str(), gnuplot);
    if (pclose(gnuplot) != 0) fail("gnuplot could not draw {}: its message stands above", file.string());
}

} // namespace krait::tools
