#include "os/file.hpp"

#include "os/errno_kept.hpp"
#include "os/uncancelled.hpp"

#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace krait::os {

output_file output_file::create(const char* path) noexcept {
    errno_kept const keep;
    uncancelled const whole;
    return output_file(::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), true);
}

output_file::~output_file() {
    errno_kept const keep;
    uncancelled const whole;
    if (owned_ && is_open()) ::close(descriptor_);
}

void output_file::write(std::string_view part) noexcept {
    errno_kept const keep;
    uncancelled const whole;
    while (is_open() && !part.empty()) {
        ssize_t const written = ::write(descriptor_, part.data(), part.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            lost_ = true;
            return;
        }
        part.remove_prefix(static_cast<std::size_t>(written));
    }
}

bool replace_regular_file(const char* from, const char* to) noexcept {
    errno_kept const keep;
    struct stat about {};
    if (::lstat(to, &about) == 0 && !S_ISREG(about.st_mode)) return false;
    return ::rename(from, to) == 0;
}

void remove_file(const char* path) noexcept {
    errno_kept const keep;
    ::unlink(path);
}

} // namespace krait::os
