// A block freed twice; between, everything was freed and what is free given back to the operating system.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    std::vector<char*> blocks = misuse::many_blocks(size);
    char* const block = misuse::about(blocks[blocks.size() / 2]);
    for (char* each : blocks) std::free(each);
    malloc_trim(0);
    std::free(misuse::opaque(block));
    return misuse::live_on(size);
}
