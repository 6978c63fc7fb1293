// The krait_* functions: one thin forward each. include/krait/krait.h documents them.
#include "krait/krait.h"

#include "api/aligned.hpp"
#include "api/statistics.hpp"
#include "api/trim.hpp"
#include "core/process.hpp"
#include "core/process_check.hpp"
#include "os/file.hpp"
#include "statistics/formats.hpp"

#include <cstring>

namespace process = krait::process;

extern "C" {

int krait_version(void) { return KRAIT_VERSION; }

void* krait_malloc(std::size_t size) { return process::allocate(size); }
void* krait_calloc(std::size_t count, std::size_t size) { return process::allocate_zeroed(count, size); }
void* krait_realloc(void* block, std::size_t size) { return process::reallocate(block, size); }
void* krait_reallocarray(void* block, std::size_t count, std::size_t size) {
    return krait::reallocate_array(block, count, size);
}
void krait_free(void* block) { process::deallocate(block); }
void krait_free_sized(void* block, std::size_t) { process::deallocate(block); }
void krait_free_aligned_sized(void* block, std::size_t, std::size_t) { process::deallocate(block); }

void* krait_aligned_alloc(std::size_t alignment, std::size_t size) { return krait::aligned_block(alignment, size); }
void* krait_memalign(std::size_t alignment, std::size_t size) { return krait::aligned_block(alignment, size); }
int krait_posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    return krait::posix_aligned_block(result, alignment, size);
}

std::size_t krait_malloc_usable_size(void* block) { return process::usable_size(block); }
int krait_malloc_trim(std::size_t pad) { return krait::trim(pad); }
std::size_t krait_collect(void) { return process::collect(); }

std::size_t krait_stats_get(krait_stats* stats, std::size_t size) {
    const krait_stats now = krait::take_snapshot().totals;
    std::memset(stats, 0, size);
    std::memcpy(stats, &now, size < sizeof now ? size : sizeof now);
    return sizeof now;
}

void krait_stats_print(int descriptor) {
    auto file = krait::os::output_file::borrow(descriptor);
    krait::text out(krait::os::output_file::sink, &file);
    krait::write_text(out, krait::take_snapshot());
}

std::size_t krait_check(int descriptor) {
    auto file = krait::os::output_file::borrow(descriptor);
    krait::text out(krait::os::output_file::sink, &file);
    krait::findings found(descriptor >= 0 ? &out : nullptr);
    process::check(found);
    return found.count();
}
}
