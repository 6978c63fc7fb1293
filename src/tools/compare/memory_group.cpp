#include "compare/memory_group.hpp"

#include "failure.hpp"
#include "proc_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

bool has_word(std::string_view list, std::string_view word, char separator) {
    std::istringstream words{std::string(list)};
    for (std::string each; std::getline(words, each, separator);)
        if (each.substr(0, each.find('\n')) == word) return true;
    return false;
}

// The path of this process's group: of version 2 with an empty name of controllers, else of the one with "memory".
std::string own_path(std::string_view own_groups, int version) {
    std::istringstream lines{std::string(own_groups)};
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (version == 2 ? controllers.empty() : has_word(controllers, "memory", ',')) return line.substr(second + 1);
    }
    return {};
}

// A group's folder, where the mount shows the hierarchy from `root` on: the mount itself, where it does not show it.
// Only whole names count: /ab is no part of /a.
fs::path folder_of(const fs::path& mount, std::string root, std::string path) {
    if (!root.ends_with('/')) root += '/';
    return path.starts_with(root) && path != root ? mount / path.substr(root.size()) : mount;
}

std::uint64_t number_in(const fs::path& file) {
    std::istringstream text(read_proc_file(file).value_or(""));
    std::uint64_t number = 0;
    text >> number;
    return number;
}

group_place place_or_fail() {
    const auto found = memory_hierarchies(read_proc_file("/proc/self/mountinfo").value_or(""),
                                          read_proc_file("/proc/self/cgroup").value_or(""));
    for (const group_hierarchy& each : found)
        if (auto place = place_for_group(each)) return *place;
    fail("--cgroup: no control group with the memory controller can be made here: it is not mounted, or not handed to "
         "groups below (cgroup.subtree_control); leave --cgroup out");
}

} // namespace

std::vector<group_hierarchy> memory_hierarchies(std::string_view mountinfo, std::string_view own_groups) {
    std::vector<group_hierarchy> found;
    std::istringstream lines{std::string(mountinfo)};
    for (std::string line; std::getline(lines, line);) {
        // 30 23 0:26 ROOT MOUNT OPTIONS [...] - TYPE SOURCE SUPER-OPTIONS
        std::istringstream words(line);
        std::string skipped, root, mount, type, options;
        words >> skipped >> skipped >> skipped >> root >> mount;
        while (words >> skipped && skipped != "-") continue;
        words >> type >> skipped >> options;
        const int version = type == "cgroup2" ? 2 : type == "cgroup" && has_word(options, "memory", ',') ? 1 : 0;
        const std::string path = version == 0 ? "" : own_path(own_groups, version);
        if (!path.empty()) found.push_back({version, mount, folder_of(mount, root, path)});
    }
    std::ranges::stable_sort(found, std::ranges::greater(), &group_hierarchy::version);
    return found;
}

std::optional<group_place> place_for_group(const group_hierarchy& in) {
    if (in.version == 1) return group_place{in.own, 1};
    const auto hands_down = [](const fs::path& folder) {
        return has_word(read_proc_file(folder / "cgroup.subtree_control").value_or(""), "memory", ' ');
    };
    if (hands_down(in.own)) return group_place{in.own, 2};
    if (in.own != in.mount && hands_down(in.own.parent_path())) return group_place{in.own.parent_path(), 2};
    return std::nullopt;
}

group_memory read_group(const fs::path& folder, int version) {
    if (version == 2) return {number_in(folder / "memory.current"), number_in(folder / "memory.peak")};
    return {number_in(folder / "memory.usage_in_bytes"), number_in(folder / "memory.max_usage_in_bytes")};
}

std::optional<std::uint64_t> memory_limit(const group_hierarchy& in) {
    constexpr std::uint64_t none = std::uint64_t{1} << 60; // version 1 says about 2^63; version 2 the word "max"
    std::uint64_t least = none;
    for (fs::path folder = in.own;; folder = folder.parent_path()) {
        const std::uint64_t limit = number_in(folder / (in.version == 2 ? "memory.max" : "memory.limit_in_bytes"));
        if (limit > 0) least = std::min(least, limit);
        if (folder == in.mount || folder == folder.parent_path()) break;
    }
    return least < none ? std::optional(least) : std::nullopt;
}

memory_group::memory_group() : memory_group(place_or_fail()) {}

memory_group::memory_group(const group_place& place)
    : folder_(place.folder / fmt::format("krait-compare-{}", getpid())), version_(place.version) {
    rmdir(folder_.c_str()); // of a process of this number that was killed
    if (mkdir(folder_.c_str(), 0755) != 0)
        fail("--cgroup needs a control group of its own, which cannot be made in {}: {}; run as root, or leave it out",
             place.folder.string(), std::strerror(errno));
    entrance_ = unique_fd(open((folder_ / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!entrance_) {
        const int error = errno;
        rmdir(folder_.c_str());
        fail("--cgroup: nobody can enter the control group {}: {}", folder_.string(), std::strerror(error));
    }
}

memory_group::~memory_group() {
    // The kernel may take a moment to see that the last process has left.
    for (int tries = 0; tries < 100 && rmdir(folder_.c_str()) != 0 && errno == EBUSY; ++tries) usleep(10'000);
}

} // namespace krait::tools
