// Snapshots of live blocks: what krait/trace.h gives a program. Memory is mapped for each and unmapped with it: nothing
// here is asked of the core.
//
//   a snapshot's memory   krait_snapshot | rows, largest first | places of each stack, innermost first
//   row                   all blocks of one stack, thread and size
#pragma once

#define KRAIT_TRACE_LIBRARY
#include "krait/trace.h"
#include "trace/live_samples.hpp"

#include <cstddef>
#include <cstdint>

struct krait_snapshot {
    std::size_t bytes; // of its memory
    std::size_t count; // of rows
    krait_trace_row* rows;
};

namespace krait::trace {

// A node of the tree of stacks, wherever that is kept.
struct stack_node {
    std::uint32_t parent;
    std::uintptr_t pc;
};
class stack_tree {
  public:
    virtual stack_node at(std::uint32_t node) const noexcept = 0;

  protected:
    ~stack_tree() = default;
};

// Of blocks, which are put in another order. nullptr without memory.
krait_snapshot* make_snapshot(live_block* blocks, std::size_t count, const stack_tree& stacks) noexcept;
void free_snapshot(krait_snapshot* snapshot) noexcept;

krait_snapshot* filtered(const krait_snapshot& of, const krait_trace_filter* filters, std::size_t count) noexcept;

std::size_t statistics_of(const krait_snapshot& newer, const krait_snapshot* older, krait_trace_key key,
                          bool is_cumulative, krait_trace_statistic* statistics, std::size_t most) noexcept;

// An error number, or 0.
int dump(const krait_snapshot& snapshot, const char* path) noexcept;
// nullptr with errno.
krait_snapshot* load(const char* path) noexcept;

} // namespace krait::trace
