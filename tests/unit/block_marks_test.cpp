// What free looks at: where blocks start, and the mark of those that were freed.
#include "core/block_marks.hpp"

#include <catch2/catch.hpp>

#include <array>

TEMPLATE_TEST_CASE("an address starts a block iff its offset is a multiple of the class size", "",
                   krait::classic_geometry, krait::classic8_geometry, krait::cpython_geometry) {
    using starts = krait::block_start<TestType>;
    const std::uintptr_t pool = 0x7f0123450000;
    for (unsigned szidx = 0; szidx < TestType::class_count; ++szidx) {
        std::size_t wrong = 0;
        for (std::size_t offset = 0; offset < TestType::pool_size; ++offset) {
            const bool is_start = offset % TestType::class_size(szidx) == 0;
            wrong += starts::seems_at(reinterpret_cast<const void*>(pool + offset), szidx + 1) != is_start;
        }
        CHECK(wrong == 0);
    }
    CHECK_FALSE(starts::seems_at(reinterpret_cast<const void*>(pool), 0));
}

TEST_CASE("where pools have a reserve, blocks are counted from its end") {
    using geometry = krait::geometry<19, 13, 4>; // nobody else's: the reserve is its table's
    using starts = krait::block_start<geometry>;
    const std::uintptr_t pool = 0x7f0123450000;
    for (const std::size_t reserve : {std::size_t{16}, std::size_t{32}, std::size_t{48}}) {
        starts::open(reserve);
        std::size_t wrong = 0;
        for (unsigned szidx = 0; szidx < geometry::class_count; ++szidx)
            for (std::size_t offset = reserve; offset < geometry::pool_size; ++offset) {
                const bool is_start = (offset - reserve) % geometry::class_size(szidx) == 0;
                wrong += starts::seems_at(reinterpret_cast<const void*>(pool + offset), szidx + 1) != is_start;
            }
        CHECK(wrong == 0);
    }
}

namespace {

using mark = krait::freed_mark<krait::classic_geometry>;
using mark8 = krait::freed_mark<krait::classic8_geometry>;

template <class Memory>
krait::block* block_at(Memory& memory, std::size_t word) {
    return reinterpret_cast<krait::block*>(memory.data() + word);
}

} // namespace

TEST_CASE("a block has the mark from when it is linked until it is taken off") {
    alignas(16) std::array<std::uintptr_t, 4> memory{};
    krait::block* const block = block_at(memory, 0);
    CHECK_FALSE(mark::is_on(block, 32));
    mark::link(block, block_at(memory, 2), 32);
    CHECK(block->next == block_at(memory, 2));
    CHECK(mark::is_on(block, 32));
    CHECK(mark::is_intact(block, 32));
    CHECK_FALSE(mark::is_on(memory.data() + 2, 16));
    memory[2] = memory[0]; // a copy of the block's contents is not marked: the mark is of the address
    memory[3] = memory[1];
    CHECK_FALSE(mark::is_on(memory.data() + 2, 16));
    CHECK_FALSE(mark::is_intact(block_at(memory, 2), 16));
    memory[2] = 0;
    mark::take_off(block, 32);
    CHECK_FALSE(mark::is_on(block, 32));
    CHECK(memory[2] == 0);
}

TEST_CASE("a block that is linked again is as one that was linked anew") {
    alignas(16) std::array<std::uintptr_t, 4> memory{0, std::uintptr_t{0x5a5a}, 0, 0}, anew = memory;
    krait::block* const block = block_at(memory, 0);
    for (krait::block* const next : {block_at(memory, 2), static_cast<krait::block*>(nullptr)}) {
        mark::link(block, block, 32);
        mark::link_again(block, next, 32);
        CHECK(mark::is_on(block, 32));
        CHECK(mark::next_of(block) == next);
        anew = memory;
        mark::link(block, next, 32);
        CHECK(memory == anew);
    }
    alignas(16) std::array<std::uintptr_t, 2> one_word{0, 7};
    mark8::link_again(block_at(one_word, 0), block_at(memory, 0), 8);
    CHECK(one_word[0] == reinterpret_cast<std::uintptr_t>(memory.data()));
    CHECK(one_word[1] == 7);
}

TEMPLATE_TEST_CASE("blocks that are linked as a row are as if each was linked to the next", "", krait::classic_geometry,
                   krait::classic8_geometry) {
    using row_mark = krait::freed_mark<TestType>;
    constexpr std::size_t words = 16384; // 128 KiB: the low halves of addresses begin anew
    alignas(16) static std::array<std::uintptr_t, words> row, expected;
    for (const std::size_t size : {TestType::alignment, std::size_t{48}, std::size_t{512}}) {
        const auto count = static_cast<std::uint32_t>(sizeof row / size);
        row.fill(0);
        auto* const first = reinterpret_cast<krait::block*>(row.data());
        krait::block* const last = row_mark::link_row(first, count, size);
        expected = row;
        row.fill(0);
        krait::block* each = first;
        for (std::uint32_t i = 1; i < count; ++i) {
            auto* const next = reinterpret_cast<krait::block*>(reinterpret_cast<char*>(each) + size);
            row_mark::link_virgin(each, next, size);
            each = next;
        }
        CHECK(last == each);
        CHECK(row == expected);
    }
}

TEST_CASE("malloc takes the mark off a block that is as free left it, and off no other") {
    alignas(16) std::array<std::uintptr_t, 4> memory{};
    krait::block* const block = block_at(memory, 0);
    krait::block* const next = block_at(memory, 2);
    CHECK_FALSE(mark::take_off_checked(block, next, 32));
    mark::link(block, next, 32);
    CHECK(mark::take_off_checked(block, next, 32));
    CHECK(memory[1] == 0);
    CHECK_FALSE(mark::is_on(block, 32));
    CHECK_FALSE(mark::seems_on(block, 32));
    CHECK_FALSE(mark::take_off_checked(block, next, 32)); // no list has it twice
    CHECK(mark8::take_off_checked(block, next, 8));       // no room for one
}

TEST_CASE("every bit of a link, and every bit of its seal, is missed") {
    alignas(16) std::array<std::uintptr_t, 4> memory{};
    krait::block* const block = block_at(memory, 0);
    const unsigned low_bits = 32; // of an address: others are 4 GiB away
    for (krait::block* const next : {static_cast<krait::block*>(nullptr), block_at(memory, 2)}) {
        mark::link(block, next, 32);
        const auto whole = memory;
        for (unsigned bit = 0; bit < low_bits; ++bit) {
            memory[0] ^= std::uintptr_t{1} << bit;
            CHECK_FALSE(mark::is_intact(block, 32));
            CHECK_FALSE(mark::take_off_checked(block, block->next, 32));
            memory = whole;
            memory[1] ^= std::uintptr_t{1} << (low_bits + bit);
            CHECK_FALSE(mark::is_intact(block, 32));
            CHECK_FALSE(mark::is_on(block, 32));
            memory = whole;
        }
    }
}

TEST_CASE("a block full of one byte is never intact") {
    alignas(16) std::array<std::uintptr_t, 2> memory{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        memory.fill(byte * (UINTPTR_MAX / 255));
        CHECK_FALSE(mark::is_intact(block_at(memory, 0), 16));
    }
}

TEST_CASE("what free looks at first is on where the mark is, and never on zeros") {
    alignas(4096) static std::array<std::uintptr_t, 8192> memory{};
    std::size_t missed = 0;
    std::size_t false_alarms = 0;
    for (std::size_t i = 0; i < memory.size(); i += 2) {
        krait::block* const block = block_at(memory, i);
        false_alarms += mark::seems_on(block, 16);
        mark::link(block, nullptr, 16);
        missed += !mark::seems_on(block, 16) || !mark::is_on(block, 16);
        mark::take_off(block, 16);
        false_alarms += mark::seems_on(block, 16);
    }
    CHECK(missed == 0);
    CHECK(false_alarms == 0);
}

TEST_CASE("blocks of 8 bytes have no room for a mark, and nothing is written beyond them") {
    std::array<std::uintptr_t, 2> memory{1, 2};
    krait::block* const block = block_at(memory, 0);
    mark8::link(block, nullptr, 8);
    CHECK(memory[0] == 0);
    CHECK(memory[1] == 2);
    CHECK_FALSE(mark8::is_on(block, 8));
    CHECK(mark8::is_intact(block, 8));
    mark8::link(block, nullptr, 16);
    CHECK(mark8::is_on(block, 16));
    mark8::take_off(block, 8);
    CHECK(mark8::is_on(block, 16));
}
