// What free looks at: where blocks start, and the mark of those that were freed.
#include "core/block_marks.hpp"

#include <catch2/catch.hpp>

#include <array>

TEMPLATE_TEST_CASE("an address starts a block iff its offset is a multiple of the class size", "",
                   krait::classic_geometry, krait::classic8_geometry, krait::cpython_geometry) {
    using starts = krait::block_start<TestType>;
    std::uintptr_t const pool = 0x7f0123450000;
    for (unsigned szidx = 0; szidx < TestType::class_count; ++szidx) {
        std::size_t wrong = 0;
        for (std::size_t offset = 0; offset < TestType::pool_size; ++offset) {
            bool const is_start = offset % TestType::class_size(szidx) == 0;
            wrong += starts::seems_at(reinterpret_cast<const void*>(pool + offset), szidx + 1) != is_start;
        }
        CHECK(wrong == 0);
    }
    CHECK_FALSE(starts::seems_at(reinterpret_cast<const void*>(pool), 0));
}

TEST_CASE("a block has the mark from when it is put on until it is taken off") {
    using mark = krait::freed_mark<krait::classic_geometry>;
    alignas(16) std::array<std::uintptr_t, 4> memory{};
    void* const block = memory.data();
    CHECK_FALSE(mark::is_on(block, 32));
    mark::put_on(block, 32);
    CHECK(mark::is_on(block, 32));
    CHECK_FALSE(mark::is_on(memory.data() + 2, 16));
    memory[3] = memory[1]; // a copy of the block's contents is not marked: the mark is the address
    CHECK_FALSE(mark::is_on(memory.data() + 2, 16));
    mark::take_off(block, 32);
    CHECK_FALSE(mark::is_on(block, 32));
    CHECK(memory[2] == 0);
}

TEST_CASE("malloc takes the mark off, and says where there was none") {
    using mark = krait::freed_mark<krait::classic_geometry>;
    alignas(16) std::array<std::uintptr_t, 4> memory{};
    void* const block = memory.data();
    CHECK_FALSE(mark::take_off_checked(block, 32));
    mark::put_on(block, 32);
    CHECK(mark::take_off_checked(block, 32));
    CHECK_FALSE(mark::is_on(block, 32));
    CHECK_FALSE(mark::seems_on(block, 32));
    mark::put_on(block, 32);
    reinterpret_cast<unsigned char*>(block)[10] ^= 1;
    CHECK_FALSE(mark::take_off_checked(block, 32));
    CHECK(memory[2] == 0);
    CHECK(krait::freed_mark<krait::classic8_geometry>::take_off_checked(block, 8)); // no room for one
}

TEST_CASE("what free looks at first is on where the mark is, and never on zeros") {
    using mark = krait::freed_mark<krait::classic_geometry>;
    alignas(4096) static std::array<std::uintptr_t, 8192> memory{};
    std::size_t missed = 0;
    std::size_t false_alarms = 0;
    for (std::size_t i = 0; i < memory.size(); i += 2) {
        void* const block = memory.data() + i;
        false_alarms += mark::seems_on(block, 16);
        mark::put_on(block, 16);
        missed += !mark::seems_on(block, 16) || !mark::is_on(block, 16);
        mark::take_off(block, 16);
        false_alarms += mark::seems_on(block, 16);
    }
    CHECK(missed == 0);
    CHECK(false_alarms == 0);
}

TEST_CASE("blocks of 8 bytes have no room for a mark, and nothing is written beyond them") {
    using mark = krait::freed_mark<krait::classic8_geometry>;
    std::array<std::uintptr_t, 2> memory{1, 2};
    mark::put_on(memory.data(), 8);
    CHECK(memory[1] == 2);
    CHECK_FALSE(mark::is_on(memory.data(), 8));
    mark::put_on(memory.data(), 16);
    CHECK(mark::is_on(memory.data(), 16));
    mark::take_off(memory.data(), 8);
    CHECK(mark::is_on(memory.data(), 16));
}
