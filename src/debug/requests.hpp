// The requests of libkrait_debug.so: those of the core, with every block decorated (layout.hpp).
//
// allocate(n)    ─► core: n + 48 bytes ─► none ─► the quarantine is emptied, and once more
//                ─► decorations, 0xCD, the live bit
// deallocate(p)  ─► take: the live bit was set ─► decorations whole? letter malloc's? ─► 0xDD ─► quarantine ─► core
//                └─ it was not ─► freed, within a block, or in krait's memory ─► a report, the end
//                              ─► else                                        ─► core, as another's
// reallocate     ─► large ─► core's realloc, decorations anew
//                └─ else  ─► allocate, copy, deallocate: whoever still uses the old block writes to a freed one
//
// operator new and delete are malloc and free with another letter between: new gives the block its letter when it has
// it from malloc, delete takes it off again before free. So a form that the program replaced stays in between.
//
// `frame` is __builtin_frame_address(0) of a function of this library: stacks begin at its caller.
#pragma once

#include "base/text.hpp"
#include "debug/layout.hpp"

#include <cstddef>

namespace krait::debug {

void* allocate(const void* frame, std::size_t size) noexcept;
void* allocate_zeroed(const void* frame, std::size_t count, std::size_t size) noexcept;
// `alignment` is a power of two.
void* allocate_aligned(const void* frame, std::size_t alignment, std::size_t size) noexcept;
void* reallocate(const void* frame, void* address, std::size_t size) noexcept;
void deallocate(const void* frame, void* address) noexcept;
std::size_t usable_size(void* address) noexcept;

// Whether blocks have letters of operators, and a size that is named is compared. The same whenever it is asked for.
bool tells_mismatches() noexcept;

// The block has that letter from now on, if it is one.
void give_letter(void* address, letter api) noexcept;
// The block had `api` and has `then` from now on. Another letter is misuse, with `request` in the report; who is no
// block is left to who comes next.
void change_letter(void* address, letter api, letter then, const char* request) noexcept;
// The program says that it asked for so many bytes.
void check_size(void* address, std::size_t named, const char* request) noexcept;

} // namespace krait::debug
