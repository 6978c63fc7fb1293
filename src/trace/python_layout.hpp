// Where CPython keeps what a walk of its frames reads, by version: offsets as data, so that another version is another
// row here. tests/trace/test_python.py compares what they lead to with the source of a program.
//
//   3.11   the evaluation loop runs calls of Python by Python in one activation of its own: a run of frames, the last
//          of which has is_entry. Each activation has a _PyCFrame among its local variables, and with it a mark on the
//          stack of C: which native frame stands for which run
//   3.12   the same mark, but runs end at a frame of their own, which lies on the stack of C and is owned by it
//   3.13   has no _PyCFrame: the frame at which a run ends is the mark. And it has _Py_DebugOffsets at the beginning
//          of _PyRuntime: a row made when the interpreter is found, instead of one here
//   without the GIL (3.13t): a thread's frames are its own as here, but code objects may be read while another thread
//          writes line tables of instrumented ones; not supported
#pragma once

#include <array>
#include <cstdint>

namespace krait::trace {

struct python_layout {
    std::uint32_t version; // Py_Version >> 16
    // _PyRuntime
    std::uint16_t finalizing;    // address of the thread state that ends the interpreter
    std::uint16_t current_state; // gilstate.tstate_current: of the thread that has the GIL
    std::uint16_t key_is_made;   // gilstate.autoTSSkey
    std::uint16_t key;           // of each thread's own state
    // PyThreadState
    std::uint16_t thread_id; // pthread_self
    std::uint16_t cframe;
    std::uint16_t state_bytes; // of what is read of it
    // _PyCFrame
    std::uint16_t current_frame, previous_cframe, cframe_bytes;
    // _PyInterpreterFrame
    std::uint16_t code, previous, instruction, is_entry, frame_bytes;
    // PyObject, PyCodeObject
    std::uint16_t type, file, name, first_line, line_table, instructions;
    // PyBytesObject, PyASCIIObject, PyCompactUnicodeObject
    std::uint16_t size, bytes, length, text_state, ascii_text, other_text;
};

inline constexpr std::array<python_layout, 1> python_layouts{{
    {.version = 0x030b,
     .finalizing = 24,
     .current_state = 576,
     .key_is_made = 592,
     .key = 596,
     .thread_id = 152,
     .cframe = 56,
     .state_bytes = 160,
     .current_frame = 8,
     .previous_cframe = 16,
     .cframe_bytes = 24,
     .code = 32,
     .previous = 48,
     .instruction = 56,
     .is_entry = 68,
     .frame_bytes = 72,
     .type = 8,
     .file = 112,
     .name = 128,
     .first_line = 72,
     .line_table = 136,
     .instructions = 184,
     .size = 16,
     .bytes = 32,
     .length = 16,
     .text_state = 32,
     .ascii_text = 48,
     .other_text = 72},
}};

} // namespace krait::trace
