// The frames of CPython's interpreter, in place of the native frames of its evaluation loop.
//
//   evaluation loop   the C function that runs Python code; an activation of it runs the frames of Python functions
//                     that called each other: a run
//   mark              a local variable of each activation, which the thread's state leads to: the native frame in whose
//                     part of the stack it lies is the activation (python_layout.hpp)
//   place             a code object and an instruction in it, as one value: code_flag | code id << 32 | line
//
//   number_of ─► state_of_thread       by the key that CPython has for it; none: no Python in this thread
//             ─► native frames, innermost first: one with a mark is left out, and its run is put ─► place_of ─► known?
//                                        ─► code_table: names are copied   ─► line_of: the line table is read
//             ─► nodes, from the outermost in
//
// It runs within malloc, wherever that was called: no lock, no request for memory, nothing of Python's called.
//   What a thread's own frames lead to stays while it reads it: frames own their code, code its names. What may be
//   half made or gone (a handler of a signal in the midst of a call, a thread that outlives the interpreter) is caught:
//   each page is asked for once whether it can be read, types are compared, chains are bounded, marks only go up.
//   A thread without the GIL reads its own frames; once the interpreter ends, no thread but the one that ends it does.
#pragma once

#include "os/code_object.hpp"
#include "trace/code_table.hpp"
#include "trace/intern_table.hpp"
#include "trace/python_layout.hpp"
#include "trace/stack_walk.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::trace {

// What one thread knows of the Python that it ran.
struct python_memo {
    static constexpr std::size_t page_slots = 256, place_slots = 1024, most_values = 256;
    static constexpr unsigned page_shift = 64 - 8;
    static_assert(page_slots == std::size_t{1} << (64 - page_shift));
    struct place {
        std::uint64_t key; // a hash of code object, instruction and what tells a code object from a later one there
        std::uint64_t value;
    };
    std::uint32_t unmappings;                     // as many were when the pages were asked for
    std::array<std::uintptr_t, page_slots> pages; // numbers of those that can be read; 0 = none
    std::array<place, place_slots> places;
    std::array<std::uint64_t, most_values> values;
};

class python_frames {
  public:
    // Whether the file is a CPython's that is known: if so, its threads have Python frames from now on.
    void look_at(const os::code_object& object) noexcept;
    void forget(std::uintptr_t begin, std::uintptr_t end) noexcept; // unloaded
    bool is_there() const noexcept { return layout_.load(std::memory_order_acquire) != nullptr; }

    // The node of a stack with Python's frames in it, of at most `most`; 0 if the thread has none.
    std::uint32_t number_of(const stack_walk& walk, std::size_t most, python_memo& memo, intern_table& nodes,
                            recent_numbers& numbers) noexcept;

    // Of the program: what was known to be readable may not be so any more.
    void unmapped() noexcept { unmappings_.fetch_add(1, std::memory_order_relaxed); }

    code_table codes;

  private:
    class reading;

    std::atomic<const python_layout*> layout_{nullptr};
    std::uintptr_t runtime_ = 0; // _PyRuntime
    std::uintptr_t code_type_ = 0, text_type_ = 0, bytes_type_ = 0;
    std::atomic<std::uint32_t> unmappings_{1};
};

} // namespace krait::trace
