// A block freed by libc's own name for free, as a library of libc's might, then once more by free.
#include "misuse.hpp"

#include <dlfcn.h>

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    std::free(misuse::new_block(size)); // so that a cache has seen a block of the size
    char* const block = misuse::about(misuse::new_block(size));
    char* const wall = misuse::new_block(size);
    auto* const libc_free = reinterpret_cast<void (*)(void*)>(dlsym(RTLD_DEFAULT, "__libc_free"));
    if (libc_free == nullptr) return 2;
    libc_free(block);
    std::free(misuse::opaque(block));
    std::free(wall);
    return misuse::live_on(size);
}
