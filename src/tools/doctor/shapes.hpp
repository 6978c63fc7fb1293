#pragma once

#include "doctor/diagnosis.hpp"

#include <vector>

namespace krait::tools {

// What the lost blocks and the holders of a diagnosis look like; of one that was compared, by what grew.
std::vector<shape> find_shapes(const diagnosis& of, const diagnosis* before);

} // namespace krait::tools
