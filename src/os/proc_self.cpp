#include "os/proc_self.hpp"

#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/small_file.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace krait::os {

namespace {

constexpr std::size_t longest_path = 1024;

// The number that the text starts with, which is cut off it; SIZE_MAX for "max", nothing, or more than there can be.
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

// A group's folder, climbed from the process's own up to the root of the hierarchy.
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
        const small_file<32> limit(characters_.data());
        std::string_view text = limit.text();
        return next_number(text);
    }

    // To the group above; false at the root.
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

std::string_view next_word(std::string_view& text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(word.size());
    return word;
}

struct memory_pages {
    std::size_t resident = 0;
    std::size_t shared = 0; // of these, the ones that map a file
};

// Of the whole process, whichever of its threads asks: the first one's file, which /proc/self leads to, has nothing
// once that thread left.
memory_pages read_memory_pages() noexcept {
    const errno_kept keep;
    const small_file<128> counts("/proc/thread-self/statm"); // pages: size resident shared ...
    std::string_view text = counts.text();
    if (text.empty()) return {};
    next_number(text);
    const std::size_t resident = next_number(text);
    const std::size_t shared = next_number(text);
    return resident == SIZE_MAX || shared == SIZE_MAX ? memory_pages{} : memory_pages{resident, shared};
}

} // namespace

std::size_t private_memory() noexcept {
    const memory_pages counted = read_memory_pages();
    return counted.shared > counted.resident ? 0 : (counted.resident - counted.shared) * page_size();
}

std::size_t resident_memory() noexcept { return read_memory_pages().resident * page_size(); }

bool is_last_thread() noexcept {
    const errno_kept keep;
    const small_file<512> status("/proc/self/stat");
    std::string_view text = status.text();
    text.remove_prefix(text.rfind(')') + 1); // of the program's name, which may be anything
    if (next_word(text) != "Z") return false;
    constexpr int state_field = 3;
    constexpr int num_threads_field = 20;
    for (int field = state_field + 1; field < num_threads_field; ++field) next_word(text);
    return next_word(text) == "2"; // the first thread is counted as long as there are others
}

std::size_t control_group_limit() noexcept {
    const errno_kept keep;
    const small_file<4096> groups("/proc/thread-self/cgroup"); // lines of HIERARCHY:CONTROLLERS:/PATH
    std::size_t least = SIZE_MAX;
    for (std::string_view left = groups.text(); !left.empty();) {
        const std::string_view line(left.data(), std::min(left.size(), left.find('\n')));
        left.remove_prefix(std::min(left.size(), line.size() + 1));
        const std::size_t second = line.find(':') == line.npos ? line.npos : line.find(':', line.find(':') + 1);
        if (second == line.npos) continue;
        const std::string_view controllers(line.data(), second);
        const std::string_view group(line.data() + second + 1, line.size() - second - 1);
        if (controllers == "0:") {
            least = std::min(least, tightest("/sys/fs/cgroup", group, "/memory.high", "/memory.max"));
        } else if (controllers.ends_with(":memory")) {
            least = std::min(least, tightest("/sys/fs/cgroup/memory", group, "/memory.limit_in_bytes"));
        }
    }
    return least > SIZE_MAX / 4 ? SIZE_MAX : least; // version 1 spells "none" as a number just under 2^63
}

} // namespace krait::os
