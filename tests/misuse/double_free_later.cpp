// A block freed twice, with a few others between.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const block = misuse::new_block(size);
    char* others[5];
    for (char*& other : others) other = misuse::new_block(size);
    misuse::about(block);
    std::free(block);
    for (char* other : others) std::free(other);
    std::free(misuse::opaque(block));
    return misuse::live_on(size);
}
