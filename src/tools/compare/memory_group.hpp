#pragma once

#include "compare/child.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The memory that the kernel charges to a control group: anonymous pages, cached files and the kernel's own, each page
// once, whoever maps it.
//
//   hierarchy    a mounted tree of control groups with the memory controller: version 2, or version 1's own for memory
//   own group    the folder in it of the group that this process is in
//   a place      a folder in which a group with memory accounting can be made. In version 1 each folder is one. In
//                version 2 one whose cgroup.subtree_control has "memory"; a group with processes in it cannot have
//                that, but for the root, so it is the folder of the own group or the one above it
namespace krait::tools {

struct group_hierarchy {
    int version = 0;
    std::filesystem::path mount; // the folder at which it is mounted
    std::filesystem::path own;   // the own group's; the mount's, where that does not show it
};

// From the texts of /proc/self/mountinfo and /proc/self/cgroup: the hierarchies that may have the controller, version 2
// first.
std::vector<group_hierarchy> memory_hierarchies(std::string_view mountinfo, std::string_view own_groups);

// What a group's folder says. peak: 0 where the kernel does not say (version 2 before Linux 5.19).
struct group_memory {
    std::uint64_t current = 0; // bytes charged now
    std::uint64_t peak = 0;    // the most so far
};
group_memory read_group(const std::filesystem::path& folder, int version);

// The least memory limit of the own group and those above it; none where there is no limit.
std::optional<std::uint64_t> memory_limit(const group_hierarchy& in);

struct group_place {
    std::filesystem::path folder;
    int version = 0;
};

// The place in a hierarchy; none where the controller is not there for groups below.
std::optional<group_place> place_for_group(const group_hierarchy& in);

// A control group for one run. It is removed with this object, when no process is left in it.
class memory_group {
  public:
    // Fails, with the reason and what to do, where none can be made.
    memory_group();
    ~memory_group();
    memory_group(const memory_group&) = delete;
    memory_group& operator=(const memory_group&) = delete;

    int entrance() const noexcept { return entrance_.get(); } // a process that writes "0" to it is in the group
    group_memory read() const { return read_group(folder_, version_); }

  private:
    explicit memory_group(const group_place& place);

    std::filesystem::path folder_;
    int version_;
    unique_fd entrance_;
};

} // namespace krait::tools
