// Misuses of the heap as data: a kind is a name and the mistake, made with a block of a given size. The program (main.cpp) makes
// one of them and goes on as a program would that knows nothing of it.
//
//   own      blocks that the rest of the program holds: each is full of a number of its own, and looked at until the end
//   victim   a block that the mistake is made with: nobody looks at its contents
//
// What comes of it, beside a signal:
//   status 0           nothing: the program came to its end
//   status_refused     the request was refused as the standard has it
//   status_harm        what the program owns changed, though the mistake did not write there: one block has two owners, or the
//                      allocator wrote into a block in use
//
// Nothing here allocates, so that the mistakes decide where blocks lie.
#pragma once

#include "../support/hazard.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <span>

namespace misuse {

using hazard::opaque; // the compiler must not know what a pointer points to, or it sees the mistake

inline constexpr int status_refused = 4;
inline constexpr int status_harm = 3;
inline constexpr int status_unknown = 2;

struct kind {
    const char* name;
    void (*make)(std::size_t size);
};
extern const std::span<const kind> double_frees, no_blocks, overruns, underruns, writes_after_free, free_lists,
    mismatches, absurd_sizes, contexts;

// A block full of a number of its own. It is looked at until it is released.
char* own(std::size_t size);
// Memory that is no block, likewise.
void watch(char* memory, std::size_t size);
// A block full of ones.
char* victim(std::size_t size);
// Frees a block of either sort. What it holds is not looked at any more.
void release(char* block);
// An own block whose contents the mistake is going to change.
void give_up(char* block);

// Said before the mistake, which may end the process: the address that a message should have.
char* about(void* address);

// Says that the request came out as refused, or else that it was granted: then the program has less than it asked for.
[[noreturn]] void end_refused(bool is_refused);

// What the rest of a program does with its heap: `rounds` times it owns many blocks of the size, and gives them back.
void live_on(std::size_t size, int rounds = 4);

// More blocks than any cache keeps, as far as memory allows. They are full of ones.
std::span<char*> many_victims(std::size_t size);

// As large as the block really is.
inline char* end_of(char* block) { return block + malloc_usable_size(block); }

} // namespace misuse
