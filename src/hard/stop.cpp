#include "hard/stop.hpp"

#include <array>

namespace krait::hard {

namespace {

// The core's words for the same, where it has them.
constexpr std::array<std::array<const char*, 3>, 3> messages{{
    {"double free", "free of a pointer that is not the start of a block", "free of a pointer that is no block"},
    {"realloc of a freed block", "realloc of a pointer that is not the start of a block",
     "realloc of a pointer that is no block"},
    {"size of a freed block", "size of a pointer that is not the start of a block",
     "size of a pointer that is no block"},
}};

} // namespace

void stop(request asked, defect found, const void* address) noexcept {
    fatal(messages[static_cast<std::size_t>(asked)][static_cast<std::size_t>(found)], address);
}

} // namespace krait::hard
