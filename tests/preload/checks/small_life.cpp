// A short deterministic life for the checks of options and statistics: blocks of every class, larger ones, and a
// thread; a known part of them is still allocated at exit.
#include "../../support/hazard.hpp"
#include <cstring>
#include <thread>

namespace {

constexpr std::size_t count = 30000;
void* blocks[count];

void allocate_and_free() {
    for (std::size_t i = 0; i < count; ++i) {
        blocks[i] = std::malloc(i % 600);
        CHECK(blocks[i]);
    }
    for (std::size_t i = 0; i < count; ++i)
        if (i % 10) std::free(blocks[i]);
    for (std::size_t i = 0; i < count; i += 10) CHECK(blocks[i]);
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::strcmp(argv[1], "overwrite") == 0)
        for (char** variable = environ; *variable; ++variable) std::memset(*variable, 'x', std::strlen(*variable));
    std::thread(allocate_and_free).join();
    for (std::size_t size = 1000; size < 3000000; size *= 3) std::free(std::malloc(size));
}
