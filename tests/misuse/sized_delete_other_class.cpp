// A sized delete that names another size class: what deleting through a pointer to the wrong type comes to.
#include "misuse.hpp"

#include <new>

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    void* const block = misuse::about(static_cast<char*>(::operator new(size)));
    ::operator delete(block, misuse::opaque(2 * size));
    return misuse::live_on(size);
}
