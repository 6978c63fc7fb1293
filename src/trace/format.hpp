// A trace: the file that libkrait_trace.so writes and `krait report` and its sisters read.
//
// A file is records, one behind the other, each a record_head and `length` bytes, padded with zeros to 8. Integers are
// little-endian. A reader skips kinds that it does not know. A file may end anywhere (SIGKILL, a full disk): the last
// record may be cut, and everything before it is good. Only a file with an `end` record is whole.
//
//   word      what it is
//   -------   ------------------------------------------------------------------------------------------------------
//   stamp     a moment: a number that only grows, in units of the start record's clock. It orders the events of all
//             threads. Samples say which stamp was at which time
//   frame     a place in the program: the address behind a call (its return address); the call is at pc - 1, always,
//             also for a frame that a signal interrupted
//   node      a stack as a tree: node = (parent node, pc); id 0 is the empty stack, below the outermost frame. A stack
//             is the id of its innermost node. A pc with code_flag set is no address: a frame of an interpreter,
//             code id << 32 | line, without the flag
//   site      (stack, size): what an allocation is but for its address
//   thread    an index, from 0, in order of their first events; never used again in a file
//   event     an allocation, a release, or a mapping; in one thread's stream
//   sampled   start.mean_bytes > 0: of all allocations those are here which a sample of one byte in `mean_bytes` hit,
//             and of all releases those of such blocks. An allocation of s bytes is hit with probability
//             1 - exp(-s / mean_bytes); it stands for 1 / that many of its size (sample_weight)
//
// What holds:
//   stamps within one thread's stream never go down, and chunks of a thread lie in the file in its order
//   the clock is read for a free before the block goes back, for an allocation after it came
//     ⟹ of one address, stamps never go down in the order of what happened; merged by stamp, and those of one stamp by
//       what can be next (tools/trace/same_moment.hpp), no address is live twice
//   a node, and a site, is defined in the file before the chunk that uses it; parent < id
//     (a nodes record may define again what one before it has: the same; pc 0 = not known yet, a later one says it)
//   a modules record is the whole table as it is from there on, in the order of the file: a node's frame lies in the
//     table before the node's definition or, where that has nothing there (a constructor ran), in the next that has
//   realloc is a release and an allocation, both with by_realloc, at two moments: others may get the block in between
//   addresses released that are not live: from before the trace, or from before a fork (a child's file begins empty)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace krait::trace {

inline constexpr std::uint64_t file_magic = 0x4543415254415252; // the first 8 bytes: "RRATRACE", in the start record
// 1 had finer stamps, and not all codes of events; 2 had no packed nodes and sites.
inline constexpr std::uint32_t file_version = 3;

enum class record_kind : std::uint32_t {
    start = 1,   // first, once: start_record, then the texts below, each ended by a zero
    modules = 2, // modules_record, then module_row[count], segments behind each, texts last
    nodes = 3,   // table_record, then for each id: varint(id - parent), zigzag varint(pc - the pc before it, from 0)
    sites = 4,   // table_record, then for each id: varint(stack), varint(size)
    thread = 5,  // thread_record, then its name, ended by a zero; again when the name is known better
    events = 6,  // events_record, then the code of events (event_code.hpp)
    sample = 7,  // sample_record
    code = 8,    // code_record, then file and function, each ended by a zero: what an interpreter's code id means
    end = 9,     // last: end_record
    packed = 10, // packed_record, then the code of events, packed (packing.hpp)
    // packed_table_record, then what follows a table_record, packed: the nodes of a recursion are the same steps again
    // and again. Of sites: zigzag varint(stack - the stack before it, from 0), varint(size).
    packed_nodes = 11,
    packed_sites = 12,
};

struct record_head {
    std::uint32_t kind;
    std::uint32_t length; // of what follows, without the padding
};

enum class clock_kind : std::uint32_t {
    ticks = 0,    // the processor's counter in units of less than 2 us: samples say how many make a second
    sequence = 1, // one more for each event: the counter of this machine does not agree between processors
};

struct start_record {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t pid;
    std::uint32_t parent_pid;
    std::uint32_t is_child; // 1: made by fork from a traced process, whose id is parent_pid
    std::uint32_t page_size;
    std::uint32_t alignment;  // every block's address is a multiple
    std::uint32_t frames;     // most frames of a stack
    std::uint32_t clock;      // clock_kind
    std::uint64_t mean_bytes; // 0 = every allocation is here
    std::uint64_t stamp;
    std::uint64_t monotonic_ns; // CLOCK_MONOTONIC at `stamp`
    std::uint64_t realtime_ns;  // since 1970
    std::uint32_t arguments;    // number of arguments in the command line
    std::uint32_t is_snapshot;  // 1: no history but what was live at one moment, each block asked for then
    // krait's version; the path of the program; its working directory; its arguments
};

struct modules_record {
    std::uint64_t stamp;
    std::uint32_t count;
    std::uint32_t unused;
};

// One file that is loaded. Its texts follow at once: path and a zero, padded to 8 with zeros.
struct module_row {
    std::uint64_t bias;  // address = address in the file's program headers + bias
    std::uint64_t begin; // its loaded segments lie within [begin, end)
    std::uint64_t end;
    std::array<std::uint8_t, 32> build_id;
    std::uint32_t build_id_bytes; // 0 = it has none
    std::uint32_t segments;       // segment_row[segments] follow this row
    std::uint32_t path_bytes;     // with its zero and without the padding; they follow the segments
    std::uint32_t is_program;     // 1 for the program itself
};

struct segment_row {
    std::uint64_t begin; // addresses in the process
    std::uint64_t end;
    std::uint64_t file_offset;
    std::uint64_t flags; // PF_R 4, PF_W 2, PF_X 1
};

// nodes and sites: ids first, first + 1, ...
struct table_record {
    std::uint32_t first;
    std::uint32_t count;
};

struct packed_table_record {
    table_record table;
    std::uint32_t unpacked; // bytes
    std::uint32_t unused;
};

struct thread_record {
    std::uint32_t index;
    std::uint32_t tid; // the kernel's
    std::uint64_t stamp;
};

struct events_record {
    std::uint32_t thread;
    std::uint32_t count; // events, ticks not counted
    std::uint64_t stamp; // in force at the first byte of the thread's first chunk; 0 in the others, which go on
};

struct packed_record {
    events_record events;
    std::uint32_t unpacked; // bytes of code
    std::uint32_t unused;
};

struct sample_record {
    std::uint64_t stamp;
    std::uint64_t monotonic_ns;
    std::uint64_t resident; // bytes
};

struct code_record {
    std::uint32_t id;
    std::uint32_t first_line;
};

enum class end_reason : std::uint32_t { exit = 0, stopped = 1, exec = 2 };

struct end_record {
    std::uint64_t stamp;
    std::uint64_t monotonic_ns;
    std::uint64_t events; // written to this file
    std::uint64_t lost;   // not written: from handlers within the recorder, beyond what it can put aside
    std::uint32_t reason; // end_reason
    std::uint32_t unused;
};

static_assert(sizeof(record_head) == 8 && sizeof(start_record) == 80 && sizeof(module_row) == 72 &&
              sizeof(segment_row) == 32 && sizeof(events_record) == 16 && sizeof(sample_record) == 24 &&
              sizeof(end_record) == 40);

inline constexpr std::uint64_t code_flag = std::uint64_t{1} << 63;

constexpr std::size_t padded(std::size_t bytes) noexcept { return (bytes + 7) & ~std::size_t{7}; }

} // namespace krait::trace
