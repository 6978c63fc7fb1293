#pragma once

#include "os/loaded_library.hpp"

namespace krait::os {

// Calls visit(info) for each library in load order, until one call says true.
template <class Visit>
void each_library(Visit visit) noexcept {
    visit_libraries(
        [](const dl_phdr_info& info, void* argument) noexcept { return (*static_cast<Visit*>(argument))(info); },
        &visit);
}

} // namespace krait::os
