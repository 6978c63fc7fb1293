#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace krait::tools {

// The registers of a stopped thread.
struct thread_registers {
    std::uint64_t stack_pointer = 0;
    std::uint64_t instruction = 0;
    std::uint64_t thread_pointer = 0;
    std::vector<std::uint64_t> general; // as DWARF numbers them
    std::vector<std::uint64_t> words;   // everything that may be a pointer, vectors too
    bool is_known = false;
};

// Of a thread that this process has stopped by ptrace(2).
thread_registers registers_of(pid_t thread);

// Has the call that the stop broke off come back as EINTR? It is entered again instead, as if nothing had been, where
// the kernel does not do so itself (epoll_wait(2) and some others), unless a signal waits that may be what the program
// wants to see. Nothing else of the thread changes, and it is done in one step.
void enter_broken_call_again(pid_t thread);

} // namespace krait::tools
