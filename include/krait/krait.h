/* krait: CPython's small-object allocator for every program. The C interface.
 *
 * Every function may be called from any thread at any time, also before main and after exit began, but not from a
 * signal handler. Sizes are in bytes. Blocks are aligned to 16 bytes (8 in libkrait8). Blocks that these functions
 * return belong to the caller until they come back through krait_free or krait_realloc; where krait serves malloc as
 * well (libkrait.so, libkrait.a), both families' blocks are one and the same. */
#ifndef KRAIT_H
#define KRAIT_H

#include <krait/stats.h>
#include <stddef.h>

#define KRAIT_VERSION_MAJOR 0
#define KRAIT_VERSION_MINOR 1
#define KRAIT_VERSION_PATCH 0
#define KRAIT_VERSION (KRAIT_VERSION_MAJOR * 10000 + KRAIT_VERSION_MINOR * 100 + KRAIT_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

#define KRAIT_API __attribute__((visibility("default")))

/* The KRAIT_VERSION that the library was built with. */
KRAIT_API int krait_version(void);

/* A block of at least `size` bytes, uninitialised; size 0 gives a unique block. NULL with errno = ENOMEM when there is
 * no memory, or size is over PTRDIFF_MAX. Requests of 1 to 512 bytes come from pools, all others from the system
 * allocator. As malloc(3). */
KRAIT_API void* krait_malloc(size_t size);

/* A block of count * size bytes, all zero. NULL with ENOMEM also when the product overflows. As calloc(3). */
KRAIT_API void* krait_calloc(size_t count, size_t size);

/* Changes a block's size, keeping its contents up to the smaller size; the block may move. realloc(NULL, n) is
 * malloc(n), and realloc(p, 0) frees p and returns NULL, as in glibc. On failure NULL with ENOMEM, and the old block
 * stays. A pool block stays in place when the new size is over three quarters of its class size and fits it (pymalloc's
 * rule). */
KRAIT_API void* krait_realloc(void* block, size_t size);

/* realloc(block, count * size), refused with ENOMEM when the product overflows; the old block stays. */
KRAIT_API void* krait_reallocarray(void* block, size_t count, size_t size);

/* Gives a block back; NULL is ignored, errno is kept. Ends the process with one line on stderr when the address is in
 * krait's range and no block in use starts there: freed before, within a block, in a pool that serves nothing
 * (KRAIT_MISUSE=report: the line, and nothing is freed). krait_realloc and krait_malloc_usable_size do the same. Not
 * noticed: a block of 8 bytes (libkrait8) that was freed, and some pointers into blocks where KRAIT_POOL_RESERVE is
 * set. */
KRAIT_API void krait_free(void* block);

/* free for callers that know the size they asked for (C23 free_sized): the size is not needed and may save a
 * look-up. */
KRAIT_API void krait_free_sized(void* block, size_t size);
KRAIT_API void krait_free_aligned_sized(void* block, size_t alignment, size_t size);

/* Blocks aligned to `alignment`, glibc's rules for each: aligned_alloc and memalign round an alignment that is no power
 * of two up to one (EINVAL over SIZE_MAX / 2); posix_memalign returns EINVAL unless it is a power of two times
 * sizeof(void*), ENOMEM without memory, and leaves *result alone on failure and errno always. */
KRAIT_API void* krait_aligned_alloc(size_t alignment, size_t size);
KRAIT_API void* krait_memalign(size_t alignment, size_t size);
KRAIT_API int krait_posix_memalign(void** result, size_t alignment, size_t size);

/* Bytes of the block that may be written, at least what was asked for; the same over the block's life. 0 for NULL. */
KRAIT_API size_t krait_malloc_usable_size(void* block);

/* Returns free memory to the operating system: the caller's cache, free pools, and the system allocator's free memory
 * but for `pad` bytes at its top. 1 if anything went back, as malloc_trim(3). */
KRAIT_API int krait_malloc_trim(size_t pad);

/* Returns all of krait's memory that can go back now, and says how many bytes of pools went. */
KRAIT_API size_t krait_collect(void);

/* Fills in the first `size` bytes of *stats, for callers built with an older, shorter struct; a longer one is zero at
 * its end. Returns the library's sizeof(struct krait_stats). Stops no thread's work: numbers of other threads may be a
 * moment old. The first call may take a few blocks to find the system allocator's report. */
KRAIT_API size_t krait_stats_get(struct krait_stats* stats, size_t size);

/* Writes the statistics as text to a file descriptor, CPython's lines first. Allocates as krait_stats_get does. */
KRAIT_API void krait_stats_print(int descriptor);

/* Compares every arena, pool, list, count and mask of krait's with each other, the caller's cache and the batches
 * between threads included. Returns how many contradictions there are: 0, unless the program damaged its memory or
 * krait has a fault. The first 100 are written to `descriptor`, a line each; a negative one writes nothing. Other
 * threads' slow paths wait meanwhile, milliseconds for each hundred MiB. */
KRAIT_API size_t krait_check(int descriptor);

#ifdef __cplusplus
}
#endif

#endif
