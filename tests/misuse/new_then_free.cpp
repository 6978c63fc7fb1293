// new, then free; new[], then free.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    std::free(misuse::about(static_cast<char*>(misuse::opaque(::operator new(size)))));
    std::free(misuse::opaque(new char[size]));
    return misuse::live_on(size);
}
