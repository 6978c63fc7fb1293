// The malloc family by krait's own names, and krait_check: one thin forward each. include/krait/krait.h documents them.
#include "api/aligned.hpp"
#include "krait/krait.h"
#include "os/file.hpp"
#include "served.hpp"

#include <cerrno>

extern "C" {

void* krait_malloc(std::size_t size) { return served::allocate(size); }
void* krait_calloc(std::size_t count, std::size_t size) { return served::allocate_zeroed(count, size); }
void* krait_realloc(void* block, std::size_t size) { return served::reallocate(block, size); }
void* krait_reallocarray(void* block, std::size_t count, std::size_t size) {
    return krait::reallocate_array(block, count, size, served::reallocate);
}
void krait_free(void* block) { served::deallocate(block); }
void krait_free_sized(void* block, std::size_t size) { served::deallocate(label::of_size(block, size)); }
void krait_free_aligned_sized(void* block, std::size_t, std::size_t size) {
    served::deallocate(label::of_size(block, size));
}

void* krait_aligned_alloc(std::size_t alignment, std::size_t size) {
    return krait::aligned_block(alignment, size, served::allocate_aligned);
}
void* krait_memalign(std::size_t alignment, std::size_t size) {
    return krait::aligned_block(alignment, size, served::allocate_aligned);
}
int krait_posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    return krait::posix_aligned_block(result, alignment, size, served::allocate_aligned);
}

std::size_t krait_malloc_usable_size(void* block) { return served::usable_size(block); }

std::size_t krait_check(int descriptor) {
    auto file = krait::os::output_file::borrow(descriptor);
    krait::text out(krait::os::output_file::sink, &file);
    return label::check(descriptor >= 0 ? &out : nullptr);
}
}
