#include "os/chunk.hpp"

#include "os/errno_kept.hpp"
#include "os/system_allocator.hpp"

#include <array>

namespace krait::os {

namespace {

// At the start of a page, nothing need be before the block of another allocator.
bool may_be_looked_at(const void* block) noexcept {
    constexpr std::uintptr_t least_page = 4096;
    return block != nullptr && reinterpret_cast<std::uintptr_t>(block) % least_page >= 16;
}

// The second word of a block that was just freed.
__attribute__((no_sanitize("address", "hwaddress", "thread"))) std::uintptr_t
second_word_of_freed(void* block) noexcept {
    __asm__("" : "+r"(block)); // the compiler must not know that it was freed
    return static_cast<const volatile std::uintptr_t*>(block)[1];
}

} // namespace

constinit std::atomic<chunk::layout> chunk::found_{layout::unknown};
constinit std::atomic<std::uintptr_t> chunk::tcache_key_{no_key};

// From two blocks that are taken before they are freed, so that the tcache has room for both. What lists for all
// threads have in that word leads to other blocks or to their own heads: two blocks of different sizes would not
// agree, or have the 0 still that was written.
void chunk::learn_tcache_key() noexcept {
    const std::array<void*, 2> blocks{system_malloc(600), system_malloc(1000)};
    for (void* const each : blocks) {
        if (each != nullptr) static_cast<volatile std::uintptr_t*>(each)[1] = 0;
    }
    for (void* const each : blocks) system_free(each);
    if (blocks[0] == nullptr || blocks[1] == nullptr) return;
    const std::uintptr_t key = second_word_of_freed(blocks[0]);
    if (key != 0 && key == second_word_of_freed(blocks[1])) tcache_key_.store(key, std::memory_order_relaxed);
}

chunk::layout chunk::learn() noexcept {
    const errno_kept keep;
    unsigned confirmed = 0, contradicted = 0;
    for (const std::size_t size : std::array<std::size_t, 3>{600, 1000, 2000}) {
        void* const block = system_malloc(size);
        if (may_be_looked_at(block)) {
            const bool agrees = usable_size_by_words(static_cast<char*>(block), 2 * size) == system_usable_size(block);
            ++(agrees ? confirmed : contradicted);
        }
        system_free(block);
    }
    if (confirmed == 0 || contradicted != 0) return layout::another;
    learn_tcache_key();
    return layout::glibc;
}

chunk::layout chunk::known() noexcept {
    layout found = found_.load(std::memory_order_relaxed);
    if (found == layout::unknown) found_.store(found = learn(), std::memory_order_relaxed);
    return found;
}

bool chunk::is_glibc() noexcept { return known() == layout::glibc; }

std::size_t chunk::bytes_in_heap_slow(const void* block) noexcept {
    return known() == layout::glibc ? bytes_in_heap_by_word(static_cast<const char*>(block)) : 0;
}

std::size_t chunk::usable_size_slow(const void* block, std::size_t most) noexcept {
    if (known() == layout::another) return system_usable_size(const_cast<void*>(block));
    return usable_size_by_words(static_cast<const char*>(block), most);
}

} // namespace krait::os
