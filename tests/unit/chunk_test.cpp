// What is read around an address that was freed: glibc's sizes for glibc's blocks, and nothing that a cache would take for the rest.
#include "os/chunk.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <vector>

using krait::os::chunk;

namespace {

constexpr std::size_t most = 33'000;

// Without the compiler's knowledge of where the block begins and whether it is freed.
std::size_t usable_size(const void* block, std::size_t limit) {
    asm("" : "+r"(block));
    return chunk::usable_size(block, limit);
}

// What a cache would not take.
bool is_refused(std::size_t usable) { return usable == 0 || usable > most; }

} // namespace

TEST_CASE("of a block in use, the usable size is malloc_usable_size's") {
    for (std::size_t size = 0; size <= most; size += 1 + size / 16) {
        void* const block = std::malloc(size);
        const std::size_t usable = malloc_usable_size(block);
        const std::size_t found = usable_size(block, most);
        std::free(block);
        if (usable <= most) CHECK(found == usable);
        if (usable > most) CHECK(is_refused(found));
    }
}

TEST_CASE("of a block with a mapping of its own there is nothing behind the end to look at") {
    REQUIRE(mallopt(M_MMAP_THRESHOLD, 4096) == 1);
    std::vector<void*> blocks;
    const auto has_own_mapping = [](void* block) { return (static_cast<std::uintptr_t*>(block)[-1] & 2) != 0; };
    do {
        blocks.push_back(std::malloc(10'000)); // from the heap while there is room
    } while (!has_own_mapping(blocks.back()) && blocks.size() < 10'000);
    CHECK(has_own_mapping(blocks.back()));
    CHECK(is_refused(usable_size(blocks.back(), most)));
    for (void* const block : blocks) std::free(block);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

TEST_CASE("a freed block is refused") {
    void* volatile block = std::malloc(20'000);  // volatile: the compiler would warn of its use below
    void* const neighbour = std::malloc(20'000); // otherwise it would be joined with what is behind
    std::free(block);
    CHECK(is_refused(usable_size(block, most)));
    std::free(neighbour);
}

TEST_CASE("a block of libc's own cache is known by its second word; one in use is not") {
    void* volatile block = std::malloc(1000); // volatile: the compiler would warn of its use below
    REQUIRE(!is_refused(usable_size(block, most)));
    static_cast<std::uintptr_t*>(block)[1] = 0;
    CHECK_FALSE(chunk::may_be_in_tcache(block));
    std::free(block);
    CHECK(!is_refused(usable_size(block, most))); // by its size it is in use
    CHECK(chunk::may_be_in_tcache(block));
    void* volatile again = std::malloc(1000);
    REQUIRE(again == block);
    CHECK_FALSE(chunk::may_be_in_tcache(again));
    std::free(again);
}

TEST_CASE("an address within a block is refused, whichever byte the block is filled with") {
    constexpr std::size_t size = 20'000;
    auto* const block = static_cast<char*>(std::malloc(size));
    for (const int filling : {0x00, 0x20, 0x5a, 0xa5, 0xff}) {
        std::memset(block, filling, size);
        for (std::size_t offset = 16; offset < size; offset += 16) {
            if (!is_refused(usable_size(block + offset, most))) FAIL(filling << " at " << offset);
        }
    }
    std::free(block);
}

TEST_CASE(
    "an address within an array of numbers that are no size of a chunk is refused, though they are odd and small") {
    const std::vector<std::uintptr_t> numbers(4'000, 1'001);
    REQUIRE(numbers[0] % 16 == 9);
    for (std::size_t i = 2; i < 2'000; i += 2) {
        if (!is_refused(usable_size(&numbers[i], most))) FAIL("at " << i);
    }
}
