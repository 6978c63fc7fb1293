#include "os/appended_file.hpp"

#include "os/errno_kept.hpp"
#include "os/limits.hpp"
#include "os/memory.hpp"
#include "os/system_call.hpp"

#include <cerrno>
#include <cstring>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>

namespace krait::os {

namespace {

int moved_high(int descriptor) noexcept {
    const int moved = copy_high(descriptor);
    if (moved < 0) return descriptor;
    close_file(descriptor);
    return moved;
}

} // namespace

bool appended_file::keep_error() noexcept {
    error_ = errno;
    return false;
}

bool appended_file::create(const char* path, bool is_new) noexcept {
    const errno_kept keep;
    std::size_t folder = 0;
    if (path[0] != '/') {
        const long length = system_call(SYS_getcwd, path_.data(), path_.size() - 1); // with its zero
        if (length > 1) {
            folder = static_cast<std::size_t>(length);
            path_[folder - 1] = '/';
        }
    }
    const std::size_t length = std::strlen(path);
    if (folder + length >= path_.size()) {
        error_ = ENAMETOOLONG;
        return false;
    }
    std::memcpy(path_.data() + folder, path, length + 1);
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (is_new ? O_EXCL : O_TRUNC);
    const int opened = open_file(path_.data(), flags, 0666);
    if (opened < 0) return keep_error();
    descriptor_ = moved_high(opened);
    struct stat about {};
    if (system_call(SYS_fstat, descriptor_, &about) != 0) return keep_error();
    device_ = about.st_dev;
    inode_ = about.st_ino;
    size_ = 0;
    return true;
}

bool appended_file::is_there() noexcept {
    struct stat about {};
    return system_call(SYS_fstat, descriptor_, &about) == 0 && about.st_dev == device_ && about.st_ino == inode_;
}

bool appended_file::open_again() noexcept {
    const int opened = open_file(path_.data(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (opened < 0) return keep_error();
    descriptor_ = moved_high(opened);
    if (is_there()) return true;
    close_file(descriptor_);
    errno = EBADF;
    return keep_error();
}

// A file at the process's limit would end the program, by SIGXFSZ.
bool appended_file::has_room(std::size_t bytes) noexcept {
    struct rlimit limit {};
    if (set_limit(0, RLIMIT_FSIZE, nullptr, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
    return size_ + bytes <= limit.rlim_cur;
}

bool appended_file::settle() noexcept {
    const errno_kept keep;
    return is_there() || open_again();
}

bool appended_file::append(std::span<const std::string_view> parts) noexcept {
    const errno_kept keep;
    const bool is_filtered = has_filter(); // then nothing but write is called: who has one allows that, if anything
    if (!is_filtered && !settle()) return false;
    std::array<struct iovec, 4> pieces;
    std::size_t count = 0, left = 0;
    for (const std::string_view part : parts) {
        pieces[count++] = {const_cast<char*>(part.data()), part.size()};
        left += part.size();
    }
    if (!is_filtered && !has_room(left)) {
        error_ = EFBIG;
        return false;
    }
    auto* first = pieces.data();
    while (left != 0) {
        const long written = is_filtered ? system_call(SYS_write, descriptor_, first->iov_base, first->iov_len)
                                         : system_call(SYS_writev, descriptor_, first, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 || (written == 0 && first->iov_len != 0)) return keep_error();
        auto done = static_cast<std::size_t>(written);
        left -= done;
        size_ += done;
        for (; count != 0 && done >= first->iov_len; ++first, --count) done -= first->iov_len;
        if (count == 0) break;
        first->iov_base = static_cast<char*>(first->iov_base) + done;
        first->iov_len -= done;
    }
    return true;
}

void appended_file::close() noexcept {
    const errno_kept keep;
    if (is_open() && !has_filter() && is_there()) close_file(descriptor_);
    descriptor_ = -1;
}

} // namespace krait::os
