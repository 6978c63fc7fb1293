// The files whose code was seen on a stack. Any thread adds to it, without a lock.
//
//   gone       the file was closed. What is known of its addresses stays: most that are opened again come to where they
//              were, and the row is theirs again
//   replaced   code of another file was seen at its addresses: gone for good
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
        std::atomic<bool> is_replaced;
        bool is_program;
        os::code_object object; // its name and segments are the loader's: good while the file is loaded
        std::array<segment_row, 8> segments;
        std::uint32_t segment_count;
        std::array<std::uint8_t, 32> build_id;
        std::uint32_t build_id_bytes;
        std::array<char, 512> path; // cut to fit; empty for what has none
    };

    [[nodiscard]] bool open() noexcept;

    // Sees to it that the file with that code is here; returns it if it is new or back. Before, calls
    // replaced(begin, end) for each that it replaces.
    template <class Replaced>
    os::code_object know(std::uintptr_t pc, Replaced replaced) noexcept {
        bool is_known = false;
        for_each([&](const row& each) { is_known = is_known || each.object.holds(pc - 1); });
        const os::code_object object = is_known ? os::code_object{} : os::code_object_at(pc - 1);
        if (!object) return {};
        bool is_back = false;
        for_each_row([&](row& each) {
            const bool overlaps = each.object.begin < object.end && object.begin < each.object.end;
            if (!overlaps || !each.is_gone.load(std::memory_order_acquire) || each.is_replaced.load()) return;
            if (is_same(each, object)) {
                is_back = true;
                return come_back(each, object);
            }
            if (!each.is_replaced.exchange(true)) replaced(each.object.begin, each.object.end);
        });
        return is_back || add(object) ? object : os::code_object{};
    }

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
        for_each_row([&](row& module) {
            if (!module.is_gone.load(std::memory_order_acquire)) each(module);
        });
    }

    // For readers outside the process (krait/trace_block.h).
    void describe(krait_trace_layout& block) const noexcept;

    // Changes whenever what for_each visits does.
    std::uint32_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  private:
    template <class Each>
    void for_each_row(Each each) noexcept {
        const std::uint32_t count = count_.load(std::memory_order_acquire);
        for (std::uint32_t i = 0; i < count && i < most; ++i) {
            if (rows_[i].is_ready.load(std::memory_order_acquire)) each(rows_[i]);
        }
    }

    static bool is_same(const row& module, const os::code_object& object) noexcept;
    void come_back(row& module, const os::code_object& object) noexcept;
    bool add(const os::code_object& object) noexcept;

    static constexpr std::uint32_t most = 4096;
    row* rows_ = nullptr;
    std::array<char, sizeof(row::path)> program_{}; // asked for before the program may have a filter of system calls
    std::atomic<std::uint32_t> count_{0};
    std::atomic<std::uint32_t> version_{0};
};

} // namespace krait::trace
