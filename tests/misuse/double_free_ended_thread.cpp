// A block freed by a thread that has ended, and again by the first.
#include "misuse.hpp"

#include <thread>

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const block = misuse::about(misuse::new_block(size));
    std::thread([=] { std::free(block); }).join();
    std::free(misuse::opaque(block));
    return misuse::live_on(size);
}
