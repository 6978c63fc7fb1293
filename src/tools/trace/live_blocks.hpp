// What is live at one moment of a trace, by address: 24 bytes a block, half to seven eighths of the slots used.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace krait::tools {

struct live_block {
    std::uint64_t address; // 0: an empty slot
    std::uint64_t size;
    std::uint32_t place;
    std::uint32_t order; // how many allocations its thread had made, modulo 2^32
};

// Linear probing, and no tombstones: what is taken out is filled from behind.
//   every block lies at its hash or behind it with no empty slot between
class live_blocks {
  public:
    // False, and nothing done, if the address is live already.
    bool add(const live_block& block) {
        if (used_ >= slots_.size() - slots_.size() / 8) grow();
        std::size_t at = home(block.address);
        for (; slots_[at].address != 0; at = next(at))
            if (slots_[at].address == block.address) return false;
        slots_[at] = block;
        ++used_;
        return true;
    }

    // The block, which is not live any more; address 0 if it was not.
    live_block take(std::uint64_t address) noexcept {
        std::size_t at = home(address);
        while (slots_[at].address != address) {
            if (slots_[at].address == 0) return {};
            at = next(at);
        }
        const live_block taken = slots_[at];
        for (std::size_t behind = next(at); slots_[behind].address != 0; behind = next(behind)) {
            const std::size_t from_home = (behind - home(slots_[behind].address)) & mask();
            if (from_home < ((behind - at) & mask())) continue;
            slots_[at] = slots_[behind];
            at = behind;
        }
        slots_[at].address = 0;
        --used_;
        return taken;
    }

    bool has(std::uint64_t address) const noexcept {
        std::size_t at = home(address);
        while (slots_[at].address != 0 && slots_[at].address != address) at = next(at);
        return slots_[at].address != 0;
    }

    std::size_t size() const noexcept { return used_; }

    template <class Each>
    void for_each(Each each) const {
        for (const live_block& block : slots_)
            if (block.address != 0) each(block);
    }

  private:
    std::size_t mask() const noexcept { return slots_.size() - 1; }
    std::size_t next(std::size_t at) const noexcept { return (at + 1) & mask(); }
    std::size_t home(std::uint64_t address) const noexcept {
        return static_cast<std::size_t>((address >> 4) * 0x9e3779b97f4a7c15 >> shift_);
    }

    void grow() {
        std::vector<live_block> old(slots_.size() * 2);
        old.swap(slots_);
        shift_ = 64 - std::countr_zero(slots_.size());
        used_ = 0;
        for (const live_block& block : old)
            if (block.address != 0) add(block);
    }

    std::vector<live_block> slots_ = std::vector<live_block>(1024);
    int shift_ = 64 - 10;
    std::size_t used_ = 0;
};

} // namespace krait::tools
