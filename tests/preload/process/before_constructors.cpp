// The first allocations of a process come before any constructor has run: .preinit_array, then the earliest
// constructors.
#include "../../support/hazard.hpp"
#include <dlfcn.h>
#include <malloc.h>

namespace {

void* early_blocks[200];
bool preinit_ran = false;

std::size_t size_of(std::size_t i) { return i * 11 % 900; }

void allocate_in_preinit(int, char**, char**) {
    for (std::size_t i = 0; i < 100; ++i) {
        early_blocks[i] = std::malloc(size_of(i));
        CHECK(early_blocks[i]);
        hazard::fill(early_blocks[i], size_of(i), i);
    }
    CHECK(!dlsym(RTLD_DEFAULT, "no_such_symbol_anywhere"));
    CHECK(dlerror()); // formats its message in a block of malloc's
    CHECK(malloc_trim(0) >= 0);
    preinit_ran = true;
}

[[gnu::section(".preinit_array"), gnu::used]] void (*preinit)(int, char**, char**) = allocate_in_preinit;

[[gnu::constructor(101)]] void allocate_in_constructor() {
    for (std::size_t i = 100; i < 200; ++i) {
        early_blocks[i] = std::calloc(1, size_of(i) + 1);
        CHECK(early_blocks[i]);
        hazard::fill(early_blocks[i], size_of(i), i);
    }
}

} // namespace

int main() {
    CHECK(preinit_ran);
    for (std::size_t i = 0; i < 200; ++i) {
        CHECK(hazard::filled(early_blocks[i], size_of(i), i));
        early_blocks[i] = std::realloc(early_blocks[i], size_of(i) + 300);
        CHECK(early_blocks[i] && hazard::filled(early_blocks[i], size_of(i), i));
        std::free(early_blocks[i]);
    }
}
