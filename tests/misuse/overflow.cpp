// Bytes behind a block's end are written, as many as the second argument says, then it and its neighbours are freed.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* blocks[3];
    for (char*& block : blocks) block = misuse::new_block(size);
    char* const end = misuse::about(blocks[1]) + malloc_usable_size(blocks[1]);
    std::memset(end, 0xee, std::strtoul(argv[2], nullptr, 10));
    for (char* block : blocks) std::free(block);
    return misuse::live_on(size);
}
