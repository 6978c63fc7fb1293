// Where a number lives, for readers outside the process (krait/stats_block.h).
#pragma once

#include "base/owned.hpp"
#include "krait/stats_block.h"

#include <atomic>

namespace krait {

// `field` is the number of row 0; rows are `stride` bytes apart.
template <class T>
krait_stats_column column_of(const T& field, std::size_t stride = sizeof(T)) noexcept {
    static_assert(sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8);
    return {reinterpret_cast<std::uintptr_t>(&field), static_cast<std::uint32_t>(stride), sizeof(T)};
}

} // namespace krait
