// The blocks that glibc's malloc gave out, which the system allocator behind krait is: found by walking over its
// chunks (os/chunk.hpp has their layout).
//
//   main heap      what the kernel calls [heap], chunk behind chunk up to the top
//   thread arenas  heaps at multiples of 64 MiB, each with a record at its start
//   own mappings   pages that begin with a chunk's words
//   cached         chunks that a thread's tcache holds have its key in their second word; those that a large cache of
//                  krait's holds have its mark there. Both count as free.
//   A chain of chunks that does not lead where it should is not believed: what it covers stays a root, so that nothing
//   is taken for unreachable by mistake.
#pragma once

#include "doctor/address_map.hpp"
#include "doctor/picture_memory.hpp"

#include <cstdint>
#include <vector>

namespace krait::tools {

struct system_block {
    foreign_address start = 0;
    std::uint64_t size = 0; // usable
};

struct glibc_heap {
    std::vector<system_block> blocks;          // in use, by address
    std::vector<picture_memory::span> covered; // all that chunks and their records lie in, by address
};

// `others` are ranges that are no heap of glibc's, by address.
glibc_heap read_glibc_heap(const picture_memory& memory, const address_map& map,
                           const std::vector<picture_memory::span>& others);

} // namespace krait::tools
