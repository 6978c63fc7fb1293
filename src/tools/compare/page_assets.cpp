#include "compare/page_assets.hpp"

#include "embedded.hpp"

KRAIT_EMBED(krait_page_frame, KRAIT_PAGE_FOLDER "/page.html");
KRAIT_EMBED(krait_page_style, KRAIT_PAGE_FOLDER "/page.css");
KRAIT_EMBED(krait_page_script, KRAIT_PAGE_FOLDER "/page.js");
#ifdef KRAIT_DYGRAPHS_SCRIPT
KRAIT_EMBED(krait_page_chart_script, KRAIT_DYGRAPHS_SCRIPT);
KRAIT_EMBED(krait_page_chart_style, KRAIT_DYGRAPHS_STYLE);
#endif

namespace krait::tools::page {

std::string_view frame() { return KRAIT_EMBEDDED(krait_page_frame); }
std::string_view style() { return KRAIT_EMBEDDED(krait_page_style); }
std::string_view script() { return KRAIT_EMBEDDED(krait_page_script); }
#ifdef KRAIT_DYGRAPHS_SCRIPT
std::string_view chart_script() { return KRAIT_EMBEDDED(krait_page_chart_script); }
std::string_view chart_style() { return KRAIT_EMBEDDED(krait_page_chart_style); }
#else
std::string_view chart_script() { return {}; }
std::string_view chart_style() { return {}; }
#endif

} // namespace krait::tools::page
