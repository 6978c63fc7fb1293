#include "os/file.hpp"

#include "os/errno_kept.hpp"
#include "os/uncancelled.hpp"

#include <cstdio>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

extern "C" char** environ;

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

void kept_standard_error::keep() noexcept {
    errno_kept const keep;
    struct stat about {};
    // High up, out of the way of programs that expect the lowest free descriptor to be theirs.
    int const copy = ::fcntl(2, F_DUPFD_CLOEXEC, 200);
    if (copy < 0 || ::fstat(copy, &about) != 0) return;
    descriptor_ = copy;
    device_ = about.st_dev;
    inode_ = about.st_ino;
}

output_file kept_standard_error::file() const noexcept {
    errno_kept const keep;
    if (descriptor_ < 0) return output_file::standard_error();
    for (int const candidate : {descriptor_, 2}) {
        struct stat about {};
        if (::fstat(candidate, &about) == 0 && about.st_dev == device_ && about.st_ino == inode_)
            return output_file::borrow(candidate);
    }
    return output_file::borrow(-1);
}

bool is_privileged() noexcept { return getauxval(AT_SECURE) != 0; }

bool is_under_valgrind() noexcept {
    bool found = false;
    for_each_variable(
        [](void* context, const char* assignment) {
            std::string_view const variable = assignment;
            if (variable.starts_with("LD_PRELOAD=") && variable.find("/vgpreload_") != std::string_view::npos) {
                *static_cast<bool*>(context) = true;
            }
        },
        &found);
    return found;
}

int process_id() noexcept { return getpid(); }

void for_each_variable(void (*each)(void*, const char*), void* context) noexcept {
    if (environ == nullptr) return;
    for (char** variable = environ; *variable != nullptr; ++variable) each(context, *variable);
}

} // namespace krait::os
