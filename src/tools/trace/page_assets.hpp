#pragma once

#include <string_view>

// The parts of the page that krait trace and report write (page/), taken into the command when it is built. The chart
// library is that of krait compare's page.
namespace krait::tools::trace_page {

std::string_view frame(); // HTML with marks @STYLE@, @CHART_STYLE@, @CHART_SCRIPT@, @DATA@ and @SCRIPT@
std::string_view style();
std::string_view script();

} // namespace krait::tools::trace_page
