// A block freed twice in a row.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const block = misuse::about(misuse::new_block(size));
    std::free(block);
    std::free(misuse::opaque(block));
    return misuse::live_on(size);
}
