#include "os/kept_standard_error.hpp"

#include "os/errno_kept.hpp"
#include "os/system_call.hpp"

#include <sys/stat.h>

namespace krait::os {

void kept_standard_error::keep() noexcept {
    const errno_kept keep;
    struct stat about {};
    const int copy = copy_high(2);
    if (copy < 0 || system_call(SYS_fstat, copy, &about) != 0) return;
    descriptor_ = copy;
    device_ = about.st_dev;
    inode_ = about.st_ino;
}

output_file kept_standard_error::file() const noexcept {
    const errno_kept keep;
    if (descriptor_ < 0) return output_file::standard_error();
    for (const int candidate : {descriptor_, 2}) {
        struct stat about {};
        if (system_call(SYS_fstat, candidate, &about) == 0 && about.st_dev == device_ && about.st_ino == inode_)
            return output_file::borrow(candidate);
    }
    return output_file::borrow(-1);
}

} // namespace krait::os
