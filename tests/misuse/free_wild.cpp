// The address freed is nobody's.
#include "misuse.hpp"

#include <cstdint>

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    std::uintptr_t const nowhere = 0x123456789ab0;
    std::free(misuse::about(reinterpret_cast<char*>(misuse::opaque(nowhere))));
    return misuse::live_on(size);
}
