// The files whose code was seen on a stack. Any thread adds to it, without a lock; rows stay, and say when their file
// has gone.
#pragma once

#include "os/code_object.hpp"
#include "trace/format.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

struct krait_trace_layout;

namespace krait::trace {

class module_table {
  public:
    struct row {
        std::atomic<bool> is_ready;
        std::atomic<bool> is_gone;
        bool is_program;
        os::code_object object; // its name and segments are the loader's: good while the file is loaded
        std::array<segment_row, 8> segments;
        std::uint32_t segment_count;
        std::array<std::uint8_t, 32> build_id;
        std::uint32_t build_id_bytes;
        std::array<char, 512> path; // cut to fit; empty for what has none
    };

    [[nodiscard]] bool open() noexcept;

    // Sees to it that the file with that code is here; returns it if it is new.
    os::code_object know(std::uintptr_t pc) noexcept;

    // Marks the files that are not loaded any more, and calls `each(begin, end)` for them.
    template <class Each>
    void look_for_gone(Each each) noexcept {
        for_each([&](row& module) {
            const os::code_object now = os::code_object_at(module.object.begin);
            if (now.begin == module.object.begin && now.end == module.object.end && now.name == module.object.name)
                return;
            module.is_gone.store(true, std::memory_order_relaxed);
            version_.fetch_add(1, std::memory_order_release);
            each(module.object.begin, module.object.end);
        });
    }

    // The rows of files that are loaded.
    template <class Each>
    void for_each(Each each) noexcept {
        const std::uint32_t count = count_.load(std::memory_order_acquire);
        for (std::uint32_t i = 0; i < count && i < most; ++i) {
            if (rows_[i].is_ready.load(std::memory_order_acquire) && !rows_[i].is_gone.load(std::memory_order_relaxed))
                each(rows_[i]);
        }
    }

    // For readers outside the process (krait/trace_block.h).
    void describe(krait_trace_layout& block) const noexcept;

    // Changes whenever what for_each visits does.
    std::uint32_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  private:
    static constexpr std::uint32_t most = 4096;
    row* rows_ = nullptr;
    std::atomic<std::uint32_t> count_{0};
    std::atomic<std::uint32_t> version_{0};
};

} // namespace krait::trace
