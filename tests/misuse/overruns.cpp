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

constexpr kind behind[]{
    {"overrun_live_nul", terminator_into_live}, {"overrun_live_1", behind_live<1>},
    {"overrun_live_8", behind_live<8>},         {"overrun_live_16", behind_live<16>},
    {"overrun_live_64", behind_live<64>},       {"overrun_free_nul", terminator_into_free},
    {"overrun_free_1", behind_free<1>},         {"overrun_free_8", behind_free<8>},
    {"overrun_free_16", behind_free<16>},       {"overrun_free_64", behind_free<64>},
};

constexpr kind in_front[]{
    {"underrun_live_1", before_live<1>},   {"underrun_live_8", before_live<8>},   {"underrun_live_16", before_live<16>},
    {"underrun_live_64", before_live<64>}, {"underrun_free_1", before_free<1>},   {"underrun_free_8", before_free<8>},
    {"underrun_free_16", before_free<16>}, {"underrun_free_64", before_free<64>},
};

} // namespace

constinit const std::span<const kind> overruns(behind);
constinit const std::span<const kind> underruns(in_front);

} // namespace misuse
