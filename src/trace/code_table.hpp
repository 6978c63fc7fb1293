// What an interpreter's code ids mean: file, function and first line, in the order in which they were first seen. Any
// thread adds to it without a lock; nothing is ever removed, as code objects are: their names are copied.
//
//   row       by id, from 1 on; id 0 = unknown
//   index     ids by a hash of 64 bits of a row's texts and line, set once: code objects that were made again, as exec
//             does, have the id of the first. Where two threads add the same at once, one of its rows is used by one
//   text      file and function of a row, each ended by a zero, in pieces of mapped memory
#pragma once

#include "os/memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

struct krait_trace_layout;

namespace krait::trace {

class code_table {
  public:
    struct row {
        std::atomic<bool> is_ready;
        std::uint32_t first_line;
        const char* file;
        const char* function;
    };
    static constexpr std::uint32_t most = 1U << 16;

    [[nodiscard]] bool open() noexcept;

    // 0 without memory, or with `most` rows.
    std::uint32_t number_of(std::string_view file, std::string_view function, std::uint32_t first_line) noexcept;

    std::uint32_t count() const noexcept {
        const std::uint32_t made = count_.load(std::memory_order_acquire);
        return made < most ? made : most - 1;
    }
    // nullptr while it is not ready.
    const row* at(std::uint32_t id) const noexcept {
        return rows_[id].is_ready.load(std::memory_order_acquire) ? &rows_[id] : nullptr;
    }

    // For readers outside the process (krait/trace_block.h).
    void describe(krait_trace_layout& block) const noexcept;

  private:
    struct indexed {
        std::atomic<std::uint64_t> hash;
        std::atomic<std::uint32_t> id; // 0 for a moment after the hash was set
    };
    static constexpr std::size_t index_slots = std::size_t{2} * most;

    std::uint32_t add(std::string_view file, std::string_view function, std::uint32_t first_line) noexcept;
    char* room_for(std::size_t bytes) noexcept;

    row* rows_ = nullptr;
    indexed* index_ = nullptr;
    std::atomic<std::uint32_t> count_{0};
    std::atomic<char*> text_{nullptr}; // what is left of the piece at hand, up to its end: its last byte is never used
};

} // namespace krait::trace
