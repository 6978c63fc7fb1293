#include "compare/page_assets.hpp"
#include "compare/report.hpp"
#include "failure.hpp"

#include <algorithm>
#include <map>

namespace krait::tools {

namespace {

// Inside a script element only "<" can end it.
std::string safe_in_script(std::string_view json) {
    std::string text;
    for (char c : json)
        if (c == '<')
            text += "\\u003c";
        else
            text += c;
    return text;
}

// The frame with each @MARK@ replaced, in one pass: what is put in is not searched.
std::string filled(std::string_view frame, const std::map<std::string_view, std::string_view>& parts) {
    std::string page;
    for (std::size_t at = 0; at < frame.size();) {
        const std::size_t mark = std::min(frame.find('@', at), frame.size());
        page += frame.substr(at, mark - at);
        if (mark == frame.size()) break;
        const std::size_t end = frame.find('@', mark + 1);
        page += parts.at(frame.substr(mark + 1, end - mark - 1));
        at = end + 1;
    }
    return page;
}

} // namespace

std::string comparison_html(const comparison& made, const std::vector<column>& columns) {
    if (page::chart_script().empty())
        fail(
            "this krait was built without dygraphs, so there is no page: `apt install libjs-dygraphs` and build again");
    const std::string data = safe_in_script(comparison_json(made, columns));
    return filled(page::frame(), {{"STYLE", page::style()},
                                  {"CHART_STYLE", page::chart_style()},
                                  {"CHART_SCRIPT", page::chart_script()},
                                  {"DATA", data},
                                  {"SCRIPT", page::script()}});
}

} // namespace krait::tools
