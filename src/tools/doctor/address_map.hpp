#pragma once

#include "observe/foreign_process.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What a process has at which addresses.
namespace krait::tools {

struct mapping {
    foreign_address start = 0, end = 0;
    bool is_readable = false, is_writable = false, is_executable = false, is_shared = false;
    std::uint64_t offset = 0; // in the file
    std::uint64_t inode = 0;
    std::string path; // empty: anonymous; "[heap]" and the like are the kernel's names

    std::uint64_t bytes() const noexcept { return end - start; }
    bool has(foreign_address at) const noexcept { return at - start < end - start; }
    bool is_file() const noexcept { return path.starts_with('/') && inode != 0; }
};

// By address, apart from each other.
class address_map {
  public:
    address_map() = default;
    // Of /proc/PID/maps; fails where it cannot be read.
    explicit address_map(const foreign_process& process);
    explicit address_map(std::string_view maps_text);

    const std::vector<mapping>& all() const noexcept { return all_; }
    // Null where nothing is mapped.
    const mapping* at(foreign_address address) const noexcept;
    const mapping* before(const mapping& of) const noexcept { return &of == all_.data() ? nullptr : &of - 1; }

  private:
    std::vector<mapping> all_;
};

} // namespace krait::tools
