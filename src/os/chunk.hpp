// glibc's chunks, the blocks of the system allocator, as far as free needs to look at one that a cache may keep. malloc_usable_size
// believes any address and follows what it reads there; here an address that starts no block ends as a size that no cache takes, so
// that free(3) gets it and says what is wrong.
//
//   word before the block = size of the chunk, a multiple of 16 | 1 the chunk before is in use | 2 own mapping | 4 of another arena
//   usable size           = size of the chunk - 8: the next chunk's first word is lent
//   the chunk is in use   = bit 1 of the next chunk's word
//
// The layout is glibc's own affair. It has been the same for twenty years, and is believed only where fresh blocks confirm it.
#pragma once

#include <cstddef>

namespace krait::os {

/// As malloc_usable_size for a block of at most `most` bytes that the system allocator gave out, has no mapping of its own, and is in
/// use. For any other address a number over `most`, or 0. Keeps errno.
std::size_t usable_size_of_chunk(void* address, std::size_t most) noexcept;

} // namespace krait::os
