// Functions of the program's that krait has a forked copy of it call: the copy stands still before and after.
//
//   a call has a stack of its own, mapped in the copy, and the thread pointer that it is given: so it is in whichever
//   thread krait wants it to be
//   it returns to address 0: a fault there is its end, one anywhere else its failure
//   one that does not come back in time is given up, and no other one is made: it may wait for a lock that a thread
//   had when the copy was made
//
//   the copy has no open file by then and can open none, and its shared memory can only be read: nothing of what is
//   called reaches the process itself, its files, or whoever it shares memory with. A function that writes to shared
//   memory fails.
#pragma once

#include "observe/foreign_process.hpp"

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace krait::tools {

class called_copy {
  public:
    // `system_call` is the address of an instruction that enters the kernel.
    called_copy(pid_t copy, foreign_address system_call) : copy_(copy), system_call_(system_call) {}

    // Its working directory is the root from now on, if it may be, and it has no open file. False where the kernel
    // cannot close them for the copy alone (before Linux 5.9): the files are the process's still, and nothing may be
    // called.
    bool leave_files();
    bool has_ended() const noexcept { return has_ended_; }
    // No call is made any more.
    void give_up() noexcept { is_given_up_ = true; }
    // Memory of zeros in the copy; 0 where it gets none.
    foreign_address map(std::size_t bytes);
    bool write(foreign_address to, const void* from, std::size_t bytes) const;
    // Whether it came back.
    bool call(foreign_address function, foreign_address argument, foreign_address thread_pointer);
    // No call comes back any more.
    bool is_given_up() const noexcept { return is_given_up_; }

  private:
    bool prepare();
    int stop_of_copy();
    std::uint64_t enter_kernel(std::uint64_t number, const std::array<std::uint64_t, 6>& arguments);

    pid_t copy_;
    foreign_address system_call_;
    foreign_address stack_ = 0; // its end
    bool is_given_up_ = false;
    bool has_ended_ = false;
};

} // namespace krait::tools
