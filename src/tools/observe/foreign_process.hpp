#pragma once

#include "failure.hpp"

#include <sys/types.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
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

// What the kernel counts of a process's memory; none where it counts nothing any more.
struct process_memory {
    std::uint64_t rss = 0;       // bytes
    std::uint64_t anonymous = 0; // of these, bytes that map no file and are shared with nobody (RssAnon)
};

// Another process, read from outside: it is neither stopped nor asked. Every function fails with a sentence that says
// what is in the way: no such process, no permission (refusal.hpp), an address that is gone.
//
// A process whose first thread left by pthread_exit is read through another: its own files in /proc are empty then.
class foreign_process {
  public:
    explicit foreign_process(pid_t id) : id_(id), thread_(id) {}

    pid_t id() const noexcept { return id_; }
    std::string maps() const; // the text of /proc/PID/maps
    std::vector<mapped_library> libraries() const { return libraries_in(maps()); }
    std::optional<process_memory> memory() const;
    std::string name() const;
    double age() const;   // seconds since it was started; 0 where it is not known
    bool is_gone() const; // it ended, reaped or not, or has no memory any more

    void read(foreign_address from, void* to, std::size_t size) const;

    template <class T>
    T read(foreign_address from) const {
        T value;
        read(from, &value, sizeof value);
        return value;
    }

    // Where the description of the file's ELF note is that has this name, type and size; 0 if there is none. Notes are
    // in memory, and stay in a stripped file.
    foreign_address find_note(const mapped_library& library, std::string_view name, std::uint32_t type,
                              std::size_t size) const;

  private:
    [[noreturn]] void fail_to_read(int error) const;
    std::string file(std::string_view name) const; // of the thread that is read
    bool turn_to_living_thread() const;

    pid_t id_;
    mutable pid_t thread_; // what is read is its memory, which is the process's
};

} // namespace krait::tools
