#pragma once

#include "failure.hpp"

#include <sys/types.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace krait::tools {

using foreign_address = std::uint64_t; // in another process

// A file that a process has mapped, and where its first byte is.
struct mapped_library {
    std::filesystem::path file;
    foreign_address base = 0;
};

// The libraries (files with an executable mapping) in the text of /proc/PID/maps, in the order of their addresses.
std::vector<mapped_library> libraries_in(std::string_view maps);

// Nothing is mapped at an address that was to be read.
class bad_address : public failure {
    using failure::failure;
};

// Another process, read from outside: it is neither stopped nor asked. Every function fails with a sentence that says
// what is in the way: no such process, no permission, an address that is gone.
class foreign_process {
  public:
    explicit foreign_process(pid_t id) : id_(id) {}

    pid_t id() const noexcept { return id_; }
    std::vector<mapped_library> libraries() const;
    std::uint64_t rss() const; // bytes
    std::string name() const;
    bool is_gone() const; // it ended, reaped or not

    void read(foreign_address from, void* to, std::size_t size) const;

    template <class T>
    T read(foreign_address from) const {
        T value;
        read(from, &value, sizeof value);
        return value;
    }

    // Where the library's dynamic symbol is; 0 if it has none of this name.
    foreign_address find_symbol(const mapped_library& library, std::string_view name) const;

  private:
    [[noreturn]] void fail_to_read(int error) const;

    pid_t id_;
};

} // namespace krait::tools
