// The first word of a freed block is written: the address of a block in use. No list may hand that out.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const live = misuse::new_block(size);
    char* blocks[3];
    for (char*& block : blocks) block = misuse::new_block(size);
    for (char* block : blocks) std::free(block);
    char** const link = reinterpret_cast<char**>(misuse::about(misuse::opaque(blocks[2])));
    *link = live;
    char* taken[4];
    for (char*& block : taken) {
        block = static_cast<char*>(misuse::opaque(std::malloc(size)));
        if (block == live) return 3; // two owners
    }
    return misuse::live_on(size);
}
