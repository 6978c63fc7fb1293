// new[], then delete: the compiler passes the size of one element.
#include "misuse.hpp"

int main(int argc, char** argv) {
    std::size_t const size = misuse::block_size(argc, argv);
    delete misuse::about(misuse::opaque(new char[size]));
    return misuse::live_on(size);
}
