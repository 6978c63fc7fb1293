// Which blocks each block points to, in a byte stream: what a graph of many millions of edges fits in.
//
//   of a block   n, the number of bytes that follow, then the distance to each target, from the one before, the first
//                from the block itself: numbers of 7 bits a byte, signed ones folded
//   index        where the stream of every 16th block starts
//
//   Blocks are added in the order of their numbers, each once. A target that comes twice in a row is one.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace krait::tools {

using slot_id = std::uint32_t;

class edge_store {
  public:
    // For so many blocks with so many bytes: an edge needs a word, so no stream is longer than that.
    edge_store(std::size_t blocks, std::size_t bytes) : room_(bytes + 2 * blocks + 4096) {
        void* const mapped =
            mmap(nullptr, room_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED) throw std::bad_alloc();
        bytes_ = static_cast<unsigned char*>(mapped);
        index_.reserve(blocks / blocks_per_mark + 1);
    }
    ~edge_store() { munmap(bytes_, room_); }
    edge_store(const edge_store&) = delete;
    edge_store& operator=(const edge_store&) = delete;

    void add(slot_id from, const slot_id* targets, std::size_t count) {
        if (from % blocks_per_mark == 0) index_.push_back(used_);
        unsigned char* const start = bytes_ + used_;
        // Most are short: one byte for the length, moved where it needs more.
        unsigned char* at = start + 1;
        slot_id last = from;
        bool has_last = false;
        for (std::size_t i = 0; i < count; ++i) {
            if (has_last && targets[i] == last) continue;
            at = put(at, folded(static_cast<std::int64_t>(targets[i]) - static_cast<std::int64_t>(last)));
            last = targets[i];
            has_last = true;
            ++edges_;
        }
        const auto length = static_cast<std::uint64_t>(at - start - 1);
        if (length >= 0x80)
            at = make_room(start, length);
        else
            *start = static_cast<unsigned char>(length);
        used_ += static_cast<std::size_t>(at - start);
    }

    // Where the block's targets are: walk() goes from one to the next.
    class cursor {
      public:
        cursor() = default;
        // False at the end.
        bool next(slot_id& target) noexcept {
            if (at_ == end_) return false;
            last_ = static_cast<slot_id>(static_cast<std::int64_t>(last_) + unfolded(get(at_)));
            target = last_;
            return true;
        }

      private:
        friend class edge_store;
        cursor(const unsigned char* at, const unsigned char* end, slot_id from) : at_(at), end_(end), last_(from) {}
        const unsigned char* at_ = nullptr;
        const unsigned char* end_ = nullptr;
        slot_id last_ = 0;
    };

    cursor of(slot_id from) const noexcept {
        const unsigned char* at = bytes_ + index_[from / blocks_per_mark];
        for (slot_id skipped = from % blocks_per_mark; skipped > 0; --skipped) {
            const std::uint64_t length = get(at);
            at += length;
        }
        const std::uint64_t length = get(at);
        return {at, at + length, from};
    }
    void prefetch_index(slot_id from) const noexcept { __builtin_prefetch(&index_[from / blocks_per_mark]); }
    void prefetch(slot_id from) const noexcept { __builtin_prefetch(bytes_ + index_[from / blocks_per_mark]); }

    template <class F>
    void for_each(slot_id from, F&& visit) const {
        cursor each = of(from);
        for (slot_id target; each.next(target);) visit(target);
    }

    std::uint64_t edges() const noexcept { return edges_; }
    std::size_t memory() const noexcept { return used_ + index_.capacity() * sizeof index_[0]; }

  private:
    static constexpr slot_id blocks_per_mark = 16;

    static std::uint64_t folded(std::int64_t value) noexcept {
        return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
    }
    static std::int64_t unfolded(std::uint64_t value) noexcept {
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }
    static unsigned char* put(unsigned char* at, std::uint64_t value) noexcept {
        for (; value >= 0x80; value >>= 7) *at++ = static_cast<unsigned char>(value | 0x80);
        *at++ = static_cast<unsigned char>(value);
        return at;
    }
    static std::uint64_t get(const unsigned char*& at) noexcept {
        std::uint64_t value = *at & 0x7f;
        for (unsigned shift = 7; (*at++ & 0x80) != 0; shift += 7) value |= std::uint64_t{*at & 0x7fU} << shift;
        return value;
    }
    static unsigned char* make_room(unsigned char* start, std::uint64_t length) noexcept {
        unsigned char head[10];
        const auto head_bytes = static_cast<std::size_t>(put(head, length) - head);
        for (std::uint64_t i = length; i-- > 0;) start[head_bytes + i] = start[1 + i];
        for (std::size_t i = 0; i < head_bytes; ++i) start[i] = head[i];
        return start + head_bytes + length;
    }

    std::size_t room_;
    unsigned char* bytes_;
    std::size_t used_ = 0;
    std::uint64_t edges_ = 0;
    std::vector<std::uint64_t> index_;
};

} // namespace krait::tools
