// A socket to the krait command, which puts names to the addresses of a report and writes it to standard error
// (src/tools/report_names.hpp). Nothing here allocates; errno is kept.
//
//   report   text, then a mark; the command answers with a byte once all of it is written
//
// A program may have closed the descriptor, or have another file there by now: the socket is known by its inode. And a
// program that it started may be told of a descriptor that is another socket by then: the command's end has a name.
#pragma once

#include <cstdint>
#include <string_view>

namespace krait::os {

class report_channel {
  public:
    // Nothing, if that is no socket to the krait command.
    void open(int descriptor) noexcept;

    // Whether the socket is still there. False with a system call filter, which may not know the calls.
    bool is_open() const noexcept;
    // False if nobody reads any more.
    bool send(std::string_view part) const noexcept;
    // Until the command has written what was sent, half a minute at most.
    void wait_until_written() const noexcept;

    static constexpr char end_mark = '\4';
    // How the name of the command's end begins, in the abstract namespace of Unix sockets.
    static constexpr std::string_view name_of_reader{"\0krait-report-", 14};

  private:
    int descriptor_ = -1;
    std::uint64_t inode_ = 0;
};

} // namespace krait::os
