// Blocks of every size and of every function of the family, their contents written down: a request that fails says ENOMEM and
// leaves the old block as it was, a free keeps errno.
#pragma once

#include "faulty.hpp"
#include <cstring>

namespace hazard {

template <std::size_t Slots>
class ledger {
  public:
    // Requests up to `most` bytes; one in four is over 512 if that allows it.
    ledger(std::size_t seed, std::size_t most, bool may_fail)
        : random_{seed * 0x9e3779b97f4a7c15u + 1}, most_(most), may_fail_(may_fail) {}
    ledger(const ledger&) = delete;
    ledger& operator=(const ledger&) = delete;
    ~ledger() {
        for (entry& each : entries_) drop(each);
    }

    // From now on no request may fail.
    void demand() { may_fail_ = false; }

    void steps(std::size_t count) {
        while (count-- != 0) step();
    }

    // A block in every slot, of one size, as far as they can be had.
    void fill_up(std::size_t size) {
        for (entry& each : entries_) {
            drop(each);
            errno = 0;
            record(each, std::malloc(opaque(size)), size);
        }
    }

    // Frees all but every n-th block; 0 = all.
    void free_but_every(std::size_t nth) {
        for (std::size_t i = 0; i < Slots; ++i) {
            if (nth == 0 || i % nth != 0) drop(entries_[i]);
        }
    }

  private:
    struct entry {
        void* block;
        std::size_t size;
        std::size_t seed;
    };

    void step() {
        entry& e = entries_[random_.below(Slots)];
        const std::size_t size = next_size();
        errno = 0;
        switch (random_.below(6)) {
        case 0:
            return take_aligned(e, size);
        case 1:
            return take_zeroed(e, size);
        case 2:
            return resize(e, size);
        case 3:
            return drop(e);
        default:
            drop(e);
            return record(e, std::malloc(size), size);
        }
    }

    std::size_t next_size() {
        const bool is_small = most_ <= 512 || random_.below(4) != 0;
        return 1 + random_.below(is_small ? 512 : random_.below(8) != 0 && most_ > 32768 ? 32768 : most_);
    }

    void take_aligned(entry& e, std::size_t size) {
        drop(e);
        const std::size_t alignment = std::size_t{8} << random_.below(10);
        void* const block = memalign(alignment, size);
        if (!aligned(block, alignment)) fail("the alignment", __FILE__, __LINE__);
        record(e, block, size);
    }

    void take_zeroed(entry& e, std::size_t size) {
        drop(e);
        auto* const block = static_cast<unsigned char*>(std::calloc(size, 1));
        // Each byte is the one before it, and the first is 0.
        if (block != nullptr && (block[0] != 0 || std::memcmp(block, block + 1, size - 1) != 0))
            fail("a zeroed block", __FILE__, __LINE__);
        record(e, block, size);
    }

    void resize(entry& e, std::size_t size) {
        const std::size_t kept = e.block == nullptr ? 0 : size < e.size ? size : e.size;
        void* const moved = std::realloc(e.block, size);
        if (moved == nullptr) {
            check_refusal();
            if (e.block != nullptr && size <= e.size) fail("a block can be made smaller", __FILE__, __LINE__);
            if (!filled(e.block, e.block == nullptr ? 0 : e.size, e.seed)) fail("the old block", __FILE__, __LINE__);
            return;
        }
        if (!filled(moved, kept, e.seed)) fail("the contents, moved", __FILE__, __LINE__);
        e.block = nullptr;
        record(e, moved, size);
    }

    void record(entry& e, void* block, std::size_t size) {
        e = {block, size, random_.below(1 << 20)};
        if (block == nullptr) return check_refusal();
        fill(block, size, e.seed);
    }

    void check_refusal() const {
        if (errno != ENOMEM) fail("errno == ENOMEM", __FILE__, __LINE__);
        if (!may_fail_) fail("no request fails after the faults' end", __FILE__, __LINE__);
        errno = 0;
    }

    void drop(entry& e) {
        if (e.block == nullptr) return;
        if (!filled(e.block, e.size, e.seed)) fail("the block's contents", __FILE__, __LINE__);
        errno = EDOM;
        std::free(e.block);
        if (errno != EDOM) fail("free keeps errno", __FILE__, __LINE__);
        errno = 0;
        e.block = nullptr;
    }

    random random_;
    std::size_t most_;
    bool may_fail_;
    entry entries_[Slots] = {};
};

} // namespace hazard
