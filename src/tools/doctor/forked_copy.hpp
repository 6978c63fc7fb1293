// A copy of a stopped process, to be read while the process runs on: its child by fork, which never runs by itself.
//
//   Made by one of the process's own threads, which comes back to where it was by itself, whatever becomes of
//   krait (core/reader_call.hpp). While krait lives it puts the registers back itself, where the kernel looks for
//   signals next: one that came meanwhile breaks off the call that the thread waits in, as if nobody had looked.
//   The child shares the table of files as it is made, so that no lock is let go, and leaves it at once for an empty
//   one: no file stays open on its account. Its working directory is the root, so that nothing keeps the process's
//   busy. It sends no signal when it ends, and wait(2) of the process does not see it. It is stopped from the start and
//   killed when this ends, or krait does; where memory is short, the kernel would sooner kill it than the process.
//   Until then each page that the process writes to is copied once, as after any fork.
//
//   Not made, and the reason said: under a system call filter or shadow stacks; where the kernel refuses, as with
//   limits on processes or memory; where a signal comes first; where each thread waits in a call that lets signals in
//   only while it waits, or is on another stack than its own.
#pragma once

#include "doctor/called_copy.hpp"
#include "doctor/stopped_process.hpp"
#include "observe/foreign_process.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace krait::tools {

class forked_copy {
  public:
    // None where `why_not` says why. `library` is krait's in the process.
    static std::optional<forked_copy> of(stopped_process& patient, const foreign_process& process,
                                         const mapped_library& library, std::string& why_not);

    forked_copy(forked_copy&& other) noexcept
        : patient_(other.patient_), entry_(other.entry_), child_(other.child_), is_apart_(other.is_apart_) {
        other.child_ = 0;
    }
    ~forked_copy();
    forked_copy& operator=(forked_copy&&) = delete;

    pid_t process() const noexcept { return child_; }
    // To have it call functions of the program's; none where that could reach the process's files.
    std::optional<called_copy> caller() const;

  private:
    forked_copy(pid_t patient, foreign_address entry, pid_t child) : patient_(patient), entry_(entry), child_(child) {}
    called_copy made_caller() const;

    pid_t patient_;
    foreign_address entry_;
    pid_t child_;
    bool is_apart_ = false; // it has no file of the process's
};

} // namespace krait::tools
