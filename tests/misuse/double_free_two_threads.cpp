// A block freed by one thread, and again by another. The threads are there before: starting one may take the block.
#include "misuse.hpp"

#include <atomic>
#include <thread>

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    char* const block = misuse::about(misuse::new_block(size));
    std::atomic<bool> freed{false};
    std::thread second([&] {
        while (!freed) std::this_thread::yield();
        std::free(misuse::opaque(block));
    });
    std::free(block);
    freed = true;
    second.join();
    return misuse::live_on(size);
}
