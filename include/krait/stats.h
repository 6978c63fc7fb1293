/* The numbers that krait keeps about itself: one line a field, so that the struct, the text, JSON and metrics cannot differ.
 *
 * They add up: arenas_current * arena_bytes
 *     = bytes_in_use + bytes_cached + bytes_available + bytes_free_pools + bytes_pool_reserve + bytes_quantization
 *   bytes_resident = arenas_current * arena_bytes - bytes_purged + bytes_retained
 * as long as no other thread allocates or frees meanwhile. bytes_resident + bytes_tables is what the kernel counts as resident in
 * krait's range and tables (tests/preload/memory/accounting.cpp). */
#ifndef KRAIT_STATS_H
#define KRAIT_STATS_H

#include <stddef.h>
#include <stdint.h>

#define KRAIT_STATS_VERSION 1

/* The value of a field that nobody knows: null in JSON, absent from metrics, "not known" in text. */
#define KRAIT_STATS_UNKNOWN UINT64_MAX

/* X(name, help): every field is a uint64_t. New fields are added at the end, and never change their meaning. */
#define KRAIT_STATS_FIELDS(X)                                                                                          \
    X(arena_bytes, "size of an arena, in bytes")                                                                       \
    X(pool_bytes, "size of a pool, in bytes")                                                                          \
    X(arenas_created, "arenas taken into use since the start")                                                         \
    X(arenas_released, "arenas given back since the start")                                                            \
    X(arenas_highwater, "most arenas in use at the same time")                                                         \
    X(arenas_current, "arenas in use now")                                                                             \
    X(pools_used, "pools that serve a size class")                                                                     \
    X(pools_free, "pools of current arenas that serve none")                                                           \
    X(blocks_in_use, "blocks that the program holds")                                                                  \
    X(bytes_in_use, "bytes in blocks that the program holds")                                                          \
    X(bytes_cached, "bytes in free blocks that threads' caches and the depot hold")                                    \
    X(bytes_available, "bytes in free blocks of used pools")                                                           \
    X(bytes_free_pools, "bytes in free pools, resident or not")                                                        \
    X(bytes_pool_reserve, "bytes left unused at the start of used pools")                                              \
    X(bytes_quantization, "bytes at the end of used pools, too few for a block")                                       \
    X(bytes_purged, "bytes in free pools of current arenas that have no pages behind them")                            \
    X(bytes_metadata, "bytes committed for krait's tables, which become resident as arenas are used")                  \
    X(thread_caches, "threads that have a cache now")                                                                  \
    X(passthrough_calls, "requests that went to the system allocator")                                                 \
    X(passthrough_bytes, "bytes of requests that went to the system allocator")                                        \
    X(lock_contended, "times that a thread found a lock held")                                                         \
    X(bytes_retained, "bytes with pages in the slots of arenas that were given back, waiting in the reserve")          \
    X(reserve_learned, "bytes that the reserve grew to because pages that went back were wanted again")                \
    X(pools_purged, "pools whose pages were given back, since the start")                                              \
    X(pools_regretted, "pools taken into use again after their pages had been given back")                             \
    X(bytes_large_cached, "bytes of the system allocator's blocks in threads' caches")                                 \
    X(bytes_resident, "bytes of pools that have pages behind them: used, free or retained")                            \
    X(bytes_tables, "bytes of krait's tables that have pages behind them")                                             \
    X(system_in_use, "bytes in the system allocator's blocks, if it says so; never from outside the process")          \
    X(system_free, "bytes that the system allocator holds free, if it says so; never from outside the process")        \
    X(bytes_limit, "memory that the process may have for itself (KRAIT_LIMIT), in bytes; 0 = no limit")                \
    X(limit_alarms, "times that memory came near the limit, and the reserve was given back")                           \
    X(limit_refusals, "requests refused because of the limit")

#ifdef __cplusplus
extern "C" {
#endif

struct krait_stats {
    uint64_t version; /* KRAIT_STATS_VERSION of the library that filled it in */
#define KRAIT_STATS_FIELD(name, help) uint64_t name;
    KRAIT_STATS_FIELDS(KRAIT_STATS_FIELD)
#undef KRAIT_STATS_FIELD
};

#ifdef __cplusplus
}
#endif

#endif
