// realloc of an address 16 bytes behind a block's start.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const block = misuse::new_block(size);
    void* const moved = std::realloc(misuse::about(block + 16), 2 * size);
    std::free(moved);
    return misuse::live_on(size);
}
