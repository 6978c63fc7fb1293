#include "trace/page_assets.hpp"

#include "embedded.hpp"

KRAIT_EMBED(krait_trace_page_frame, KRAIT_TRACE_PAGE_FOLDER "/page.html");
KRAIT_EMBED(krait_trace_page_style, KRAIT_TRACE_PAGE_FOLDER "/page.css");
KRAIT_EMBED(krait_trace_page_script, KRAIT_TRACE_PAGE_FOLDER "/page.js");

namespace krait::tools::trace_page {

std::string_view frame() { return KRAIT_EMBEDDED(krait_trace_page_frame); }
std::string_view style() { return KRAIT_EMBEDDED(krait_trace_page_style); }
std::string_view script() { return KRAIT_EMBEDDED(krait_trace_page_script); }

} // namespace krait::tools::trace_page
