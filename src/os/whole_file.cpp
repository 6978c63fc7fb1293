#include "os/whole_file.hpp"

#include "os/system_call.hpp"

#include <cerrno>
#include <sys/mman.h>
#include <sys/stat.h>

namespace krait::os {

whole_file::whole_file(const char* path) noexcept {
    const int file = open_file(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    struct stat about {};
    if (system_call(SYS_fstat, file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
        size_ = static_cast<std::size_t>(about.st_size);
        const long mapped = system_call(SYS_mmap, nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0L);
        if (mapped != -1) data_ = reinterpret_cast<const unsigned char*>(mapped);
    } else {
        errno = EINVAL;
    }
    close_file(file);
}

whole_file::~whole_file() {
    if (is_open()) system_call(SYS_munmap, data_, size_);
}

} // namespace krait::os
