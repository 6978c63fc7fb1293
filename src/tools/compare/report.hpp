#pragma once

#include "compare/comparison.hpp"
#include "compare/summary.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace krait::tools {

// The table for the terminal: a row a metric, a column an allocator; wider than the terminal, it goes on below.
std::string table_text(const std::vector<column>& columns, std::size_t terminal_width);

// A table a phase, in the same way. Empty without phases.
std::string phases_text(const std::vector<column>& columns, std::size_t terminal_width);

// Several comparisons under the same allocators beside each other, in the same way: a table a metric, a row a
// comparison.
std::string overview_text(const std::vector<summarized>& all, std::size_t terminal_width);

// RSS over time of each allocator's typical run, all on one scale. Block characters, or ASCII ones.
std::string chart_text(const std::vector<column>& columns, std::size_t terminal_width, bool unicode);

// Everything, for other programs: of one comparison, or with several of each under "comparisons"; and a line a sample,
// or of a run that was over before the first one, a line.
std::string comparison_json(const std::vector<summarized>& all);
std::string comparison_csv(const std::vector<summarized>& all);

// One page that needs nothing else. Fails in a build without the chart library.
std::string comparison_html(const std::vector<summarized>& all);

// RSS over time, a chart a comparison, drawn by gnuplot into the file. Fails where gnuplot is not installed.
void draw_svg(const std::vector<summarized>& all, const std::filesystem::path& file);

} // namespace krait::tools
