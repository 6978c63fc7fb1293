#include "doctor/block_states.hpp"

#include <algorithm>
#include <memory>

namespace krait::tools {

block_states::block_states(const picture_memory& memory, foreign_address note, foreign_address base,
                           std::uint64_t range)
    : memory_(memory), base_(base) {
    if (note == 0) return;
    struct answer {
        other_blocks_kind kind;
        foreign_address states;
    };
    static_assert(sizeof(answer) == sizeof(other_blocks));
    const auto said = memory.at<answer>(note + memory.word(note));
    if (said.kind == other_blocks_kind::decorated) {
        kind_ = kind::decorated;
        read_tables(said.states);
    } else {
        kind_ = kind::guarded;
        const foreign_address table = said.states == 0 ? 0 : memory.word(said.states);
        bytes_.resize(table == 0 ? 0 : range >> granule_shift);
        memory.read(table, bytes_.data(), bytes_.size());
    }
}

// Two steps lead from an address to its leaf (debug/block_map.hpp).
void block_states::read_tables(foreign_address tables) {
    constexpr std::size_t entries = std::size_t{1} << 14;
    const auto table = std::make_unique<std::array<foreign_address, entries>>();
    const auto all = std::make_unique<std::array<foreign_address, entries>>();
    memory_.read(tables, all->data(), sizeof *all);
    for (std::size_t high = 0; high < entries; ++high) {
        if ((*all)[high] == 0) continue;
        memory_.read((*all)[high], table->data(), sizeof *table);
        for (std::size_t low = 0; low < entries; ++low)
            if ((*table)[low] != 0) memory_.read((*table)[low], &leaves_[high * entries + low], sizeof(leaf));
    }
}

std::optional<heap_block> block_states::of(heap_block core) const noexcept {
    if (kind_ == kind::none) return core;
    if (kind_ == kind::guarded) {
        constexpr std::uint8_t most_of_live = 240;
        const std::uint64_t granule = (core.start - base_) >> granule_shift;
        if (granule >= bytes_.size()) return core; // a large one of libc's
        return bytes_[granule] - 1u < most_of_live ? std::optional(core) : std::nullopt;
    }
    // A block begins behind its decorations, or further where it is aligned to more than 16.
    constexpr foreign_address granule = foreign_address{1} << granule_shift;
    for (foreign_address at = core.start + granule; at < core.start + core.size; at += granule) {
        const auto found = leaves_.find(at >> leaf_shift);
        if (found == leaves_.end()) return core;
        const foreign_address number = at >> granule_shift;
        const std::uint64_t bit = std::uint64_t{1} << number % 64;
        const std::size_t word = number / 64 % words_of_leaf;
        if ((found->second.held[word] & bit) != 0) return std::nullopt;
        if ((found->second.live[word] & bit) != 0) return undecorated(core, at);
        constexpr foreign_address farthest = 4096; // alignments over a page are rare: one is taken as it is
        if (at - core.start >= farthest) break;
    }
    return core;
}

heap_block block_states::undecorated(heap_block core, foreign_address start) const noexcept {
    constexpr std::uint64_t behind = 16;
    const std::uint64_t before = start - core.start;
    return {start, core.size - std::min(core.size, before + behind)};
}

} // namespace krait::tools
