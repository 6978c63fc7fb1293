/* The recorder's table of contents, for readers outside the process, such as `krait snapshot`: which blocks are live
 * now and where they came from. As krait/stats_block.h, which says how such a block is found and read:
 * libkrait_trace.so has a second ELF note, of type KRAIT_TRACE_NOTE_TYPE. Nothing is locked: a reader reads a number
 * again where that must not have changed meanwhile, and looks at an address before and after what belongs to it.
 *
 *   set     slots with an address (0 and 1: none), size, and stack << 32 | thread: in one table, or in several shards,
 *           each with a pointer to its slots and their number, which change as it grows
 *   node    a stack as in a trace (a node's parent, and its address of code): number n lies in piece
 *           p = bits of (n >> first_piece_bits), behind those of the pieces before
 *   site    a stack and a size, in the same kind of table: the size is the value, the stack the parent
 *   stream  what a thread has recorded and not written to the file yet: events_record's code (src/trace/format.hpp),
 *           from the byte `written` to the byte `filled` of its chunk, as which it has `chunks` records before this
 *   code    what a node's address with bit 63 set means, of an interpreter: code << 32 | line
 *   module  a file whose code was seen on a stack */
#ifndef KRAIT_TRACE_BLOCK_H
#define KRAIT_TRACE_BLOCK_H

#include <stdint.h>

#define KRAIT_TRACE_BLOCK_VERSION 1
#define KRAIT_TRACE_BLOCK_MAGIC UINT64_C(0x4b4354524143454b) /* there once the block is filled in */
#define KRAIT_TRACE_NOTE_TYPE 2
#define KRAIT_TRACE_NOTE_TYPE_TEXT "2"

#ifdef __cplusplus
extern "C" {
#endif

struct krait_trace_layout {
    uint64_t magic;
    uint32_t version;
    uint32_t size; /* sizeof(struct krait_trace_layout) */
    uint64_t krait_version;
    uint64_t mean_bytes; /* between samples; 0 = every allocation is followed or recorded */
    uint64_t frames;
    uint64_t to_file; /* address of a byte: 1 while a file is written */
    uint64_t to_set;  /* address of a byte: 1 while the program has asked for tracing (krait/trace.h) */
    uint64_t file;    /* address of the file's name, ended by a zero */

    uint64_t sample_slots; /* address; while samples are taken (mean_bytes > 0) */
    uint64_t sample_slot_count;
    uint64_t shards; /* address of the first; while to_set is 1 */
    uint64_t shard_count;
    uint64_t shard_bytes;         /* from one to the next */
    uint64_t shard_slots_at;      /* offsets in a shard: of the pointer to its slots */
    uint64_t shard_slot_count_at; /* and of their number */
    uint64_t slot_bytes;          /* a slot: three words, in the order above */

    uint64_t node_count;  /* address of 4 bytes */
    uint64_t node_pieces; /* address of an array of pointers, 0 for those that are not there yet */
    uint64_t node_piece_count;
    uint64_t node_first_piece_bits;
    uint64_t node_bytes;
    uint64_t node_value_at;  /* 8 bytes: address of code; bit 62 is of no meaning outside */
    uint64_t node_parent_at; /* 4 bytes: parent << 1 | 1; 0 = not yet */

    uint64_t module_count; /* address of 4 bytes */
    uint64_t modules;      /* address */
    uint64_t module_bytes;
    uint64_t module_is_ready_at; /* a byte each */
    uint64_t module_is_gone_at;
    uint64_t module_is_program_at;
    uint64_t module_begin_at; /* 8 bytes each */
    uint64_t module_end_at;
    uint64_t module_bias_at;
    uint64_t module_segments_at; /* as in a trace (segment_row), 8 at most */
    uint64_t module_segment_count_at;
    uint64_t module_build_id_at;
    uint64_t module_build_id_bytes_at;
    uint64_t module_path_at; /* up to its zero */

    uint64_t streams; /* address of the first one's address; a thread that has gone may leave one behind */
    uint64_t stream_next_at;
    uint64_t stream_index_at;       /* 4 bytes: the thread's number in the trace */
    uint64_t stream_tid_at;         /* 4 bytes: the kernel's, 0 = it is not in use */
    uint64_t stream_first_stamp_at; /* 8 bytes */
    uint64_t stream_chunk_at;       /* 8 bytes: address of its code */
    uint64_t stream_filled_at;      /* 8 bytes: bytes << 32 | events */
    uint64_t stream_written_at;     /* the same */
    uint64_t stream_chunks_at;      /* 4 bytes */
    uint64_t site_count;            /* as of nodes */
    uint64_t site_pieces;

    uint64_t code_count; /* address of 4 bytes; at most code_most of them are there */
    uint64_t codes;      /* address of row 0; the first is row 1 */
    uint64_t code_most;
    uint64_t code_bytes;
    uint64_t code_is_ready_at;   /* a byte */
    uint64_t code_first_line_at; /* 4 bytes */
    uint64_t code_file_at;       /* address of a text, ended by a zero */
    uint64_t code_function_at;
};

extern __attribute__((visibility("default"))) struct krait_trace_layout krait_trace_block;

#ifdef __cplusplus
}
#endif

#endif
