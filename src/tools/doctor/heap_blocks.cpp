#include "doctor/heap_blocks.hpp"

#include "core/block_marks.hpp"
#include "core/pool.hpp"
#include "core/run.hpp"
#include "failure.hpp"
#include "observe/foreign_memory.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace krait::tools {

namespace {

constexpr slot_id slots_per_step = 64;

// The words that a freed block has in front (core/block_marks.hpp).
struct freed_words {
    std::uint64_t link;
    std::uint16_t left, own;
    std::uint32_t sealed;
};

} // namespace

heap_blocks::heap_blocks(const picture_memory& memory, const krait_stats_layout& layout, const address_map& map,
                         foreign_address other_blocks)
    : memory_(memory) {
    read_tables(layout);
    states_ = std::make_unique<block_states>(memory, other_blocks, base_, range_);
    cover_records(layout);
    std::sort(covered_.begin(), covered_.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    glibc_heap behind = read_glibc_heap(memory, map, covered_);
    system_ = std::move(behind.blocks);
    covered_.insert(covered_.end(), behind.covered.begin(), behind.covered.end());
    std::sort(covered_.begin(), covered_.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    count_slots();
}

void heap_blocks::read_tables(const krait_stats_layout& layout) {
    const foreign_process process(memory_.process());
    foreign_memory numbers(process);
    const std::uint64_t arenas = numbers.one(layout.committed_arenas);
    base_ = numbers.one(layout.range_base);
    range_ = arenas * layout.arena_bytes;
    pool_shift_ = static_cast<unsigned>(std::countr_zero(layout.pool_bytes));
    pool_reserve_ = layout.pool_reserve;
    class_count_ = layout.class_count;
    records_ = layout.pool_used.address - offsetof(pool, used);
    for (std::uint64_t c = 1; c <= class_count_ && c < classes_.size(); ++c) {
        const auto size = static_cast<std::uint32_t>(c * layout.alignment);
        classes_[c] = {UINT32_MAX / size + 1, size,
                       static_cast<std::uint32_t>((layout.pool_bytes - layout.pool_reserve) / size)};
    }
    class_of_pool_.resize(range_ >> pool_shift_);
    if (!class_of_pool_.empty()) process.read(layout.pool_class.address, class_of_pool_.data(), class_of_pool_.size());
    for (std::size_t pool = 0; pool < class_of_pool_.size(); ++pool)
        if (class_of_pool_[pool] == resting) class_of_pool_[pool] = noted_class(pool);
    for (std::uint8_t& each : class_of_pool_)
        if (each > class_count_ + run_classes::count) each = 0;
    cover(base_, range_);
    // Where krait, linked into a program, has the range's start in its own variables: the first block is there too.
    constexpr std::uint64_t base_before_slots = 64; // depot.hpp
    cover(layout.range_base.address, sizeof base_);
    cover(layout.depot_slot.address - base_before_slots, sizeof base_);
    cover(layout.pool_class.address, numbers.one(layout.class_table_bytes));
    cover(records_, numbers.one(layout.pool_table_bytes));
    cover(layout.arena_in_use.address & ~foreign_address{4095}, numbers.one(layout.arena_table_bytes));
}

// The class of the run that the resting pool is of (core/range.hpp).
std::uint8_t heap_blocks::noted_class(std::size_t pool) const noexcept {
    const std::size_t last_of_slot = pool | ((run_classes::slot_bytes >> pool_shift_) - 1);
    return memory_.at<std::uint8_t>(records_ + last_of_slot * sizeof(krait::pool) + offsetof(krait::pool, szidx));
}

// What krait keeps for threads leads to blocks in its hands; and one word to a block that a realloc moved.
void heap_blocks::cover_records(const krait_stats_layout& layout) {
    const foreign_process process(memory_.process());
    foreign_memory numbers(process);
    const std::uint64_t threads = numbers.one(layout.threads);
    std::uint64_t before = 0;
    for (std::uint64_t piece = 0; before < threads; ++piece) {
        const std::uint64_t count = piece == 0 ? layout.thread_first_piece : before;
        std::uint64_t start = 0;
        numbers.rows(layout.thread_piece, piece * layout.thread_piece.stride, 1, &start);
        cover(start, count * layout.thread_bytes);
        records_of_threads_.push_back({start, start + count * layout.thread_bytes});
        before += count;
    }
}

void heap_blocks::cover(foreign_address start, std::uint64_t size) {
    if (start != 0 && size != 0) covered_.push_back({start, start + size});
}

bool heap_blocks::starts_run(std::size_t pool) const noexcept {
    if (!is_run(class_of_pool_[pool])) return false;
    const run_class& of = run_class_of(class_of_pool_[pool]);
    return ((std::uint64_t{pool} << pool_shift_) & (of.run_bytes - 1)) == 0;
}

void heap_blocks::count_slots() {
    std::uint64_t slots = 0;
    first_slot_.resize(class_of_pool_.size());
    for (std::size_t pool = 0; pool < class_of_pool_.size(); ++pool) {
        const std::uint8_t class_byte = class_of_pool_[pool];
        first_slot_[pool] = static_cast<slot_id>(slots);
        if (class_byte == 0) continue;
        bytes_ += std::uint64_t{1} << pool_shift_;
        if (!is_run(class_byte))
            slots += classes_[class_byte].capacity;
        else if (starts_run(pool)) {
            slots += run_class_of(class_byte).capacity;
            if (const std::uint64_t joined = bits_of_run(pool).joined; joined != 0) joined_[pool] = joined;
        }
    }
    for (const system_block& each : system_) bytes_ += each.size;
    if (!system_.empty()) {
        system_start_ = system_.front().start;
        system_bytes_ = system_.back().start + system_.back().size - system_start_;
    }
    first_of_system_ = static_cast<slot_id>(slots);
    slots += system_.size();
    if (slots >= no_slot) fail("process {} has more than {} places for blocks", memory_.process(), no_slot - 1);
    slots_ = static_cast<slot_id>(slots);
    std::size_t pool = 0;
    for (std::uint64_t slot = 0; slot < slots; slot += slots_per_step) {
        while (pool + 1 < first_slot_.size() && first_slot_[pool + 1] <= slot) ++pool;
        pool_near_.push_back(static_cast<std::uint32_t>(pool));
    }
    live_.resize(slots / 64 + 1);
}

bool heap_blocks::is_marked_free(foreign_address block, std::uint64_t size, const char* content) noexcept {
    if (size < sizeof(freed_words)) return false;
    freed_words words;
    std::memcpy(&words, content, sizeof words);
    const std::uint64_t source = mark_source(reinterpret_cast<const void*>(block));
    return words.own == static_cast<std::uint16_t>(source) &&
           words.sealed == static_cast<std::uint32_t>(source) + static_cast<std::uint32_t>(words.link);
}

heap_blocks::run_bits heap_blocks::bits_of_run(std::size_t pool) const noexcept {
    static_assert(offsetof(run, free) == offsetof(run_bits, free) &&
                  offsetof(run, joined) == offsetof(run_bits, joined));
    return memory_.at<run_bits>(records_ + pool * sizeof(krait::pool));
}

unsigned heap_blocks::places_from(std::size_t pool, unsigned index) const noexcept {
    const auto found = joined_.find(pool);
    return found == joined_.end() || index >= 64 ? 1
                                                 : 1 + static_cast<unsigned>(std::countr_one(found->second >> index));
}

unsigned heap_blocks::start_of_block(std::size_t pool, unsigned index) const noexcept {
    const auto found = joined_.find(pool);
    if (found == joined_.end() || index > 64) return index;
    while (index != 0 && (found->second >> (index - 1) & 1) != 0) --index;
    return index;
}

std::size_t heap_blocks::end_of_piece(std::size_t pool) const noexcept {
    const std::size_t most = std::min(class_of_pool_.size(), pool + (piece_bytes >> pool_shift_));
    while (pool < most && is_small(pool)) ++pool;
    return pool;
}

std::vector<picture_memory::span> heap_blocks::pieces_of_small() const {
    std::vector<picture_memory::span> pieces;
    for (std::size_t pool = 0; pool < class_of_pool_.size(); ++pool) {
        if (!is_small(pool)) continue;
        const std::size_t end = end_of_piece(pool);
        pieces.push_back({base_ + (std::uint64_t{pool} << pool_shift_), base_ + (std::uint64_t{end} << pool_shift_)});
        pool = end - 1;
    }
    return pieces;
}

slot_id heap_blocks::core_slot_at(std::uint64_t offset) const noexcept {
    std::size_t pool = offset >> pool_shift_;
    const std::uint8_t class_byte = class_of_pool_[pool];
    if (class_byte == 0) return no_slot;
    std::uint64_t index, capacity;
    if (!is_run(class_byte)) {
        const std::uint64_t within = offset & ((std::uint64_t{1} << pool_shift_) - 1);
        if (within < pool_reserve_) return no_slot;
        index = (within - pool_reserve_) * classes_[class_byte].inverse >> 32;
        capacity = classes_[class_byte].capacity;
    } else {
        const run_class& of = run_class_of(class_byte);
        const std::uint64_t within = offset & (of.run_bytes - 1);
        pool = (offset - within) >> pool_shift_;
        index = start_of_block(pool, of.index_at(within));
        capacity = of.capacity;
    }
    return index < capacity ? first_slot_[pool] + static_cast<slot_id>(index) : no_slot;
}

// The last word of a block in glibc's heaps is where the next chunk's head begins, to which glibc has pointers of its
// own: the block has the word, but a pointer to it is none to the block.
slot_id heap_blocks::system_slot_at(foreign_address address) const noexcept {
    const auto above =
        std::upper_bound(system_.begin(), system_.end(), address,
                         [](foreign_address value, const system_block& each) { return value < each.start; });
    const system_block& below = *(above - 1);
    if (address - below.start >= (below.size & ~std::uint64_t{15})) return no_slot;
    return first_of_system_ + static_cast<slot_id>(&below - system_.data());
}

heap_block heap_blocks::of_core(slot_id slot) const noexcept {
    if (slot >= first_of_system_) {
        const system_block& of = system_[slot - first_of_system_];
        return {of.start, of.size};
    }
    // The last pool that does not begin behind it: those without slots have the number of the next slot.
    std::size_t pool = pool_near_[slot / slots_per_step];
    while (pool + 1 < first_slot_.size() && first_slot_[pool + 1] <= slot) ++pool;
    const std::uint8_t class_byte = class_of_pool_[pool];
    const bool is_large = is_run(class_byte);
    const std::uint64_t size = is_large ? run_class_of(class_byte).size : classes_[class_byte].size;
    const unsigned index = slot - first_slot_[pool];
    const std::uint64_t before = (is_large ? 0 : pool_reserve_) + index * size;
    return {base_ + (std::uint64_t{pool} << pool_shift_) + before, is_large ? size * places_from(pool, index) : size};
}

} // namespace krait::tools
