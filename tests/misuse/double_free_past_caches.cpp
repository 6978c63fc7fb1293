// A block freed twice, with so many others between that it has left every cache; its neighbours are in use.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    std::vector<char*> blocks = misuse::many_blocks(size);
    char* const block = misuse::about(blocks[0]);
    for (std::size_t i = 0; i < blocks.size(); i += 2) std::free(blocks[i]);
    std::free(misuse::opaque(block));
    return misuse::live_on(size);
}
