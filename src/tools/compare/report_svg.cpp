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

} // namespace

void draw_svg(const std::vector<column>& columns, const std::filesystem::path& file) {
    if (find_program("gnuplot", std::getenv("PATH")).empty())
        fail("gnuplot is not installed, so there is no SVG: `apt install gnuplot-nox`, or use --html");
    std::string script =
        "set terminal svg size 900,450 dynamic font 'sans-serif,13' background '#ffffff'\n"
        "set xlabel 'seconds'\nset ylabel 'RSS, MiB'\nset yrange [0:*]\n"
        "set grid\nset key outside top center horizontal noenhanced\nset border 3\nset tics nomirror\n";
    script += "set output " + quoted(file.string()) + "\n";
    std::string plot;
    std::string data;
    std::size_t drawn = 0;
    for (const column& each : columns) {
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
    if (drawn == 0) fail("there is nothing to draw: no run succeeded and was sampled");

    FILE* gnuplot = popen("gnuplot", "w");
    if (gnuplot == nullptr) fail("gnuplot cannot be started: {}", std::strerror(errno));
    std::fputs((script + plot + "\n" + data).c_str(), gnuplot);
    if (pclose(gnuplot) != 0) fail("gnuplot could not draw {}: its message stands above", file.string());
}

} // namespace krait::tools
