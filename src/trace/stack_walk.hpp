// The stack of the thread that asks, as a node of the tree of stacks; and what the last walk saw, so that the next one
// need not walk what is the same.
//
//   frame    a function's activation that called: its pc (behind the call), its sp once the callee is gone, and bp
//   memo     the frames of the last walk, innermost first, with their nodes
//
//   capture ─► walk inwards out, until a frame is in the memo with the same pc, sp and bp
//           │  ─► are the words that its callers were read from as they were? Then they are the same frames, as a
//           │  │  frame's caller is a function of its pc, sp and bp and of two words of the stack
//           │  ─► else walk on
//           ─► nodes of the new frames, from the outermost in
//
// A walk reads the stack only: above where it stands, and within pages that the kernel said can be read. It takes no
// lock and allocates nothing.
#pragma once

#include "os/memory.hpp"
#include "os/readable.hpp"
#include "trace/intern_table.hpp"
#include "trace/unwind_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace krait::trace {

struct walked_frame {
    std::uintptr_t pc, sp, bp;
    std::uint32_t node;
    std::int32_t bp_slot; // where the caller's bp was read, from the caller's sp; 0 = it is this frame's
};

class stack_walk {
  public:
    // Two rows of `most` frames each.
    static constexpr std::size_t bytes_for(std::size_t most) noexcept { return 2 * most * sizeof(walked_frame); }
    void open(void* memory, std::size_t most) noexcept {
        old_ = static_cast<walked_frame*>(memory);
        fresh_ = old_ + most;
        most_ = most;
        count_ = 0;
        low_ = high_ = 0;
    }

    // `frame`: __builtin_frame_address(0) of a function compiled with frame pointers. Functions of [own_begin, own_end)
    // have them too, and are left out.
    std::uint32_t capture(const void* frame, unwind_rules& rules, intern_table& nodes, recent_numbers& numbers,
                          std::uintptr_t own_begin, std::uintptr_t own_end) noexcept {
        walk(frame, rules, own_begin, own_end);
        return number_of(nodes, numbers);
    }

    // The same in two steps, for who makes other nodes of the frames.
    void walk(const void* frame, unwind_rules& rules, std::uintptr_t own_begin, std::uintptr_t own_end) noexcept {
        walked_frame at = caller_of(reinterpret_cast<std::uintptr_t>(frame));
        while (at.pc - own_begin < own_end - own_begin) at = caller_of(at.bp);
        settle_range(at.sp);
        std::size_t made = 0;      // frames in fresh_
        std::size_t with_node = 0; // and of these, from here on they have their nodes
        bool is_whole = false;
        std::size_t seen = 0;
        for (;;) {
            while (seen < count_ && old_[seen].sp < at.sp) ++seen;
            if (seen < count_ && is_same(old_[seen], at) && is_as_it_was(seen)) {
                with_node = made;
                const bool is_cut_alike = is_whole_ ? made + (count_ - seen) <= most_ : made == seen;
                const std::size_t rest = made + (count_ - seen) <= most_ ? count_ - seen : most_ - made;
                std::memcpy(fresh_ + made, old_ + seen, rest * sizeof(walked_frame));
                made += rest;
                if (!is_cut_alike) with_node = made;
                is_whole = is_whole_ && seen + rest == count_;
                if (is_whole || made == most_) break;
                at = fresh_[made - 1]; // where the last walk had no more room
                seen = count_;
                if (!step(at, fresh_[made - 1], rules)) {
                    is_whole = true;
                    break;
                }
                continue;
            }
            fresh_[made++] = at;
            with_node = made;
            if (made == most_) break;
            if (!step(at, fresh_[made - 1], rules)) {
                is_whole = true;
                break;
            }
        }
        walked_frame* const before = old_;
        old_ = fresh_;
        fresh_ = before;
        made_ = made;
        without_node_ = are_numbered_ ? with_node : made;
        are_numbered_ = false;
        count_ = has_signal_ ? 0 : made;
        is_whole_ = is_whole;
        has_signal_ = false;
    }

    // The node of what was walked last.
    std::uint32_t number_of(intern_table& nodes, recent_numbers& numbers) noexcept {
        std::uint32_t node = without_node_ < made_ ? old_[without_node_].node : 0;
        for (std::size_t i = without_node_; i-- != 0;) {
            node = numbers.number_of(nodes, node, old_[i].pc);
            old_[i].node = node;
        }
        are_numbered_ = true;
        return node;
    }

    // What was walked last, innermost first; whole: up to the end of the stack, as far as it can be told.
    std::span<const walked_frame> frames() const noexcept { return {old_, made_}; }
    bool is_whole() const noexcept { return is_whole_; }
    // Whether the bytes lie in the part of the stack that walks know can be read.
    bool is_known(std::uintptr_t address, std::size_t bytes) const noexcept {
        return address - low_ < high_ - low_ && bytes <= high_ - address;
    }

    // What was seen is forgotten: nodes have become others.
    void forget() noexcept { count_ = 0; }

  private:
    static std::uintptr_t word_at(std::uintptr_t address) noexcept {
        return *reinterpret_cast<const std::uintptr_t*>(address);
    }

    static walked_frame caller_of(std::uintptr_t frame) noexcept {
        return {word_at(frame + 8), frame + 16, word_at(frame), 0, 0};
    }

    static bool is_same(const walked_frame& a, const walked_frame& b) noexcept {
        return a.sp == b.sp && a.pc == b.pc && a.bp == b.bp;
    }

    // Loads that do not wait for each other.
    bool is_as_it_was(std::size_t from) noexcept {
        std::uintptr_t differs = 0;
        for (std::size_t i = from; i + 1 < count_; ++i) {
            const walked_frame& caller = old_[i + 1];
            differs |= word_at(caller.sp - 8) ^ caller.pc;
            const std::int32_t slot = old_[i].bp_slot;
            if (slot != 0) differs |= word_at(caller.sp + static_cast<std::uintptr_t>(std::int64_t{slot})) ^ caller.bp;
        }
        if (differs != 0) count_ = 0;
        return differs == 0;
    }

    // The range of addresses that can be read holds the place where this walk begins.
    void settle_range(std::uintptr_t sp) noexcept {
        constexpr std::uintptr_t near = std::uintptr_t{1} << 20;
        if (sp - low_ < high_ - low_) return;
        const bool is_below = low_ - sp < near;
        low_ = os::page_floor(sp);
        if (!is_below) high_ = low_ + os::page_size();
    }

    // Whether the words below `end`, down to where the walk stands, can be read.
    bool reaches(std::uintptr_t end) noexcept {
        if (__builtin_expect(end - low_ <= high_ - low_, 1)) return true;
        constexpr std::uintptr_t longest_frame = std::uintptr_t{1} << 24;
        if (end < low_ || end - high_ > longest_frame) return false;
        for (; high_ < end; high_ += os::page_size()) {
            if (!os::is_readable(high_)) return false;
        }
        return true;
    }

    // From a frame to its caller's. False at the end of the stack, or where it cannot be told.
    [[gnu::always_inline]] bool step(walked_frame& at, walked_frame& from, unwind_rules& rules) noexcept {
        const unwind_rule rule = rules.at(at.pc);
        const auto offset = static_cast<std::uintptr_t>(std::int64_t{rule.cfa_offset()});
        std::uintptr_t cfa;
        switch (rule.cfa()) {
        case unwind_rule::cfa_from::sp:
            cfa = at.sp + offset;
            break;
        case unwind_rule::cfa_from::bp:
            cfa = at.bp + offset;
            break;
        case unwind_rule::cfa_from::word_at_bp:
            cfa = at.bp + offset;
            if (cfa < at.sp || cfa % sizeof(std::uintptr_t) != 0 || !reaches(cfa + 8)) return false;
            cfa = word_at(cfa);
            break;
        case unwind_rule::cfa_from::signal:
            at = interrupted_by(at.sp);
            return at.sp != 0;
        default:
            return false;
        }
        if (cfa <= at.sp || cfa % sizeof(std::uintptr_t) != 0 || !reaches(cfa)) return false;
        const std::uintptr_t pc = word_at(cfa - 8);
        std::int32_t slot = 0;
        if (rule.bp() != unwind_rule::bp_from::same) {
            const std::uintptr_t base = rule.bp() == unwind_rule::bp_from::cfa ? cfa : at.bp;
            const std::uintptr_t place = base + static_cast<std::uintptr_t>(std::int64_t{rule.bp_offset()});
            if (place - low_ >= high_ - low_ || place >= cfa) return false;
            at.bp = word_at(place);
            slot = static_cast<std::int32_t>(static_cast<std::int64_t>(place - cfa));
        }
        from.bp_slot = slot;
        at.pc = pc;
        at.sp = cfa;
        constexpr std::uintptr_t no_code_below = 4096;
        return pc >= no_code_below;
    }

    // What the kernel put on the stack for a signal (struct rt_sigframe, as the System V ABI's ucontext): the frame
    // that was interrupted. Its pc is where it goes on: one more, as if it had called. No sp if it cannot be told.
    [[gnu::cold, gnu::noinline]] walked_frame interrupted_by(std::uintptr_t sp) noexcept {
#ifdef __x86_64__
        constexpr std::uintptr_t bp_at = 120, sp_at = 160, pc_at = 168;
        constexpr std::uintptr_t farthest = std::uintptr_t{1} << 24;
        has_signal_ = true; // the frames that a memo compares are those of calls
        if (!reaches(sp + pc_at + 8)) return {};
        const walked_frame found{word_at(sp + pc_at) + 1, word_at(sp + sp_at), word_at(sp + bp_at), 0, 0};
        if (found.sp >= sp && found.sp - sp <= farthest && reaches(found.sp)) return found;
#else
        static_cast<void>(sp);
#endif
        return {};
    }

    walked_frame* old_ = nullptr;
    walked_frame* fresh_ = nullptr;
    std::size_t most_ = 0;
    std::size_t count_ = 0;        // frames of old_ that are a memo
    std::size_t made_ = 0;         // frames of the last walk, in old_
    std::size_t without_node_ = 0; // of these, the innermost ones, whose nodes are not known from the walk before
    bool are_numbered_ = true;     // those of the last walk have their nodes
    bool is_whole_ = false;
    bool has_signal_ = false; // the walk went through a signal's frame
    std::uintptr_t low_ = 0, high_ = 0;
};

} // namespace krait::trace
