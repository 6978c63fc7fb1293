#include "doctor/glibc_heap.hpp"

#include "core/block_marks.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace krait::tools {

namespace {

constexpr std::uint64_t previous_in_use = 1, own_mapping = 2, flags = 7;
constexpr std::uint64_t head_bytes = 16, least_chunk = 32, fencepost = 16, word_bytes = 8;
constexpr std::uint64_t heap_alignment = std::uint64_t{64} << 20; // of thread arenas' heaps
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t most_of_tcache = 1040;
constexpr std::uint64_t tcache_bins = 64, tcache_chunk = 0x290; // its record, in a chunk of its own

struct chunk {
    foreign_address start;
    std::uint64_t size;
};

using chain = std::vector<chunk>; // chunks in use

class heap_walker {
  public:
    heap_walker(const picture_memory& memory, const address_map& map, const std::vector<picture_memory::span>& others)
        : memory_(memory), map_(map), others_(others) {}

    glibc_heap read() {
        for (const mapping& each : map_.all()) {
            if (!each.is_writable || each.is_shared || each.is_file() || is_others(each.start)) continue;
            if (each.path == "[heap]")
                walk_main(each);
            else if (each.path.empty() || each.path.starts_with("[anon"))
                walk_anonymous(each);
        }
        return finish();
    }

  private:
    bool is_others(foreign_address at) const {
        return std::any_of(others_.begin(), others_.end(),
                           [at](const auto& each) { return at - each.start < each.end - each.start; });
    }

    // The chunks in use from `from` to `end`; none where they do not lead there.
    std::optional<chain> walk(foreign_address from, foreign_address end) const {
        chain used;
        std::optional<chunk> last; // whose use the next one tells
        for (foreign_address at = from; at + head_bytes <= end;) {
            const std::uint64_t word = memory_.word(at + word_bytes);
            const std::uint64_t size = word & ~flags;
            if (last && (word & previous_in_use) != 0) used.push_back(*last);
            last.reset();
            if (size == fencepost || (size == 0 && end - at <= least_chunk)) { // and what is behind them is the end's
                if (end - at <= 3 * head_bytes) return used;
                at += head_bytes;
                continue;
            }
            if (size < least_chunk || (size & 8) != 0 || (word & own_mapping) != 0 || size > end - at)
                return std::nullopt;
            last = chunk{at, size};
            at += size;
            if (at == end) return used; // the top, which is free
        }
        return std::nullopt;
    }

    // From the first place in [first, last] from which the chunks lead to the end.
    bool walk_from(foreign_address start, foreign_address first, foreign_address last, foreign_address end) {
        for (foreign_address at = first; at <= last && at < end; at += head_bytes) {
            auto used = walk(at, end);
            if (!used) continue;
            chunks_.insert(chunks_.end(), used->begin(), used->end());
            covered_.push_back({start, end});
            return true;
        }
        return false;
    }

    // Something may have had memory of the kernel's there before malloc did.
    void walk_main(const mapping& of) {
        constexpr std::uint64_t most_before = 16 * page;
        walk_from(of.start, of.start, of.start + most_before, of.end);
    }

    void walk_anonymous(const mapping& of) {
        for (const auto& span : memory_.present(of.start, of.end)) {
            for (foreign_address at = std::max(span.start, done_); at < span.end;) {
                if (at % heap_alignment == 0 && walk_arena(at, of)) {
                    at = done_ = covered_.back().end;
                    continue;
                }
                const std::uint64_t size = mapped_chunk_at(at, of);
                if (size == 0) {
                    at += page;
                    continue;
                }
                blocks_.push_back({at + head_bytes, size - head_bytes});
                covered_.push_back({at, at + size});
                at = done_ = at + size;
            }
        }
    }

    std::uint64_t mapped_chunk_at(foreign_address at, const mapping& of) const {
        const std::uint64_t word = memory_.word(at + word_bytes);
        const std::uint64_t size = word & ~flags;
        const bool is_one = (word & flags) == own_mapping && size % page == 0 && size >= page && size <= of.end - at;
        return is_one && memory_.word(at) == 0 ? size : 0;
    }

    // A heap's record: the arena, the heap before it, bytes in use, bytes that may be touched.
    bool walk_arena(foreign_address at, const mapping& of) {
        constexpr std::uint64_t most_of_record = 0x80, least_of_arena = 0x800, most_of_arena = 0xc00;
        const std::uint64_t arena = memory_.word(at), before = memory_.word(at + 8), bytes = memory_.word(at + 16);
        if (arena % 8 != 0 || arena % heap_alignment >= most_of_record || arena % heap_alignment < 0x20) return false;
        if (before % heap_alignment != 0 || bytes % page != 0 || bytes == 0 || bytes > of.end - at) return false;
        const bool is_first = arena - at < most_of_record;
        const foreign_address first = is_first ? arena + least_of_arena : at + 0x20;
        return walk_from(at, first, is_first ? arena + most_of_arena : at + most_of_record, at + bytes);
    }

    struct tcache_entry {
        std::uint64_t count;
        foreign_address first;
    };
    tcache_entry entry_at(foreign_address record, std::uint64_t bin) const {
        const std::uint64_t counts = memory_.word(record + bin / 4 * 8);
        return {counts >> bin % 4 * 16 & 0xffff, memory_.word(record + 2 * tcache_bins + bin * 8)};
    }

    // Another block of its size is none: it would have to have addresses just where it has counts.
    bool is_tcache_record(const chunk& of) const {
        if (of.size != tcache_chunk) return false;
        for (std::uint64_t bin = 0; bin < tcache_bins; ++bin) {
            const auto [count, first] = entry_at(of.start + head_bytes, bin);
            if ((count == 0) != (first == 0) || first % 16 != 0) return false;
            if (first != 0 && map_.at(first) == nullptr) return false;
        }
        return true;
    }

    // The key that glibc writes into chunks of a tcache: what most of the first ones have; 0 where none is seen.
    std::uint64_t tcache_key() const {
        std::map<std::uint64_t, unsigned> votes;
        for (const chunk& each : chunks_) {
            if (!is_tcache_record(each)) continue;
            for (std::uint64_t bin = 0; bin < tcache_bins; ++bin)
                if (const auto entry = entry_at(each.start + head_bytes, bin); entry.count != 0)
                    ++votes[memory_.word(entry.first + word_bytes)];
        }
        const auto most = std::max_element(votes.begin(), votes.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
        return most == votes.end() ? 0 : most->first;
    }

    glibc_heap finish() {
        const std::uint64_t key = tcache_key();
        std::sort(chunks_.begin(), chunks_.end(), [](const chunk& a, const chunk& b) { return a.start < b.start; });
        for (const chunk& each : chunks_) {
            const foreign_address block = each.start + head_bytes;
            const std::uint64_t second = memory_.word(block + word_bytes);
            const bool is_cached = second == mark_of_freed(reinterpret_cast<const void*>(block)) ||
                                   (key != 0 && second == key && each.size <= most_of_tcache);
            if (!is_cached) blocks_.push_back({block, each.size - word_bytes});
        }
        std::sort(blocks_.begin(), blocks_.end(),
                  [](const system_block& a, const system_block& b) { return a.start < b.start; });
        std::sort(covered_.begin(), covered_.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
        return {std::move(blocks_), std::move(covered_)};
    }

    const picture_memory& memory_;
    const address_map& map_;
    const std::vector<picture_memory::span>& others_;
    chain chunks_;
    std::vector<system_block> blocks_;
    std::vector<picture_memory::span> covered_;
    foreign_address done_ = 0; // of anonymous memory
};

} // namespace

glibc_heap read_glibc_heap(const picture_memory& memory, const address_map& map,
                           const std::vector<picture_memory::span>& others) {
    return heap_walker(memory, map, others).read();
}

} // namespace krait::tools
