#include "os/report_channel.hpp"

#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/system_call.hpp"

#include <cstring>
#include <ctime>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace krait::os {

namespace {

// 0 if there is none.
std::uint64_t inode_of_socket(int descriptor) noexcept {
    const errno_kept keep;
    struct stat about {};
    return system_call(SYS_fstat, descriptor, &about) == 0 && S_ISSOCK(about.st_mode) ? about.st_ino : 0;
}

bool leads_to_reader(int descriptor) noexcept {
    const errno_kept keep;
    sockaddr_un name{};
    socklen_t bytes = sizeof name;
    constexpr std::string_view begin = report_channel::name_of_reader;
    return system_call(SYS_getpeername, descriptor, &name, &bytes) == 0 && name.sun_family == AF_UNIX &&
           bytes > sizeof name.sun_family + begin.size() && std::memcmp(name.sun_path, begin.data(), begin.size()) == 0;
}

} // namespace

void report_channel::open(int descriptor) noexcept {
    if (!leads_to_reader(descriptor)) return;
    descriptor_ = descriptor;
    inode_ = inode_of_socket(descriptor);
}

bool report_channel::is_open() const noexcept {
    return inode_ != 0 && !has_filter() && inode_of_socket(descriptor_) == inode_;
}

bool report_channel::send(std::string_view part) const noexcept {
    const errno_kept keep;
    while (!part.empty()) {
        const long sent = system_call(SYS_sendto, descriptor_, part.data(), part.size(), MSG_NOSIGNAL, nullptr, 0);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        part.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void report_channel::wait_until_written() const noexcept {
    constexpr char mark = end_mark;
    if (!send({&mark, 1})) return;
    const errno_kept keep;
    pollfd answer{descriptor_, POLLIN, 0};
    const timespec longest{30, 0};
    if (system_call(SYS_ppoll, &answer, 1, &longest, nullptr, 0) != 1) return;
    char ignored;
    static_cast<void>(system_call(SYS_recvfrom, descriptor_, &ignored, 1UL, MSG_DONTWAIT, nullptr, nullptr));
}

} // namespace krait::os
