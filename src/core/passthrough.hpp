// What went past the pools to the system allocator, by size: counted by each thread for itself.
#pragma once

#include "base/owned.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace krait {

struct passthrough_counters {
    // Band b counts requests of up to 2^(b+9) bytes that fit no band before it; the last one everything above.
    static constexpr unsigned bands = 14;
    static constexpr unsigned band_of(std::size_t bytes) noexcept {
        const unsigned width = bytes <= 512 ? 9 : static_cast<unsigned>(std::bit_width(bytes - 1));
        return width - 9 < bands ? width - 9 : bands - 1;
    }

    std::array<owned<std::uint64_t>, bands> calls{};
    std::array<owned<std::uint64_t>, bands> bytes{};

    void count(std::size_t requested) noexcept {
        const unsigned band = band_of(requested);
        calls[band].add(1);
        bytes[band].add(requested);
    }
};

} // namespace krait
