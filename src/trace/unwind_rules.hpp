// How to come from a frame to its caller's, for one address of code.
//
//   CFA      the value of the stack pointer in the caller, once it goes on
//   rule     where the CFA is and where the caller's frame pointer was put:
//              CFA = sp + n, or bp + n, or the word at bp + n (a function that aligned its stack); or the frame is one
//              that the kernel made for a signal, or the last
//   always   the return address is the word below the CFA; the frame pointer is as it was, or at CFA + m, or at bp + m
//
// Read from .eh_frame through .eh_frame_hdr once for an address, and kept. Code that follows no rule of these ends the
// stack. On a machine where every frame has a frame pointer (aarch64) there is one rule for all.
#pragma once

#include "os/memory.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::trace {

class unwind_rule {
  public:
    enum class cfa_from : std::uint8_t { none, sp, bp, word_at_bp, signal };
    enum class bp_from : std::uint8_t { same, cfa, bp };

    constexpr unwind_rule() = default; // the last frame's
    constexpr unwind_rule(cfa_from cfa, std::int32_t cfa_offset, bp_from bp, std::int16_t bp_offset) noexcept
        : cfa_offset_(cfa_offset), bp_offset_(bp_offset), cfa_(cfa), bp_(bp) {}
    // Of a function that keeps a frame pointer, beyond its first two instructions.
    static constexpr unwind_rule of_frame_pointers() noexcept { return {cfa_from::bp, 16, bp_from::cfa, -16}; }

    constexpr cfa_from cfa() const noexcept { return cfa_; }
    constexpr std::int32_t cfa_offset() const noexcept { return cfa_offset_; }
    constexpr bp_from bp() const noexcept { return bp_; }
    constexpr std::int16_t bp_offset() const noexcept { return bp_offset_; }

  private:
    std::int32_t cfa_offset_ = 0;
    std::int16_t bp_offset_ = 0;
    cfa_from cfa_ = cfa_from::none;
    bp_from bp_ = bp_from::same;
};
static_assert(sizeof(unwind_rule) == 8);

// The rules that were found: a table that any thread reads and adds to without a lock.
//
//   entry   address of code (0 = free) and its rule (0 as a word = not yet)
//   retire  an entry whose address was unloaded has an address that no code has, and no rule, until another takes it.
//           No thread reads its rule meanwhile: it would walk through code that was unloaded
class unwind_rules {
  public:
    [[nodiscard]] bool open(bool frame_pointers_only) noexcept;

    // For a frame whose call ends at `pc`.
    [[gnu::always_inline]] unwind_rule at(std::uintptr_t pc) noexcept {
        const std::size_t slot = hash(pc);
        const entry& there = entries_[slot];
        if (__builtin_expect(there.pc.load(std::memory_order_acquire) == pc, 1)) {
            if (const std::uint64_t word = there.rule.load(std::memory_order_relaxed); word != 0) return unpacked(word);
        }
        return find(pc, slot);
    }

    // The addresses of [begin, end) have no rules any more.
    void retire(std::uintptr_t begin, std::uintptr_t end) noexcept;

    // Called for each address that is new, before its rule is read.
    void (*on_new_code)(std::uintptr_t pc) noexcept = nullptr;

  private:
    struct entry {
        std::atomic<std::uintptr_t> pc;
        std::atomic<std::uint64_t> rule; // its bits, the top one set
    };
    static constexpr unsigned slot_bits = 18;
    static constexpr std::size_t slots = std::size_t{1} << slot_bits;
    static constexpr std::size_t longest_probe = 16;
    static constexpr std::uintptr_t no_code = 1;
    static constexpr std::uint64_t is_set = std::uint64_t{1} << 63;

    static std::size_t hash(std::uintptr_t pc) noexcept {
        return static_cast<std::size_t>(pc * 0x9e3779b97f4a7c15 >> (64 - slot_bits));
    }
    static unwind_rule unpacked(std::uint64_t word) noexcept {
        word &= ~is_set;
        return __builtin_bit_cast(unwind_rule, word);
    }

    [[gnu::noinline]] unwind_rule find(std::uintptr_t pc, std::size_t slot) noexcept;
    unwind_rule read(std::uintptr_t pc) const noexcept;

    entry* entries_ = nullptr;
    bool frame_pointers_only_ = false;
};

// The rule for the code at an address, from the tables of its file. The slow way.
unwind_rule read_unwind_rule(std::uintptr_t address) noexcept;

} // namespace krait::trace
