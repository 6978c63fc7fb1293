#include "os/process_memory.hpp"

#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/uncancelled.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace krait::os {

namespace {

constexpr std::size_t longest_path = 1024;

/// The start of a small file of the kernel's, which one read gives whole.
template <std::size_t Size>
class small_file {
  public:
    explicit small_file(const char* path) noexcept {
        uncancelled const whole;
        int const file = ::open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) return;
        ssize_t const got = ::read(file, characters_.data(), Size);
        length_ = got > 0 ? static_cast<std::size_t>(got) : 0;
        ::close(file);
    }
    std::string_view text() const noexcept { return {characters_.data(), length_}; }

  private:
    std::array<char, Size> characters_;
    std::size_t length_ = 0;
};

/// The number that the text starts with, which is cut off it; SIZE_MAX for "max", nothing, or more than there can be.
std::size_t next_number(std::string_view& text) noexcept {
    while (text.starts_with(' ')) text.remove_prefix(1);
    bool any = false;
    std::size_t number = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1)) {
        any = true;
        if (__builtin_mul_overflow(number, std::size_t{10}, &number) ||
            __builtin_add_overflow(number, static_cast<std::size_t>(text[0] - '0'), &number))
            return SIZE_MAX;
    }
    return any ? number : SIZE_MAX;
}

/// A group's folder, climbed from the process's own up to the root of the hierarchy.
class group_path {
  public:
    group_path(std::string_view root, std::string_view group) noexcept : root_length_(root.size()) {
        if (root.size() + group.size() > longest_path) group = {};
        std::copy(root.begin(), root.end(), characters_.begin());
        std::copy(group.begin(), group.end(), characters_.begin() + root.size());
        length_ = root.size() + group.size();
        while (length_ > root_length_ && characters_[length_ - 1] == '/') --length_;
    }

    std::size_t limit_in(std::string_view file) noexcept {
        std::copy(file.begin(), file.end(), characters_.begin() + static_cast<std::ptrdiff_t>(length_));
        characters_[length_ + file.size()] = '\0';
        small_file<32> const limit(characters_.data());
        std::string_view text = limit.text();
        return next_number(text);
    }

    /// To the group above; false at the root.
    bool climb() noexcept {
        if (length_ <= root_length_) return false;
        while (characters_[length_ - 1] != '/') --length_;
        --length_;
        return true;
    }

  private:
    std::array<char, longest_path + 64> characters_;
    std::size_t root_length_;
    std::size_t length_;
};

template <class... Files>
std::size_t tightest(std::string_view root, std::string_view group, Files... files) noexcept {
    group_path at(root, group);
    std::size_t least = SIZE_MAX;
    do {
        least = std::min({least, at.limit_in(files)...});
    } while (at.climb());
    return least;
}

} // namespace

std::size_t private_memory() noexcept {
    errno_kept const keep;
    small_file<128> const counts("/proc/self/statm"); // pages: size resident shared ...
    std::string_view text = counts.text();
    if (text.empty()) return 0;
    next_number(text);
    std::size_t const resident = next_number(text);
    std::size_t const shared = next_number(text);
    return resident == SIZE_MAX || shared > resident ? 0 : (resident - shared) * page_size();
}

std::size_t control_group_limit() noexcept {
    errno_kept const keep;
    small_file<4096> const groups("/proc/self/cgroup"); // lines of HIERARCHY:CONTROLLERS:/PATH
    std::size_t least = SIZE_MAX;
    for (std::string_view left = groups.text(); !left.empty();) {
        std::string_view const line(left.data(), std::min(left.size(), left.find('\n')));
        left.remove_prefix(std::min(left.size(), line.size() + 1));
        std::size_t const second = line.find(':') == line.npos ? line.npos : line.find(':', line.find(':') + 1);
        if (second == line.npos) continue;
        std::string_view const controllers(line.data(), second);
        std::string_view const group(line.data() + second + 1, line.size() - second - 1);
        if (controllers == "0:") {
            least = std::min(least, tightest("/sys/fs/cgroup", group, "/memory.high", "/memory.max"));
        } else if (controllers.ends_with(":memory")) {
            least = std::min(least, tightest("/sys/fs/cgroup/memory", group, "/memory.limit_in_bytes"));
        }
    }
    return least > SIZE_MAX / 4 ? SIZE_MAX : least; // version 1 spells "none" as a number just under 2^63
}

} // namespace krait::os
