// 16 bytes behind a block's end are written, into a neighbour that is free.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* blocks[4];
    for (char*& block : blocks) block = misuse::new_block(size);
    std::free(blocks[3]);
    std::free(blocks[2]);
    char* const end = misuse::about(blocks[1]) + malloc_usable_size(blocks[1]);
    std::memset(end, 0xee, 16);
    return misuse::live_on(size);
}
