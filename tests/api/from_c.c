/* The public C headers compile as C99 without a warning, and each krait_* function can be linked and does its work. */
#include <krait/krait.h>
#include <krait/stats.h>
#include <krait/stats_block.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                    \
            ++failures;                                                                                                \
        }                                                                                                              \
    } while (0)

static void blocks_change_their_size(void) {
    char* block = krait_malloc(100);
    CHECK(block != NULL && krait_malloc_usable_size(block) >= 100 && krait_malloc_usable_size(NULL) == 0);
    strcpy(block, "kept");
    block = krait_realloc(block, 300);
    CHECK(strcmp(block, "kept") == 0);
    block = krait_reallocarray(block, 1000, 10);
    CHECK(strcmp(block, "kept") == 0);
    CHECK(krait_realloc(block, 0) == NULL);
}

static void blocks_are_aligned(void) {
    void* const aligned = krait_aligned_alloc(256, 512);
    void* const older = krait_memalign(4096, 1);
    void* posix = NULL;
    CHECK(krait_posix_memalign(&posix, 3, 1) == EINVAL);
    CHECK(krait_posix_memalign(&posix, 64, 1) == 0);
    CHECK((uintptr_t)aligned % 256 == 0 && (uintptr_t)older % 4096 == 0 && (uintptr_t)posix % 64 == 0);
    krait_free_aligned_sized(aligned, 256, 512);
    krait_free(older);
    krait_free(posix);
}

static void impossible_sizes_are_refused(void) {
    errno = 0;
    CHECK(krait_calloc(SIZE_MAX / 2, 4) == NULL && errno == ENOMEM);
}

static void statistics_follow(void) {
    struct krait_stats before, after;
    void* const block = krait_calloc(10, 10);
    CHECK(krait_stats_get(&before, sizeof before) == sizeof before);
    krait_free_sized(block, 100);
    (void)krait_stats_get(&after, sizeof after);
    CHECK(after.bytes_in_use < before.bytes_in_use);
    (void)krait_collect();
    (void)krait_malloc_trim(0);
    krait_stats_print(2);
}

int main(void) {
    CHECK(krait_version() == KRAIT_VERSION);
    blocks_change_their_size();
    blocks_are_aligned();
    impossible_sizes_are_refused();
    statistics_follow();
    return failures != 0;
}
