#include "os/chunk.hpp"

#include "os/errno_kept.hpp"
#include "os/system_allocator.hpp"

#include <array>

namespace krait::os {

namespace {

/// At the start of a page, nothing need be before the block of another allocator.
bool may_be_looked_at(const void* block) noexcept {
    constexpr std::uintptr_t least_page = 4096;
    return block != nullptr && reinterpret_cast<std::uintptr_t>(block) % least_page >= 16;
}

} // namespace

constinit std::atomic<chunk::layout> chunk::found_{layout::unknown};

chunk::layout chunk::learn() noexcept {
    errno_kept const keep;
    unsigned confirmed = 0, contradicted = 0;
    for (std::size_t const size : std::array<std::size_t, 3>{600, 1000, 2000}) {
        void* const block = system_malloc(size);
        if (may_be_looked_at(block)) {
            bool const agrees = usable_size_by_words(static_cast<char*>(block), 2 * size) == system_usable_size(block);
            ++(agrees ? confirmed : contradicted);
        }
        system_free(block);
    }
    return confirmed > 0 && contradicted == 0 ? layout::glibc : layout::another;
}

std::size_t chunk::usable_size_slow(const void* block, std::size_t most) noexcept {
    layout known = found_.load(std::memory_order_relaxed);
    if (known == layout::unknown) found_.store(known = learn(), std::memory_order_relaxed);
    if (known == layout::another) return system_usable_size(const_cast<void*>(block));
    return usable_size_by_words(static_cast<const char*>(block), most);
}

} // namespace krait::os
