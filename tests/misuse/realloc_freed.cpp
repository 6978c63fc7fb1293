// realloc of a freed block.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const block = misuse::about(misuse::new_block(size));
    std::free(block);
    void* const moved = std::realloc(misuse::opaque(block), 2 * size);
    std::free(moved);
    return misuse::live_on(size);
}
