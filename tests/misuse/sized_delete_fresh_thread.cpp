// A sized delete that names another size class, by a thread that never allocated.
#include "misuse.hpp"

#include <new>
#include <thread>

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    void* const block = misuse::about(static_cast<char*>(::operator new(size)));
    std::thread([=] { ::operator delete(block, misuse::opaque(2 * size)); }).join();
    return misuse::live_on(size);
}
