#include "debug/block_map.hpp"

namespace krait::debug {

namespace {

// What is in the slot, or else fresh memory of zeros. Two threads that come at once get the same.
template <class T>
T* filled(std::atomic<T*>& slot) noexcept {
    T* there = slot.load(std::memory_order_acquire);
    if (there != nullptr) return there;
    const std::size_t bytes = os::page_ceiling(sizeof(T));
    auto* const fresh = static_cast<T*>(os::map_anywhere(bytes));
    if (fresh == nullptr) return slot.load(std::memory_order_acquire);
    if (slot.compare_exchange_strong(there, fresh, std::memory_order_acq_rel)) return fresh;
    os::unmap(fresh, bytes);
    return there;
}

} // namespace

bool block_map::make_leaf(std::uintptr_t address) noexcept {
    const std::size_t number = address >> leaf_shift;
    if (number >> low_bits >= high_count) return false;
    leaf_table* const table = filled(tables_[number >> low_bits]);
    return table != nullptr && filled((*table)[number % low_count]) != nullptr;
}

std::uintptr_t block_map::last_up_to(std::uintptr_t address) const noexcept {
    constexpr std::size_t most_leaves = 4096;
    const std::uintptr_t leaf_bytes = std::uintptr_t{1} << leaf_shift;
    std::uintptr_t begin = address & ~(leaf_bytes - 1);
    std::size_t words = place_of(address).word + 1;
    std::uint64_t mask = place_of(address).bit * 2 - 1; // up to the address's own bit
    for (std::size_t leaves = 0; leaves < most_leaves; ++leaves) {
        const leaf* const there = leaf_of(begin);
        for (std::size_t i = there != nullptr ? words : 0; i-- != 0; mask = ~std::uint64_t{0}) {
            const std::uint64_t found =
                (there->live[i].load(std::memory_order_relaxed) | there->held[i].load(std::memory_order_relaxed)) &
                mask;
            if (found == 0) continue;
            return begin + (i * 64 + 63 - static_cast<std::size_t>(std::countl_zero(found))) * granule;
        }
        if (begin < leaf_bytes) break;
        begin -= leaf_bytes;
        words = words_of_leaf;
        mask = ~std::uint64_t{0};
    }
    return 0;
}

} // namespace krait::debug
