// malloc_usable_size is at least the request, stays the same for the block's life, and every usable byte is the
// program's: blocks filled to their usable size do not touch each other.
#include "../../support/hazard.hpp"
#include <malloc.h>

namespace {

constexpr std::size_t count = 1200;

struct block {
    void* address;
    std::size_t usable;
};
block blocks[count];

void take(std::size_t i, void* address, std::size_t size) {
    CHECK(address);
    blocks[i] = {address, malloc_usable_size(address)};
    CHECK(blocks[i].usable >= size);
    hazard::fill(address, blocks[i].usable, i);
}

void check_and_free() {
    for (std::size_t i = 0; i < count; ++i) {
        CHECK(malloc_usable_size(blocks[i].address) == blocks[i].usable);
        CHECK(hazard::filled(blocks[i].address, blocks[i].usable, i));
    }
    for (std::size_t i = 0; i < count; i += 2) std::free(blocks[i].address);
    for (std::size_t i = 1; i < count; i += 2) {
        CHECK(malloc_usable_size(blocks[i].address) == blocks[i].usable);
        CHECK(hazard::filled(blocks[i].address, blocks[i].usable, i));
        std::free(blocks[i].address);
    }
}

} // namespace

int main() {
    for (std::size_t i = 0; i < count; ++i) take(i, std::malloc(i), i);
    check_and_free();
    for (std::size_t i = 0; i < count; ++i) take(i, memalign(std::size_t{8} << i % 8, i), i);
    check_and_free();
    for (std::size_t i = 0; i < count; ++i) take(i, std::realloc(std::malloc(count - i), i + 1), i + 1);
    check_and_free();
    for (std::size_t i = 0; i < count; ++i) take(i, std::calloc(1, i * 300), i * 300);
    check_and_free();
}
