// The first 32 bytes of a freed block are written.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* blocks[3];
    for (char*& block : blocks) block = misuse::new_block(size);
    for (char* block : blocks) std::free(block);
    std::memset(misuse::about(misuse::opaque(blocks[1])), 0xee, 32);
    return misuse::live_on(size);
}
