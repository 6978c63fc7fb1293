// Which blocks each block points to, in a byte stream: what a graph of many millions of edges fits in.
//
//   of a block   n, the number of bytes that follow, then the distance to each target, from the one before, the first
//                from the block itself: numbers of 7 bits a byte, signed ones folded
//   index        where the stream of every eighth block starts
//
//   Blocks are added in the order of their numbers, each once. A target that comes twice in a row is one.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>
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
        mark(from);
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
        bool is_at_end() const noexcept { return at_ == end_; }
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
        const unsigned char* at = marked(from);
        for (slot_id skipped = from % blocks_per_mark; skipped > 0; --skipped) {
            const std::uint64_t length = get(at);
            at += length;
        }
        const std::uint64_t length = get(at);
        return {at, at + length, from};
    }
    void prefetch_index(slot_id from) const noexcept { __builtin_prefetch(&index_[from / blocks_per_mark]); }
    void prefetch(slot_id from) const noexcept { __builtin_prefetch(marked(from)); }

    template <class F>
    void for_each(slot_id from, F&& visit) const {
        cursor each = of(from);
        for (slot_id target; each.next(target);) visit(target);
    }

    // Of all others the edges are forgotten, and what they took is given back.
    template <class F>
    void keep(F&& is_kept) {
        const unsigned char* at = bytes_;
        const std::size_t was_used = std::exchange(used_, 0);
        index_.clear();
        for (slot_id from = 0; at != bytes_ + was_used; ++from) {
            mark(from);
            const unsigned char* const start = at;
            const std::uint64_t length = get(at);
            at += length;
            if (is_kept(from)) {
                std::memmove(bytes_ + used_, start, static_cast<std::size_t>(at - start));
                used_ += static_cast<std::size_t>(at - start);
            } else {
                bytes_[used_++] = 0;
            }
        }
        constexpr std::size_t page = 4096;
        const std::size_t first_free = (used_ + page - 1) / page * page;
        if (first_free < was_used) madvise(bytes_ + first_free, was_used - first_free, MADV_DONTNEED);
    }

    std::size_t memory() const noexcept { return used_ + index_.capacity() * sizeof index_[0]; }

  private:
    static constexpr slot_id blocks_per_mark = 8;

    void mark(slot_id from) {
        if (from % blocks_per_mark == 0) index_.push_back(used_);
    }
    const unsigned char* marked(slot_id from) const noexcept { return bytes_ + index_[from / blocks_per_mark]; }

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
    std::vector<std::uint64_t> index_;
};

} // namespace krait::tools
