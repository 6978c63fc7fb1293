#include "filled_page.hpp"

#include <algorithm>

namespace krait::tools {

std::string safe_in_script(std::string_view json) {
    std::string text;
    for (char c : json)
        if (c == '<')
            text += "\\u003c";
        else
            text += c;
    return text;
}

std::string filled_page(std::string_view frame, const std::map<std::string_view, std::string_view>& parts) {
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

} // namespace krait::tools
