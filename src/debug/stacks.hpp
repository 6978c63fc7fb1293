// Stacks of those who made and freed blocks, each as a number: a node of a tree that only grows
// (trace/intern_table.hpp).
//
// Walked by the unwind tables, as the recorder does it (trace/stack_walk.hpp): no lock, no request, nothing of the
// program's but its stack is read. A thread has a walker of its own, which remembers its last walk; a signal handler
// that interrupts one keeps eight frames.
#pragma once

#include "base/text.hpp"

#include <cstddef>
#include <cstdint>

namespace krait::debug {

// Stacks of up to so many frames from now on; none without memory. Called once.
void open_stacks(std::size_t frames) noexcept;

// `frame` is __builtin_frame_address(0) of a function of this library, all of which keep a frame pointer. 0 = none.
std::uint32_t stack_at(const void* frame) noexcept;

// A line for each frame, the innermost first: object+0xoffset of the call, which addr2line reads.
void write_stack(text& out, std::uint32_t stack) noexcept;

// In a forked child: the thread that forked keeps its walker, by its new number.
void go_on_in_child() noexcept;

// Rules for code that is not loaded any more are forgotten.
void library_closed() noexcept;

} // namespace krait::debug
