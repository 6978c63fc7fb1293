// krait's heap against the written model of pymalloc, in every geometry, with and without room for CPython's pool
// headers.

#include "model/heap_subject.hpp"
#include "model/lockstep.hpp"
#include "model/reference.hpp"

#include <catch2/catch.hpp>

using namespace krait::model;

namespace {

constexpr std::uint64_t seeds[] = {1, 2, 3, 5, 8, 13};
constexpr std::size_t length = 250'000; // steps

template <class Geometry>
void agrees_with_model(layout l, std::size_t pool_header, std::size_t arena_limit = unlimited,
                       free_pages pages = free_pages::kept) {
    l.pool_header = pool_header;
    l.arena_limit = arena_limit;
    for (const std::uint64_t seed : seeds) {
        CAPTURE(seed);
        reference model(l);
        heap_subject<Geometry> heap(l, pages);
        const verdict v =
            compare(model, heap, seed, length, pages == free_pages::kept ? precision::byte : precision::pool);
        REQUIRE(v.difference == "");
        REQUIRE(v.steps >= length);
        REQUIRE(v.last.arenas_released > 0);
    }
}

} // namespace

TEST_CASE("classic geometry, pools as CPython fills them") {
    agrees_with_model<krait::classic_geometry>(classic_layout, 48);
}

TEST_CASE("classic geometry, full pools") { agrees_with_model<krait::classic_geometry>(classic_layout, 0); }

TEST_CASE("8-byte classes, pools as CPython fills them") {
    agrees_with_model<krait::classic8_geometry>(classic8_layout, 48);
}

TEST_CASE("8-byte classes, full pools") { agrees_with_model<krait::classic8_geometry>(classic8_layout, 0); }

TEST_CASE("CPython's geometry, full pools") { agrees_with_model<krait::cpython_geometry>(cpython_layout, 0); }

TEST_CASE("a range of 16 arenas, often used up") { agrees_with_model<krait::classic_geometry>(classic_layout, 0, 16); }

TEST_CASE("free pages given back at once, to the pool") {
    agrees_with_model<krait::classic_geometry>(classic_layout, 0, unlimited, free_pages::given_back);
    agrees_with_model<krait::classic8_geometry>(classic8_layout, 0, unlimited, free_pages::given_back);
}
