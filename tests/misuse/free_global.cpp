// The address freed is a global variable's.
#include "misuse.hpp"

alignas(16) static char global[64];

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    std::free(misuse::about(global));
    return misuse::live_on(size);
}
