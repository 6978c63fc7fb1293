#include "os/chunk.hpp"

#include "base/check.hpp"
#include "os/errno_kept.hpp"
#include "os/system_allocator.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace krait::os {

namespace {

constexpr std::uintptr_t previous_in_use = 1;
constexpr std::uintptr_t own_mapping = 2;
constexpr std::uintptr_t flags = 7;
constexpr std::size_t word_size = sizeof(std::uintptr_t);

enum class layout : std::uint8_t { unknown, glibc, another };
constinit std::atomic<layout> found{layout::unknown};

/// Other threads change the flags of chunks in use. The sanitizers' allocators have something else there.
__attribute__((no_sanitize("address", "thread"))) std::uintptr_t word_before(const char* block) noexcept {
    return __atomic_load_n(reinterpret_cast<const std::uintptr_t*>(block) - 1, __ATOMIC_RELAXED);
}

std::size_t size_by_words(const char* block, std::size_t most) noexcept {
    std::uintptr_t const word = word_before(block);
    std::size_t const usable = (word & ~flags) - word_size; // none is too much as well
    if (usable > most) return usable;
    if ((word & own_mapping) != 0) return 0; // ends with the mapping
    return (word_before(block + usable + word_size) & previous_in_use) != 0 ? usable : 0;
}

/// At the start of a page, nothing need be before the block of another allocator.
bool may_be_looked_at(const void* block) noexcept {
    constexpr std::uintptr_t least_page = 4096;
    return block != nullptr && reinterpret_cast<std::uintptr_t>(block) % least_page >= 2 * word_size;
}

[[gnu::cold, gnu::noinline]] layout learn() noexcept {
    errno_kept const keep;
    unsigned confirmed = 0, contradicted = 0;
    for (std::size_t const size : std::array<std::size_t, 3>{600, 1000, 2000}) {
        void* const block = system_malloc(size);
        if (may_be_looked_at(block)) {
            bool const agrees = size_by_words(static_cast<char*>(block), 2 * size) == system_usable_size(block);
            ++(agrees ? confirmed : contradicted);
        }
        system_free(block);
    }
    layout const learnt = confirmed > 0 && contradicted == 0 ? layout::glibc : layout::another;
    found.store(learnt, std::memory_order_relaxed);
    return learnt;
}

} // namespace

std::size_t usable_size_of_chunk(void* address, std::size_t most) noexcept {
    layout known = found.load(std::memory_order_relaxed);
    if (KRAIT_UNLIKELY(known == layout::unknown)) known = learn();
    if (KRAIT_UNLIKELY(known == layout::another)) return system_usable_size(address);
    return size_by_words(static_cast<char*>(address), most);
}

} // namespace krait::os
