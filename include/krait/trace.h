/* tracemalloc for the program itself: which blocks are live, and where they came from, asked for by the program while
 * it runs. C; krait/trace.hpp has the same for C++.
 *
 * The functions do something only where libkrait_trace.so is loaded (LD_PRELOAD, or linked). Elsewhere they do nothing
 * and say so: krait_trace_is_available() is 0, krait_trace_start fails, everything else is 0 or NULL. A program that
 * uses them needs no library to link with.
 *
 * A place is an address of code, behind the call. Names of functions, files and lines are not looked up in the process:
 * krait_snapshot_dump writes a file that `krait report`, `krait diff` and the others read, and they know the names.
 *
 *   trace      a block that was asked for since the start, and not freed since: its size, thread and stack
 *   snapshot   the traces of one moment, those with equal size, thread and stack as one row with a count
 *   statistic  rows that have something in common, added up */
#ifndef KRAIT_TRACE_H
#define KRAIT_TRACE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct krait_snapshot krait_snapshot;

struct krait_trace_row {
    uint64_t size;           /* of each block, in bytes */
    uint64_t count;          /* of blocks */
    uint32_t thread;         /* a number from 0 */
    uint32_t frames;         /* of the stack */
    const uintptr_t* places; /* innermost first; live as long as the snapshot; with the top bit: Python, not code */
};

enum krait_trace_key {
    KRAIT_TRACE_BY_PLACE,    /* key = the innermost place; cumulative: every place of the stack, each once a row */
    KRAIT_TRACE_BY_OBJECT,   /* key = where the place's library or program begins in memory; cumulative likewise */
    KRAIT_TRACE_BY_THREAD,   /* key = the thread's number */
    KRAIT_TRACE_BY_TRACEBACK /* key = a number that equal stacks have in common, in snapshots of one process */
};

struct krait_trace_statistic {
    uint64_t key;
    uint64_t size; /* bytes of all blocks */
    uint64_t count;
    int64_t size_diff; /* of krait_snapshot_compare: by how much it grew */
    int64_t count_diff;
    const struct krait_trace_row* example; /* a row that is in it; of the older snapshot if the newer has none */
};

/* A row is kept if it matches one of the including filters, or there are none, and none of the excluding ones. It
 * matches if all of what the filter says is true; 0 in all of a pair of bounds says nothing. */
struct krait_trace_filter {
    int is_inclusive;
    int any_frame;        /* the place may be any of the stack, not the innermost only */
    uintptr_t begin, end; /* the place lies in [begin, end) */
    uint64_t least, most; /* the block's size */
    int64_t thread;       /* its number; negative = any */
};

/* X(result, name, parameters, arguments, result without the library) */
#define KRAIT_TRACE_FUNCTIONS(X)                                                                                       \
    /* Follows every block that is asked for from now on, with stacks of up to `frames` places. 0, or an error */      \
    /* number: ENOSYS without the library, EBUSY where KRAIT_TRACE takes samples, ENOMEM, EINVAL for 0 or more than */ \
    /* 256 frames. The first start of a process, or KRAIT_TRACE_FRAMES where KRAIT_TRACE is set, settles how many */   \
    /* frames all later ones have. A start while blocks are followed changes nothing. */                               \
    X(int, krait_trace_start, (size_t frames), (frames), 38 /* ENOSYS */)                                              \
    /* Follows no blocks any more, and forgets those there are. */                                                     \
    X(int, krait_trace_stop, (void), (), 0)                                                                            \
    X(int, krait_trace_is_tracing, (void), (), 0)                                                                      \
    /* Forgets the blocks there are. */                                                                                \
    X(int, krait_trace_clear, (void), (), 0)                                                                           \
    /* Bytes of the blocks that are followed: now, and the most since the start or the last reset. */                  \
    X(size_t, krait_trace_get_traced_memory, (size_t * peak), (peak), 0)                                               \
    X(int, krait_trace_reset_peak, (void), (), 0)                                                                      \
    /* Bytes that all of this takes. */                                                                                \
    X(size_t, krait_trace_get_tracer_memory, (void), (), 0)                                                            \
    /* Where a block came from: writes up to `most` places, innermost first, and returns how many there are; 0 for */  \
    /* a block that is not followed. */                                                                                \
    X(size_t, krait_trace_get_object_traceback, (const void* block, uintptr_t* places, size_t most),                   \
      (block, places, most), 0)                                                                                        \
    /* The blocks there are; NULL if nothing is followed or without memory. Memory of the tracer's own. */             \
    X(krait_snapshot*, krait_trace_take_snapshot, (void), (), NULL)                                                    \
    X(int, krait_snapshot_free, (krait_snapshot * snapshot), (snapshot), 0)                                            \
    /* Its rows, largest (size * count) first; the array lives as long as the snapshot. */                             \
    X(size_t, krait_snapshot_rows, (const krait_snapshot* snapshot, const struct krait_trace_row** rows),              \
      (snapshot, rows), 0)                                                                                             \
    /* Adds rows up, writes the `most` largest, by size, then count, and returns how many there are. */                \
    X(size_t, krait_snapshot_statistics,                                                                               \
      (const krait_snapshot* snapshot, enum krait_trace_key key, int cumulative,                                       \
       struct krait_trace_statistic* statistics, size_t most),                                                         \
      (snapshot, key, cumulative, statistics, most), 0)                                                                \
    /* The same of `newer`, with what has changed since `older`, the largest change first; what is gone, too. */       \
    X(size_t, krait_snapshot_compare,                                                                                  \
      (const krait_snapshot* newer, const krait_snapshot* older, enum krait_trace_key key, int cumulative,             \
       struct krait_trace_statistic* statistics, size_t most),                                                         \
      (newer, older, key, cumulative, statistics, most), 0)                                                            \
    /* A snapshot of the rows that pass; NULL without memory. */                                                       \
    X(krait_snapshot*, krait_snapshot_filter,                                                                          \
      (const krait_snapshot* snapshot, const struct krait_trace_filter* filters, size_t count),                        \
      (snapshot, filters, count), NULL)                                                                                \
    /* Writes it as a trace, for the krait command and krait_snapshot_load. 0 or an error number. */                   \
    X(int, krait_snapshot_dump, (const krait_snapshot* snapshot, const char* file), (snapshot, file), 38 /* ENOSYS */) \
    /* What krait_snapshot_dump wrote, in this process or another; NULL with errno if it is no such file. */           \
    X(krait_snapshot*, krait_snapshot_load, (const char* file), (file), NULL)

/* The library's functions have an underscore behind their names, so that these can stand in front of them. */
#define KRAIT_TRACE_DECLARE(result, name, parameters, arguments, otherwise)                                            \
    extern result name##_ parameters __attribute__((weak));                                                            \
    static inline __attribute__((unused)) result name parameters {                                                     \
        return &name##_ ? name##_ arguments : (result)otherwise;                                                       \
    }
#ifndef KRAIT_TRACE_LIBRARY
KRAIT_TRACE_FUNCTIONS(KRAIT_TRACE_DECLARE)

static inline __attribute__((unused)) int krait_trace_is_available(void) { return &krait_trace_start_ != NULL; }
#endif

#ifdef __cplusplus
}
#endif

#endif
