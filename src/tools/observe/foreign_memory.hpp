#pragma once

#include "observe/foreign_process.hpp"

#include <krait/stats_block.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <unistd.h>
#include <utility>
#include <vector>

namespace krait::tools {

// A process's memory, for whoever reads a statistics block of it (statistics/read_block.hpp).
class foreign_memory {
  public:
    // Copies so many bytes, or throws bad_address.
    using reader = std::function<void(foreign_address from, void* to, std::size_t size)>;

    explicit foreign_memory(reader read) : read_(std::move(read)) {}
    explicit foreign_memory(const foreign_process& process)
        : read_([&process](foreign_address from, void* to, std::size_t size) { process.read(from, to, size); }) {}

    // In one piece, whatever lies between the numbers.
    void rows(krait_stats_column column, foreign_address base, std::size_t count, std::uint64_t* to) {
        piece_.resize((count - 1) * column.stride + column.width);
        read_(base + column.address, piece_.data(), piece_.size());
        const std::size_t width = std::min<std::size_t>(column.width, sizeof *to);
        for (std::size_t i = 0; i < count; ++i) {
            to[i] = 0;
            std::memcpy(&to[i], piece_.data() + i * column.stride, width);
        }
    }
    void bytes(foreign_address from, void* to, std::size_t size) const { read_(from, to, size); }
    // Threads may have other numbers there than here.
    static bool is_gone(std::uint32_t) { return false; }
    static std::uint64_t page_bytes() { return static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)); }

    // 0 where the library has no such column.
    std::uint64_t one(krait_stats_column column) {
        std::uint64_t number = 0;
        if (column.width != 0) rows(column, 0, 1, &number);
        return number;
    }
    // None where the library has no such column.
    std::vector<std::uint64_t> all(krait_stats_column column, std::size_t count) {
        if (column.width == 0 || count == 0) return {};
        std::vector<std::uint64_t> numbers(count);
        rows(column, 0, count, numbers.data());
        return numbers;
    }

  private:
    reader read_;
    std::vector<char> piece_;
};

} // namespace krait::tools
