// What every misuse program shares. A program makes one mistake with blocks of the size that its first argument gives, says on
// stdout which address it is about, and goes on as a program would that knows nothing of it: status 0 means unnoticed.
#pragma once

#include "../preload/hazard.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <vector>

namespace misuse {

using hazard::opaque; // the compiler must not know what a pointer points to, or it sees the mistake

inline std::size_t block_size(int argc, char** argv) {
    if (argc < 2) std::exit(2);
    return std::strtoul(argv[1], nullptr, 10);
}

inline char* new_block(std::size_t size) {
    auto* const block = static_cast<char*>(opaque(std::malloc(size)));
    std::memset(block, 1, size);
    return block;
}

// More blocks than any cache keeps, as far as memory allows.
inline std::vector<char*> many_blocks(std::size_t size) {
    std::vector<char*> blocks(size < 4096 ? 20000 : 64);
    for (char*& block : blocks) block = new_block(size);
    return blocks;
}

// Said before the mistake: a misuse that is noticed ends the process.
template <class T>
T* about(T* address) {
    std::printf("%p\n", static_cast<void*>(address));
    std::fflush(stdout);
    return opaque(address);
}

// What the rest of a program does with its heap.
inline int live_on(std::size_t size) {
    for (int round = 0; round < 4; ++round) {
        std::vector<char*> blocks(32);
        for (char*& block : blocks) block = new_block(size);
        for (char* block : blocks) std::free(block);
    }
    return 0;
}

} // namespace misuse
