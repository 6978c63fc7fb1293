#include "trace/page.hpp"

#include "compare/page_assets.hpp"
#include "failure.hpp"
#include "filled_page.hpp"
#include "trace/page_assets.hpp"
#include "trace/page_data.hpp"

#include <array>

namespace krait::tools {

namespace {

std::string page_of(std::span<const page_side> sides, const profile_filter& filter) {
    if (page::chart_script().empty())
        fail(
            "this krait was built without dygraphs, so there is no page: `apt install libjs-dygraphs` and build again");
    const std::string data = safe_in_script(page_data(sides, filter));
    return filled_page(trace_page::frame(), {{"STYLE", trace_page::style()},
                                             {"CHART_STYLE", page::chart_style()},
                                             {"CHART_SCRIPT", page::chart_script()},
                                             {"DATA", data},
                                             {"SCRIPT", trace_page::script()}});
}

} // namespace

std::string profile_as_page(const profile& of, frame_names& names, const profile_filter& filter) {
    const std::array sides{page_side{of, names}};
    return page_of(sides, filter);
}

std::string difference_as_page(const profile& before, frame_names& names_before, const profile& after,
                               frame_names& names_after, const profile_filter& filter) {
    const std::array sides{page_side{before, names_before}, page_side{after, names_after}};
    return page_of(sides, filter);
}

} // namespace krait::tools
