#pragma once

#include <string_view>

// The parts of the page that krait compare writes, taken into the command when it is built.
namespace krait::tools::page {

std::string_view frame();        // HTML with marks @STYLE@, @CHART_STYLE@, @CHART_SCRIPT@, @DATA@ and @SCRIPT@
std::string_view style();        // CSS
std::string_view script();       // draws the page from the data
std::string_view chart_script(); // the chart library, dygraphs; empty in a build without it
std::string_view chart_style();

} // namespace krait::tools::page
