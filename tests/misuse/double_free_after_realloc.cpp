// A block that realloc moved is freed by its old address; its neighbour is in use.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const old = misuse::new_block(size);
    char* const wall = misuse::new_block(size);
    char* const address = misuse::about(old);
    static_cast<void>(misuse::opaque(std::realloc(old, 5 * size)));
    std::free(address);
    std::free(wall);
    return misuse::live_on(size);
}
