#include "os/readable.hpp"

#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/system_call.hpp"

#include <cerrno>
#include <sys/uio.h>

namespace krait::os {

bool is_readable(std::uintptr_t address) noexcept {
    const errno_kept keep;
    if (!has_filter()) {
        char copy;
        struct iovec to {
            &copy, 1
        };
        struct iovec from {
            reinterpret_cast<void*>(address), 1
        };
        if (system_call(SYS_process_vm_readv, process_id(), &to, 1UL, &from, 1UL, 0UL) == 1) return true;
        if (errno == EFAULT) return false;
    }
    return is_mapped(reinterpret_cast<void*>(address));
}

} // namespace krait::os
