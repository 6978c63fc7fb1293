#include "compare/page_assets.hpp"
#include "compare/report.hpp"
#include "failure.hpp"
#include "filled_page.hpp"

namespace krait::tools {

std::string comparison_html(const std::vector<summarized>& all) {
    if (page::chart_script().empty())
        fail(
            "this krait was built without dygraphs, so there is no page: `apt install libjs-dygraphs` and build again");
    const std::string data = safe_in_script(comparison_json(all));
    return filled_page(page::frame(), {{"STYLE", page::style()},
                                       {"CHART_STYLE", page::chart_style()},
                                       {"CHART_SCRIPT", page::chart_script()},
                                       {"DATA", data},
                                       {"SCRIPT", page::script()}});
}

} // namespace krait::tools
