#include "live_blocks.hpp"

#include "require.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace krait::fuzz {

namespace {

std::uintptr_t address(const live_block& b) { return reinterpret_cast<std::uintptr_t>(b.start); }

// A block of no usable bytes still has an address of its own.
std::uintptr_t end_of(const live_block& b) { return address(b) + std::max<std::size_t>(b.usable, 1); }

} // namespace

void live_block::fill() const {
    if (pattern != untouched) std::memset(start, pattern, usable);
}

bool live_block::holds(std::size_t bytes) const {
    return bytes == 0 || pattern == untouched || (start[0] == pattern && std::memcmp(start, start + 1, bytes - 1) == 0);
}

void live_blocks::add(void* start, std::size_t requested, std::size_t usable, std::size_t alignment) {
    const live_block added{static_cast<unsigned char*>(start), requested, usable, pattern_of(added_++)};
    KRAIT_REQUIRE(start != nullptr);
    KRAIT_REQUIRE(address(added) % alignment == 0);
    KRAIT_REQUIRE(usable >= requested);
    const auto after = intervals_.lower_bound(address(added));
    KRAIT_REQUIRE(after == intervals_.end() || after->first >= end_of(added));
    KRAIT_REQUIRE(after == intervals_.begin() || std::prev(after)->second <= address(added));
    intervals_.emplace_hint(after, address(added), end_of(added));
    added.fill();
    blocks_.push_back(added);
    bytes_ += usable;
}

live_block live_blocks::remove(std::size_t index) {
    const live_block removed = blocks_[index];
    KRAIT_REQUIRE(removed.holds(removed.usable));
    intervals_.erase(address(removed));
    blocks_[index] = blocks_.back();
    blocks_.pop_back();
    bytes_ -= removed.usable;
    return removed;
}

void live_blocks::check_contents() const {
    for (const live_block& each : blocks_) KRAIT_REQUIRE(each.holds(each.usable));
}

void check_apart(std::vector<live_block> blocks) {
    std::sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    for (std::size_t i = 1; i < blocks.size(); ++i) KRAIT_REQUIRE(end_of(blocks[i - 1]) <= address(blocks[i]));
}

} // namespace krait::fuzz
