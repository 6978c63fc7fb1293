#pragma once

#include "base/text.hpp"

#include <string>

namespace krait::tools {

// What `write` writes into the text it is given: the library's own formats, which know no std::string.
template <class Write>
std::string written(Write&& write) {
    std::string result;
    {
        text out([](void* to, std::string_view part) { *static_cast<std::string*>(to) += part; }, &result);
        write(out);
    }
    return result;
}

} // namespace krait::tools
