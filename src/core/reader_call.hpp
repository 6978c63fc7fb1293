// A call that a reader outside the process may have one of its threads make, as `krait doctor` does for a copy of the
// process that it can read at leisure (tools/doctor/forked_copy.hpp).
//
//   The reader has stopped the thread by ptrace(2). It writes a frame below the thread's red zone, which nobody looks
//   at, and sets stack pointer and instruction pointer in one step. From then on the thread comes back to where it was
//   by itself, with all of its registers, whatever becomes of the reader: the code saves what it changes and leaves by
//   the frame's last word.
//
//   frame     call, three arguments | the instruction to go on at | the 128 bytes of the red zone | the stack as it was
//   a child   of clone(2), as the call returns 0, ends at once: nobody but a reader keeps it from running
//
// The library never comes here.
#pragma once

#include <cstdint>

namespace krait {

struct reader_call_frame {
    std::uint64_t call;
    std::uint64_t arguments[3]; // what else a call may take is 0
    std::uint64_t go_on_at;
};
static_assert(sizeof(reader_call_frame) == 40);

inline constexpr std::uint64_t bytes_of_red_zone = 128;

// As KRAIT_STATS_NOTE_TYPE: the note leads to the code.
inline constexpr std::uint32_t reader_call_note_type = 3;

} // namespace krait
