#pragma once

#include "compare/comparison.hpp"
#include "compare/summary.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace krait::tools {

// The table for the terminal: a row a metric, a column an allocator; wider than the terminal, it goes on below.
std::string table_text(const std::vector<column>& columns, std::size_t terminal_width);

// RSS at the end of each phase: a row a phase, a column an allocator. Empty without phases.
std::string phases_text(const std::vector<column>& columns);

// RSS over time of each allocator's typical run, all on one scale. Block characters, or ASCII ones.
std::string chart_text(const std::vector<column>& columns, std::size_t terminal_width, bool unicode);

// Everything, for other programs; and a line a sample.
std::string comparison_json(const comparison& made, const std::vector<column>& columns);
std::string comparison_csv(const comparison& made);

// One page that needs nothing else. Fails in a build without the chart library.
std::string comparison_html(const comparison& made, const std::vector<column>& columns);

// RSS over time, drawn by gnuplot into the file. Fails where gnuplot is not installed.
void draw_svg(const std::vector<column>& columns, const std::filesystem::path& file);

} // namespace krait::tools
