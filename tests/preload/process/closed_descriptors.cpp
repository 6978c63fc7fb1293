// A daemon closes every descriptor, 0, 1 and 2 included; the allocator must neither need one nor write to a stranger's.
#include "../../support/hazard.hpp"
#include <thread>

int main() {
    std::free(std::malloc(10));
    for (int descriptor = 0; descriptor < 1024; ++descriptor) close(descriptor);
    std::thread([] {
        hazard::churn<> blocks(1);
        blocks.steps(100000);
    }).join();
    void* blocks[2000];
    for (std::size_t i = 0; i < 2000; ++i) {
        blocks[i] = std::malloc(i * 50);
        CHECK(blocks[i]);
    }
    for (void* block : blocks) std::free(block);
    CHECK(open("/dev/null", O_RDONLY) == 0); // nobody has taken a descriptor meanwhile
}
