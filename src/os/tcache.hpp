// What glibc keeps of freed blocks for this thread: up to 7 of each size up to 1,032 bytes, its tcache. Its malloc_trim
// takes them for blocks in use: each keeps its page, and the chunks on both sides apart.
#pragma once

namespace krait::os {

// Of the sizes that krait leaves to glibc: blocks that lie together, if there are such, take the place of those that
// lie wherever they were freed, and a trim finds these. Nothing, where glibc's tcache is not as it has been since 2.32.
// Keeps errno. By a thread that says that it is in the system allocator.
void gather_tcache() noexcept;

} // namespace krait::os
