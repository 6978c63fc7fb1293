#include "core/misuse.hpp"

#include "base/check.hpp"
#include "core/column.hpp"
#include "core/process.hpp"
#include "core/process_runs.hpp"

#include <array>
#include <atomic>
#include <cstdlib>

namespace krait::process {

namespace {

enum class defect : std::uint8_t { unused_pool, no_start, freed, virgin, none };

constexpr std::array<std::array<const char*, 4>, 3> messages{{
    {"free of a block in an unused pool", "free of a pointer that is not the start of a block", "double free",
     "free of a block that was never handed out"},
    {"realloc of a block in an unused pool", "realloc of a pointer that is not the start of a block",
     "realloc of a freed block", "realloc of a block that was never handed out"},
    {"size of a block in an unused pool", "size of a pointer that is not the start of a block", "size of a freed block",
     "size of a block that was never handed out"},
}};

constinit std::atomic<std::uint64_t> wrong_sizes{0};

defect defect_in_run(const void* address, unsigned number) noexcept {
    using place = run_heap_type::place;
    const place found = the_runs.look_up(address, number);
    if (found == place::inside) return defect::no_start;
    return found == place::free_block || waits_freed(address, number) ? defect::freed : defect::none;
}

defect defect_of(const void* address, unsigned bin_index) noexcept {
    if (bin_index == 0) return defect::unused_pool;
    if (run_heap_type::is_class_byte(bin_index)) return defect_in_run(address, run_heap_type::class_of(bin_index));
    if (!the_heap.is_block(address)) return defect::no_start;
    const std::size_t class_size = geometry_type::class_size(bin_index - 1);
    if (!freed_mark<geometry_type>::is_on(address, class_size)) return defect::none;
    return freed_mark<geometry_type>::is_virgin(address) ? defect::virgin : defect::freed;
}

const char* message(request asked, defect found) noexcept {
    return messages[static_cast<std::size_t>(asked)][static_cast<std::size_t>(found)];
}

std::size_t size_of_class(unsigned bin_index) noexcept {
    if (run_heap_type::is_class_byte(bin_index)) return run_classes::table[run_heap_type::class_of(bin_index)].size;
    return bin_index == 0 ? 0 : geometry_type::class_size(bin_index - 1);
}

} // namespace

bool is_misused(request asked, const void* address, unsigned bin_index) noexcept {
    const defect found = defect_of(address, bin_index);
    if (found == defect::none) return false;
    refuse(message(asked, found), address, size_of_class(bin_index));
    return true;
}

void refuse_misaligned(request asked, const void* address) noexcept {
    refuse(message(asked, defect::no_start), address, 0);
}

void refuse_held(request asked, void* address) noexcept {
    refuse(message(asked, defect::freed), address, os::system_usable_size(address));
}

void refuse_size(const void* address, unsigned bin_index) noexcept {
    if (defect_of(address, bin_index) != defect::none) return; // what deallocate finds
    const bool is_first = wrong_sizes.fetch_add(1, std::memory_order_relaxed) == 0;
    if (chosen_misuse_policy() == misuse_policy::corruption && !is_first) return;
    report("delete with the size of another class", address, size_of_class(bin_index));
    if (chosen_misuse_policy() == misuse_policy::abort) std::abort();
}

void describe_misuse(krait_stats_layout& block) noexcept { block.wrong_sizes = column_of(wrong_sizes); }

} // namespace krait::process
