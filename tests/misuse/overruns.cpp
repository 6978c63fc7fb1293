// Bytes written behind the end of a block, as malloc_usable_size has it, or before its start.
#include "misuse.hpp"

#include <algorithm>
#include <array>

namespace misuse {

namespace {

constexpr int garbage = 0xee;

struct neighbours {
    char *first, *middle, *last;
};

// Of a row of blocks, those in the middle, as they lie: what is written lies in the row.
neighbours three(std::size_t size) {
    std::array<char*, 19> row;
    for (char*& block : row) block = victim(size);
    std::sort(row.begin(), row.end());
    const std::size_t middle = row.size() / 2;
    return {row[middle - 1], row[middle], row[middle + 1]};
}

// The free ones, whose neighbours are in use. What a cache hands out first was written to.
void free_in_turn(char* block, char* next) {
    std::free(next);
    std::free(block);
}

void free_all(const neighbours& n) {
    std::free(n.first);
    std::free(n.middle);
    std::free(n.last);
}

void behind_into_live(std::size_t size, std::size_t bytes, int value = garbage) {
    const neighbours n = three(size);
    std::memset(about(end_of(n.first)), value, bytes);
    free_all(n);
}

void behind_into_free(std::size_t size, std::size_t bytes, int value = garbage) {
    const neighbours n = three(size);
    char* const end = end_of(n.first);
    char* const other = victim(size);
    free_in_turn(n.middle, other);
    about(n.middle);
    std::memset(opaque(end), value, bytes);
    live_on(size);
    std::free(n.first);
    std::free(n.last);
}

void before_into_live(std::size_t size, std::size_t bytes) {
    const neighbours n = three(size);
    std::memset(about(n.last) - bytes, garbage, bytes);
    free_all(n);
}

void before_into_free(std::size_t size, std::size_t bytes) {
    const neighbours n = three(size);
    char* const other = victim(size);
    free_in_turn(n.middle, other);
    about(n.middle);
    std::memset(opaque(n.last) - bytes, garbage, bytes);
    live_on(size);
    std::free(n.first);
    std::free(n.last);
}

// A string that is as long as its block: in nearly all programs.
void terminator_into_live(std::size_t size) { behind_into_live(size, 1, 0); }
void terminator_into_free(std::size_t size) { behind_into_free(size, 1, 0); }

template <std::size_t Bytes>
void behind_live(std::size_t size) {
    behind_into_live(size, Bytes);
}
template <std::size_t Bytes>
void behind_free(std::size_t size) {
    behind_into_free(size, Bytes);
}
template <std::size_t Bytes>
void before_live(std::size_t size) {
    before_into_live(size, Bytes);
}
template <std::size_t Bytes>
void before_free(std::size_t size) {
    before_into_free(size, Bytes);
}

// Behind the bytes that were asked for, though the block may have more: what a program has no right to.
void behind_asked(std::size_t size, std::size_t bytes, int value = garbage) {
    const neighbours n = three(size);
    std::memset(about(n.first) + size, value, bytes);
    free_all(n);
}

// The rest of a string that is one longer than its block.
void string_of_size(std::size_t size) {
    const neighbours n = three(size);
    std::memset(about(n.first), 'x', size);
    n.first[size] = '\0';
    free_all(n);
}

// What a header of the allocator's might be: a size, and flags.
void header(std::size_t size, std::size_t word) {
    const neighbours n = three(size);
    std::memcpy(about(n.last) - sizeof word, &word, sizeof word);
    free_all(n);
}

void of_no_bytes(std::size_t size) {
    char* const block = about(std::malloc(opaque(std::size_t{0})));
    char* const other = victim(size);
    std::memset(opaque(block), garbage, 1);
    std::free(block);
    std::free(other);
}

void behind_shrunk(std::size_t size) {
    const neighbours n = three(size);
    auto* const block = about(std::realloc(n.first, size - size / 8));
    std::memset(opaque(block) + size - size / 8, garbage, size / 8);
    std::free(block);
    std::free(n.middle);
    std::free(n.last);
}

void behind_grown(std::size_t size) {
    auto* const block = about(std::realloc(three(size).first, size + size / 8));
    std::memset(opaque(block) + size + size / 8, garbage, 8);
    std::free(block);
}

void behind_aligned(std::size_t size) {
    void* block = nullptr;
    if (posix_memalign(&block, 64, size) != 0) _exit(status_unknown);
    char* const end = end_of(about(block));
    std::memset(opaque(end), 0, 1);
    std::free(block);
}

// Over all of a neighbour, and on.
void far_behind(std::size_t size) {
    const neighbours n = three(size);
    std::memset(about(n.first) + size, garbage, n.middle > n.first ? size : 8);
    free_all(n);
}

template <std::size_t Bytes>
void past_asked(std::size_t size) {
    behind_asked(size, Bytes);
}

constexpr kind behind[]{
    {"overrun_live_nul", terminator_into_live},
    {"overrun_live_1", behind_live<1>},
    {"overrun_live_8", behind_live<8>},
    {"overrun_live_16", behind_live<16>},
    {"overrun_live_64", behind_live<64>},
    {"overrun_free_nul", terminator_into_free},
    {"overrun_free_1", behind_free<1>},
    {"overrun_free_8", behind_free<8>},
    {"overrun_free_16", behind_free<16>},
    {"overrun_free_64", behind_free<64>},
    {"past_asked_1", past_asked<1>},
    {"past_asked_8", past_asked<8>},
    {"past_asked_16", past_asked<16>},
    {"past_asked_64", past_asked<64>},
    {"past_asked_nul", string_of_size},
    {"past_shrunk", behind_shrunk},
    {"past_grown", behind_grown},
    {"past_aligned_nul", behind_aligned},
    {"past_nothing", of_no_bytes},
    {"past_a_neighbour", far_behind},
};

constexpr kind in_front[]{
    {"underrun_live_1", before_live<1>},
    {"underrun_live_8", before_live<8>},
    {"underrun_live_16", before_live<16>},
    {"underrun_live_64", before_live<64>},
    {"underrun_free_1", before_free<1>},
    {"underrun_free_8", before_free<8>},
    {"underrun_free_16", before_free<16>},
    {"underrun_free_64", before_free<64>},
    {"header_size", [](std::size_t size) { header(size, ((size + 31) & ~std::size_t{15}) | 1); }},
    {"header_zero", [](std::size_t size) { header(size, 0); }},
    {"header_ones", [](std::size_t size) { header(size, ~std::size_t{0}); }},
};

} // namespace

constinit const std::span<const kind> overruns(behind);
constinit const std::span<const kind> underruns(in_front);

} // namespace misuse
