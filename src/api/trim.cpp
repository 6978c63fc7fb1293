#include "api/trim.hpp"

#include "core/process.hpp"

namespace krait {

int trim(std::size_t pad) noexcept {
    bool const pools_went = process::collect() != 0;
    return os::system_trim(pad) || pools_went ? 1 : 0;
}

} // namespace krait
