/* krait's table of contents for readers outside the process, such as `krait stats`: where its tables and counters are.
 *
 * Every file with krait in it, library or program, linked or stripped, has an ELF note that leads to the block: name
 * KRAIT_STATS_NOTE_NAME, type KRAIT_STATS_NOTE_TYPE, and as its description 8 bytes, the signed distance from the
 * description to the block. A reader finds the files in /proc/PID/maps, their PT_NOTE segments in memory, and reads the
 * block and what it points at with process_vm_readv(2): the process does not take part and pays nothing. The block is
 * filled in before the process's first block is handed out and never changes again; what it points at changes all the
 * time, and no reader can lock it, so a reader that wants numbers of one moment compares counters before and after.
 *
 * A column is a number that occurs once for each of several rows: row i is `width` bytes, little-endian and unsigned,
 * at address + i * stride. width = 0: this library has no such column. Behind the rows of the classes, cache_batch and
 * cache_room have those of the bins for blocks of runs, of 513 bytes to 32 KiB: for readers built with the library. */
#ifndef KRAIT_STATS_BLOCK_H
#define KRAIT_STATS_BLOCK_H

#include <stdint.h>

/* Changes when a column changes its meaning. New columns are added at the end, which `size` tells. */
#define KRAIT_STATS_BLOCK_VERSION 3
#define KRAIT_STATS_BLOCK_MAGIC UINT64_C(0x4b43544154534b31) /* there once the block is filled in */

#define KRAIT_STATS_NOTE_NAME "krait"
#define KRAIT_STATS_NOTE_TYPE 1
#define KRAIT_STATS_NOTE_TYPE_TEXT "1"

/* X(name, rows). Rows: one; class = class_count; slot = class_count, each depot_slots numbers next to each other;
 * arena = committed_arenas; pool = the pools of these arenas; band = passthrough_bands; piece = as many as `threads`
 * need. The addresses of thread_* and cache_* columns below count from the start of a thread's record. Records are
 * thread_bytes apart: the first thread_first_piece of them at thread_piece[0], and at each further address as many as
 * at all before it. */
#define KRAIT_STATS_BLOCK_COLUMNS(X)                                                                                   \
    X(committed_arenas, one) /* slots for arenas that the tables cover */                                              \
    X(arenas_current, one)   /* as in krait_stats, the ones below too; in pools where those are in bytes */            \
    X(arenas_highwater, one)                                                                                           \
    X(arenas_created, one)                                                                                             \
    X(pools_free, one)                                                                                                 \
    X(pools_dirty, one)    /* free pools that may have pages, those below among them */                                \
    X(pools_retained, one) /* pools with pages in slots whose arena went back */                                       \
    X(pools_purged, one)                                                                                               \
    X(pools_regretted, one)                                                                                            \
    X(pools_learned, one)                                                                                              \
    X(arenas_contended, one)                                                                                           \
    X(class_pools, class)       /* pools that serve the class */                                                       \
    X(class_blocks_used, class) /* blocks handed out, to the program or to a cache */                                  \
    X(class_contended, class)                                                                                          \
    X(depot_slot, slot)      /* blocks in the slot, shifted left by depot_count_shift */                               \
    X(pool_class, pool)      /* szidx + 1 of the class it serves, 0 for none */                                        \
    X(pool_used, pool)       /* blocks handed out */                                                                   \
    X(arena_in_use, arena)   /* 1 between its creation and its release */                                              \
    X(arena_assigned, arena) /* bit i: pool i serves a class */                                                        \
    X(arena_resident, arena) /* bit i: pool i may have pages */                                                        \
    X(threads, one)          /* records of threads that were ever claimed */                                           \
    X(thread_piece, piece)   /* addresses of records */                                                                \
    X(thread_standing, one) /* 1 and 2: a thread's that is there, 2 perhaps gone; else 0, or 3 for one that is lost */ \
    X(cache_batch, class)   /* blocks in a bin = batch - room, signed; none if room < -2^29 */                         \
    X(cache_room, class)                                                                                               \
    X(cache_spare, class) /* blocks in the bin's spare batch */                                                        \
    X(cache_passthrough_calls, band)                                                                                   \
    X(cache_passthrough_bytes, band)                                                                                   \
    X(cache_large_held, one) /* bytes of blocks of over 512 bytes in the cache */                                      \
    X(range_base, one)       /* address of arena slot 0 */                                                             \
    X(slots_touched, one)    /* slots for arenas that were ever in use, always the first ones */                       \
    X(bytes_limit, one)      /* as in krait_stats, the two below too */                                                \
    X(limit_alarms, one)                                                                                               \
    X(limit_refusals, one)                                                                                             \
    X(system_name, one)      /* address of the system allocator's name: 64 bytes, zeros behind it */                   \
    X(wrong_sizes, one)      /* as in krait_stats */                                                                   \
    X(large_in_use, one)     /* as in krait_stats; the ones below are in pages of large_page_bytes */                  \
    X(large_pages_busy, one) /* with a block in use */                                                                 \
    X(large_pages_free, one) /* with memory, and without */                                                            \
    X(large_pages_learned, one)                                                                                        \
    X(large_pages_purged, one)                                                                                         \
    X(large_pages_regretted, one)                                                                                      \
    X(large_page_bytes, one)                                                                                           \
    X(trims, one) /* as in krait_stats, the two below too */                                                           \
    X(bytes_trimmed, one)                                                                                              \
    X(trim_longest, one)                                                                                               \
    X(class_table_bytes, one) /* mapped for the column pool_class, and for those of pools and of arenas */             \
    X(pool_table_bytes, one)                                                                                           \
    X(arena_table_bytes, one)                                                                                          \
    X(thread_owner, one) /* the thread's number for the kernel, in the lower 32 bits; as thread_standing */

#ifdef __cplusplus
extern "C" {
#endif

struct krait_stats_column {
    uint64_t address;
    uint32_t stride;
    uint32_t width; /* 1, 2, 4 or 8 */
};

struct krait_stats_layout {
    uint64_t magic;
    uint32_t version; /* KRAIT_STATS_BLOCK_VERSION of the library */
    uint32_t size;    /* sizeof(struct krait_stats_layout) in the library */
    uint64_t krait_version;
    uint64_t arena_bytes;
    uint64_t pool_bytes;
    uint64_t pool_reserve; /* bytes left unused at the start of a pool */
    uint64_t alignment;    /* class_size(szidx) = (szidx + 1) * alignment */
    uint64_t class_count;
    uint64_t depot_slots;
    uint64_t depot_count_shift;
    uint64_t thread_bytes; /* from a thread's record to the next */
    uint64_t thread_first_piece;
    /* Band b counts requests of up to 2^(b + 9) bytes that fit no band before, the last one the rest. */
    uint64_t passthrough_bands;
#define KRAIT_STATS_BLOCK_COLUMN(name, rows) struct krait_stats_column name;
    KRAIT_STATS_BLOCK_COLUMNS(KRAIT_STATS_BLOCK_COLUMN)
#undef KRAIT_STATS_BLOCK_COLUMN
    uint64_t guard_pools; /* of each arena, which serve nothing: libkrait_hard.so's */
};

extern __attribute__((visibility("default"))) struct krait_stats_layout krait_stats_block;

#ifdef __cplusplus
}
#endif

#endif
