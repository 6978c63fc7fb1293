#include "api/trim.hpp"

#include "core/process.hpp"
#include "core/system_blocks.hpp"

namespace krait {

int trim(std::size_t pad) noexcept {
    const bool pools_went = process::collect() != 0;
    return system_blocks::trim(pad) || pools_went ? 1 : 0;
}

} // namespace krait
