// malloc, then delete without a size.
#include "misuse.hpp"

#include <new>

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    ::operator delete(misuse::about(misuse::new_block(size)));
    return misuse::live_on(size);
}
