#include "os/environment.hpp"

#include <sys/auxv.h>

namespace krait::os {

bool is_privileged() noexcept { return getauxval(AT_SECURE) != 0; }

} // namespace krait::os
