#include "proc_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace krait::tools {

std::optional<std::string> read_proc_file(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    std::string text;
    std::array<char, 16384> buffer;
    ssize_t got = 0;
    while ((got = read(fd, buffer.data(), buffer.size())) > 0)
        text.append(buffer.data(), static_cast<std::size_t>(got));
    const int error = errno;
    close(fd);
    errno = error;
    return got < 0 ? std::nullopt : std::optional(std::move(text));
}

} // namespace krait::tools
