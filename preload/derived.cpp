// The exported malloc family but for its base (malloc.cpp): what follows whoever owns malloc, realloc and free.
//
//   reallocarray ─► realloc, through the dynamic symbol, as in glibc
//   free_sized, free_aligned_sized, cfree ─► free, through the dynamic symbol
//   the aligned ones ─► free is krait's ─► pools, or the system allocator
//                    └─ another's       ─► the system allocator, as if krait were not there; but from the hardened
//                                           layer its own, as that frees nothing else
#include "api/aligned.hpp"
#include "api/trim.hpp"
#include "core/process.hpp"
#include "export.hpp"
#include "os/system_allocator.hpp"
#include "owner.hpp"
#include "served.hpp"

#include <cerrno>
#include <cstdlib>

namespace process = krait::process;

namespace {

// As if krait were not there.
void* memalign_behind(std::size_t alignment, std::size_t size) noexcept {
    return krait::os::functions_behind().memalign(alignment, size);
}

// Who serves an aligned request here.
krait::aligned_allocator* server() noexcept {
    return !krait::frees_what_is_behind || KRAIT_LIKELY(krait::owns_free()) ? served::allocate_aligned
                                                                            : memalign_behind;
}

} // namespace

[[KRAIT_AT_START]] void krait::settle_owner() noexcept {
    if (process::is_set_up() && krait::os::next_functions() == nullptr) static_cast<void>(krait::owns_free());
}

extern "C" {

KRAIT_EXPORT void* reallocarray(void* block, std::size_t count, std::size_t size) {
    std::size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return nullptr;
    }
    return ::realloc(block, total);
}

KRAIT_EXPORT void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return krait::aligned_block(alignment, size, server());
}
KRAIT_EXPORT void* memalign(std::size_t alignment, std::size_t size) {
    return krait::aligned_block(alignment, size, server());
}
KRAIT_EXPORT int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    return krait::posix_aligned_block(result, alignment, size, server());
}
KRAIT_EXPORT void* valloc(std::size_t size) { return krait::page_aligned_block(size, server()); }
KRAIT_EXPORT void* pvalloc(std::size_t size) { return krait::whole_pages_block(size, server()); }

KRAIT_EXPORT void free_sized(void* block, std::size_t size) {
    krait::expect_size(block, size);
    ::free(label::of_size(block, size));
}
KRAIT_EXPORT void free_aligned_sized(void* block, std::size_t, std::size_t size) {
    krait::expect_size(block, size);
    ::free(label::of_size(block, size));
}
KRAIT_EXPORT void cfree(void* block) { ::free(block); }

KRAIT_EXPORT std::size_t malloc_usable_size(void* block) { return served::usable_size(block); }
KRAIT_EXPORT int malloc_trim(std::size_t pad) { return krait::trim(pad); }

KRAIT_OWN("aligned_alloc") void* krait_own_aligned_alloc(std::size_t, std::size_t);
}
