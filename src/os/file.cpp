#include "os/file.hpp"

#include "os/errno_kept.hpp"
#include "os/system_call.hpp"

#include <sys/stat.h>

namespace krait::os {

output_file output_file::create(const char* path) noexcept {
    const errno_kept keep;
    return output_file(open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), true);
}

output_file::~output_file() {
    const errno_kept keep;
    if (owned_ && is_open()) close_file(descriptor_);
}

void output_file::write(std::string_view part) noexcept {
    const errno_kept keep;
    while (is_open() && !part.empty()) {
        const long written = system_call(SYS_write, descriptor_, part.data(), part.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            lost_ = true;
            return;
        }
        part.remove_prefix(static_cast<std::size_t>(written));
    }
}

bool replace_regular_file(const char* from, const char* to) noexcept {
    const errno_kept keep;
    struct stat about {};
    if (system_call(SYS_newfstatat, AT_FDCWD, to, &about, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(about.st_mode))
        return false;
    return system_call(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to) == 0;
}

void remove_file(const char* path) noexcept {
    const errno_kept keep;
    system_call(SYS_unlinkat, AT_FDCWD, path, 0);
}

} // namespace krait::os
