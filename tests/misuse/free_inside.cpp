// The address freed lies in a block: the second argument says how many bytes behind its start.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const block = misuse::new_block(size);
    std::free(misuse::about(block + std::strtoul(argv[2], nullptr, 10)));
    return misuse::live_on(size);
}
