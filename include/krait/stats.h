/* The numbers that krait keeps about itself: one line a field, so that the struct, the text, JSON and metrics cannot
 * differ.
 *
 * They add up: arenas_current * arena_bytes
 *     = bytes_in_use + bytes_cached + bytes_available + bytes_free_pools + bytes_pool_reserve + bytes_quantization
 *   bytes_resident = arenas_current * arena_bytes - bytes_purged + bytes_retained
 * as long as no other thread allocates or frees meanwhile. bytes_resident + bytes_tables is what the kernel counts as
 * resident in krait's range and tables (tests/preload/memory/accounting.cpp). */
#ifndef KRAIT_STATS_H
#define KRAIT_STATS_H

#include <stddef.h>
#include <stdint.h>

#define KRAIT_STATS_VERSION 1

/* The value of a field that nobody knows: null in JSON, absent from metrics, "not known" in text. */
#define KRAIT_STATS_UNKNOWN UINT64_MAX

/* X(name, kind, label, help): every field is a uint64_t. New fields are added at the end, and never change their
 * meaning. kind: gauge goes up and down, counter only grows.
 * label: of its line in the text, empty where it has none. */
#define KRAIT_STATS_FIELDS(X)                                                                                          \
    X(arena_bytes, gauge, "", "size of an arena, in bytes")                                                            \
    X(pool_bytes, gauge, "", "size of a pool, in bytes")                                                               \
    X(arenas_created, counter, "# arenas allocated total", "arenas taken into use since the start")                    \
    X(arenas_released, counter, "# arenas reclaimed", "arenas given back since the start")                             \
    X(arenas_highwater, gauge, "# arenas highwater mark", "most arenas in use at the same time")                       \
    X(arenas_current, gauge, "# arenas allocated current", "arenas in use now")                                        \
    X(pools_used, gauge, "", "pools that serve a size class")                                                          \
    X(pools_free, gauge, "", "pools of current arenas that serve none")                                                \
    X(blocks_in_use, gauge, "", "blocks that the program holds")                                                       \
    X(bytes_in_use, gauge, "# bytes in allocated blocks",                                                              \
      "bytes in blocks that the program holds, each counted as its class's size")                                      \
    X(bytes_cached, gauge, "# bytes in cached blocks",                                                                 \
      "bytes in free blocks that threads' caches and the depot hold: taken again without a lock, resident")            \
    X(bytes_available, gauge, "# bytes in available blocks",                                                           \
      "bytes in free blocks of pools with live blocks, resident because of these: much of it means scattered "         \
      "survivors")                                                                                                     \
    X(bytes_free_pools, gauge, "# bytes in unused pools",                                                              \
      "bytes in free pools of current arenas, with pages or without")                                                  \
    X(bytes_pool_reserve, gauge, "# bytes lost to pool reserve",                                                       \
      "bytes left unused at the start of used pools (KRAIT_POOL_RESERVE), and guards between pools "                   \
      "(libkrait_hard.so)")                                                                                            \
    X(bytes_quantization, gauge, "# bytes lost to quantization",                                                       \
      "bytes at the end of used pools, too few for a block")                                                           \
    X(bytes_purged, gauge, "# bytes of unused pools purged",                                                           \
      "bytes in free pools of current arenas that have no pages behind them")                                          \
    X(bytes_metadata, gauge, "# bytes of metadata",                                                                    \
      "bytes committed for krait's tables, which become resident as arenas are used")                                  \
    X(thread_caches, gauge, "# thread caches", "threads that have a cache now")                                        \
    X(passthrough_calls, counter, "# requests passed through", "requests that went to the system allocator")           \
    X(passthrough_bytes, counter, "# bytes passed through", "bytes of requests that went to the system allocator")     \
    X(lock_contended, counter, "# times a lock was contended", "times that a thread found a lock held")                \
    X(bytes_retained, gauge, "# bytes retained of reclaimed arenas",                                                   \
      "bytes with pages in the slots of arenas that were given back, waiting in the reserve")                          \
    X(reserve_learned, gauge, "# bytes of reserve learned",                                                            \
      "bytes that the reserve may hold beyond its floor and share because pages that went back were wanted again")     \
    X(pools_purged, counter, "# pools purged total", "pools whose pages were given back, since the start")             \
    X(pools_regretted, counter, "# pools wanted again",                                                                \
      "pools taken into use again after their pages had gone back: nearly all means a load that repeats more slowly "  \
      "than KRAIT_DECAY")                                                                                              \
    X(bytes_large_cached, gauge, "# bytes of large blocks cached",                                                     \
      "bytes of blocks over 512 bytes that threads' caches hold free; whoever owns them, the system allocator or "     \
      "runs, counts them as in use")                                                                                   \
    X(bytes_resident, gauge, "# bytes of pools resident",                                                              \
      "bytes of pools that have pages behind them (used, free or retained): what the kernel counts in krait's range")  \
    X(bytes_tables, gauge, "# bytes of metadata resident",                                                             \
      "bytes of krait's tables that have pages behind them: those ever written")                                       \
    X(system_in_use, gauge, "# bytes in system blocks",                                                                \
      "bytes in the system allocator's blocks, its mappings included; not known from outside the process, nor if it "  \
      "does not say so")                                                                                               \
    X(system_free, gauge, "# bytes in free system blocks",                                                             \
      "bytes that the system allocator holds free, resident or not; not known from outside the process, nor if it "    \
      "does not say so")                                                                                               \
    X(bytes_limit, gauge, "# bytes of limit",                                                                          \
      "memory that the process may have for itself (KRAIT_LIMIT), in bytes; 0 = no limit")                             \
    X(limit_alarms, counter, "# times near the limit",                                                                 \
      "times that memory came near the limit, and everything free was given back")                                     \
    X(limit_refusals, counter, "# requests refused at the limit",                                                      \
      "requests refused because of the limit: malloc returned NULL")                                                   \
    X(wrong_sizes, counter, "# deletes with a wrong size",                                                             \
      "blocks deleted with a size that is not theirs: told once, then counted (KRAIT_MISUSE)")                         \
    X(large_in_use, gauge, "# bytes in large blocks",                                                                  \
      "bytes in krait's own large blocks (KRAIT_LARGE=own) that the program or a thread's cache holds")                \
    X(large_resident, gauge, "# bytes of runs resident", "bytes of pages with memory in runs of large blocks")         \
    X(large_free, gauge, "# bytes of runs free",                                                                       \
      "bytes of these pages on which every block is free, waiting in their reserve")                                   \
    X(large_learned, gauge, "# bytes of their reserve learned",                                                        \
      "bytes that the reserve of runs may hold beyond its floor and share because pages that went back were wanted "   \
      "again")                                                                                                         \
    X(large_purged, counter, "# bytes of runs purged total",                                                           \
      "bytes of pages of runs that were given back, since the start")                                                  \
    X(large_regretted, counter, "# bytes of runs wanted again",                                                        \
      "bytes of pages of runs taken into use again after they had gone back")                                          \
    X(trims, counter, "# times the system was trimmed",                                                                \
      "calls of malloc_trim: by krait itself, for the program, or near the limit")                                     \
    X(bytes_trimmed, counter, "# bytes free at these times",                                                           \
      "bytes freed since the trim before, at each: more than went back, what shares a page with a live block stayed")  \
    X(trim_longest, gauge, "# us of the longest trim",                                                                 \
      "microseconds that the longest trim took by the clock, with whatever else the machine did meanwhile")

#ifdef __cplusplus
extern "C" {
#endif

struct krait_stats {
    uint64_t version; /* KRAIT_STATS_VERSION of the library that filled it in */
#define KRAIT_STATS_FIELD(name, kind, label, help) uint64_t name;
    KRAIT_STATS_FIELDS(KRAIT_STATS_FIELD)
#undef KRAIT_STATS_FIELD
};

#ifdef __cplusplus
}
#endif

#endif
