// How much a block has that realloc made grow.
#include "base/geometry.hpp"
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <cstring>

namespace {

constexpr std::size_t most = krait::classic_geometry::small_request_threshold;

int moves_of_growth_by(std::size_t step) {
    auto* block = static_cast<unsigned char*>(krait_malloc(step));
    std::memset(block, 1, step);
    int moves = 0;
    for (std::size_t size = 2 * step; size <= most; size += step) {
        auto* const grown = static_cast<unsigned char*>(krait_realloc(block, size));
        moves += grown != block;
        block = grown;
        CHECK(krait_malloc_usable_size(block) >= size);
        const std::size_t usable = krait_malloc_usable_size(block);
        CHECK((usable < size + krait::classic_geometry::alignment || krait::realloc_keeps_block(size, usable)));
        for (std::size_t i = 0; i < size - step; ++i) REQUIRE(block[i] == 1);
        std::memset(block, 1, size);
    }
    krait_free(block);
    return moves;
}

} // namespace

TEST_CASE("a block that grows again and again is not moved at each class") {
    CHECK(moves_of_growth_by(16) <= 12); // without it 31
    CHECK(moves_of_growth_by(8) <= 12);
}

TEST_CASE("a block that grows once gets no more than it asked for") {
    void* const first = krait_malloc(100);
    void* const second = krait_malloc(100);
    void* const first_grown = krait_realloc(first, 200);
    void* const second_grown = krait_realloc(second, 200);
    CHECK(krait_malloc_usable_size(first_grown) == 208);
    CHECK(krait_malloc_usable_size(second_grown) == 208);
    void* const other = krait_realloc(first_grown, 300); // another one grew since
    CHECK(krait_malloc_usable_size(other) == 304);
    krait_free(other);
    krait_free(second_grown);
}

TEST_CASE("what a block may have is a class of which realloc saves nothing") {
    using krait::most_that_realloc_keeps;
    for (std::size_t bytes = 1; bytes <= most; ++bytes) {
        const std::size_t given = most_that_realloc_keeps<krait::classic_geometry>(bytes);
        const std::size_t size = krait::classic_geometry::class_size(krait::classic_geometry::szidx_of(given));
        CHECK(given >= bytes);
        CHECK(given <= most);
        if (given != bytes) CHECK(krait::realloc_keeps_block(bytes, size));
    }
}
