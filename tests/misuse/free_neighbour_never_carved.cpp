// The address freed is where the next block of the size would start, which was never handed out.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* last = misuse::new_block(size);
    for (int i = 0; i < 3; ++i) last = misuse::new_block(size);
    std::free(misuse::about(last + 40 * size));
    return misuse::live_on(size);
}
