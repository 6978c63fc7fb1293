// The address freed lies in the heap's memory, 128 KiB behind a block, where no block was ever handed out.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const block = misuse::new_block(size);
    std::free(misuse::about(block + 128 * 1024));
    return misuse::live_on(size);
}
