#include "trace/shortened.hpp"

#include <fmt/format.h>

namespace krait::tools {

namespace {

// "map<int, vector<x> >::at" as "map<...>::at". What looks like brackets in operators stays.
std::string without_arguments(const std::string& name) {
    std::string text;
    int depth = 0;
    for (std::size_t at = 0; at < name.size(); ++at) {
        const char c = name[at];
        const bool is_operator = at >= 8 && name.compare(at - 8, 8, "operator") == 0;
        if (c == '<' && !is_operator && at != 0) {
            if (depth++ == 0) text += "<...>";
            continue;
        }
        if (c == '>' && depth > 0 && name[at - 1] != '-') {
            --depth;
            continue;
        }
        if (depth == 0) text += c;
    }
    return text;
}

} // namespace

std::string shortened_function(const std::string& name, std::size_t room) {
    if (name.size() <= room) return name;
    std::string text = without_arguments(name);
    if (text.size() > room && room > 3) text = text.substr(0, room - 3) + "...";
    return text;
}

std::string shortened_path(const std::string& path, std::size_t room) {
    if (path.size() <= room || room < 4) return path;
    const std::size_t slash = path.find('/', path.size() - (room - 3));
    return "..." + (slash == std::string::npos ? path.substr(path.size() - (room - 3)) : path.substr(slash));
}

std::string shortened_call(const std::string& call, std::size_t room) {
    if (call.size() <= room) return call;
    const std::size_t gap = call.rfind("  ");
    if (gap == std::string::npos) return shortened_function(call, room);
    const std::string function = shortened_function(call.substr(0, gap), room / 2);
    const std::size_t left = room > function.size() + 2 ? room - function.size() - 2 : 4;
    return function + "  " + shortened_path(call.substr(gap + 2), left);
}

} // namespace krait::tools
