// The address freed is a local variable's.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    alignas(16) char local[64] = {};
    std::free(misuse::about(local));
    return misuse::live_on(size);
}
