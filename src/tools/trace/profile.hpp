// What a trace comes to: for each place, how much came from it and what became of that; memory over time.
//
//   place      a stack in a thread; allocations and mappings (the program's own mmap) apart
//   metrics    of a place: number and bytes of what was allocated, of what was temporary, of what was live at the peak
//              and at the end
//   temporary  released by the thread that allocated it, with at most `between` other allocations of this thread
//              since, and not by realloc
//   peak       the first moment at which more bytes were live than at any before it; mappings are not counted
//   bucket     one of `buckets` equal parts of the trace's time
//   movement   of a place in a bucket: what was allocated and what of the place's was released
//
// What holds, for each place:
//   allocated = released + live at the end;  temporary <= released
//   sum over buckets up to b of (allocated - released) = live when b ended
// In a sampled trace, calls and bytes are estimates: each block counts sample_weight times.
//
// Memory: 24 bytes for each live block, some 150 for each place, 32 for each movement, and what names stacks. Nothing
// grows with the number of events: where movements get to `most_movements`, buckets are joined in pairs.
#pragma once

#include "trace/trace_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace krait::tools {

struct amount {
    double calls = 0; // whole where nothing is sampled
    double bytes = 0; // whole

    amount& operator+=(const amount& other) noexcept {
        calls += other.calls;
        bytes += other.bytes;
        return *this;
    }
    amount& operator-=(const amount& other) noexcept {
        calls -= other.calls;
        bytes -= other.bytes;
        return *this;
    }
};

struct metrics {
    amount allocated, temporary, at_peak, at_end;

    metrics& operator+=(const metrics& other) noexcept {
        allocated += other.allocated;
        temporary += other.temporary;
        at_peak += other.at_peak;
        at_end += other.at_end;
        return *this;
    }
};

struct profile_place {
    std::uint32_t stack;
    std::uint32_t thread;
    bool is_mapping;
    metrics cost;
};

struct movement {
    std::uint32_t bucket;
    std::uint32_t place;
    amount allocated, released;
};

struct time_bucket {
    double highest = 0;  // live bytes
    double at_end = 0;   // when it ended
    double resident = 0; // the last sample up to its end
};

struct profile_thread {
    std::uint32_t tid = 0; // 0 = not known
    std::string name;

    std::string text() const { return tid != 0 ? name + " (" + std::to_string(tid) + ")" : name; }
};

// A node of the tree of stacks; node 0 is below the outermost frames. Their location is an index.
struct stack_node {
    std::uint32_t parent = 0;
    std::uint32_t location = 0;
};

struct code_name {
    std::string file, function;
};

// A place in a file: module is an index, or what the address is instead.
inline constexpr std::uint32_t no_module = ~std::uint32_t{0};       // an address in the process
inline constexpr std::uint32_t code_module = ~std::uint32_t{0} - 1; // an interpreter's: code id << 32 | line

struct location {
    std::uint32_t module = no_module;
    std::uint64_t address = 0; // in the file, before the return address

    bool operator==(const location&) const = default;
};

struct profile_module {
    std::string path, build_id;
};

struct profile {
    trace_start start;
    bool is_whole = false; // the trace has an end
    double seconds = 0;
    double peak_seconds = 0; // when
    std::uint64_t events = 0;
    std::uint64_t lost = 0;
    std::uint64_t strangers = 0; // releases of what was not live in the trace
    double peak_resident = 0;

    metrics total;    // at_peak.bytes is the peak
    metrics mappings; // of the program's own mmap; at_peak is their own

    std::vector<profile_place> places;
    std::vector<profile_thread> threads;
    std::vector<stack_node> nodes;
    std::vector<location> locations;
    std::vector<profile_module> modules;
    std::vector<code_name> codes;
    std::vector<time_bucket> buckets;
    std::vector<movement> movements; // by bucket

    bool is_sampled() const noexcept { return start.numbers.mean_bytes != 0; }
    // Of one moment: what is live at its end is all that it says.
    bool is_snapshot() const noexcept { return start.numbers.is_snapshot != 0; }
};

// Told from time to time what share is done.
class progress_listener {
  public:
    virtual ~progress_listener() = default;
    virtual void done(double share) = 0;
};

struct profile_request {
    std::uint32_t between = 1; // of temporary
    std::size_t buckets = 256; // rounded up to a power of two
    std::size_t most_movements = std::size_t{1} << 20;
    progress_listener* listener = nullptr;
};

profile read_profile(trace_source& trace, const profile_request& request);

} // namespace krait::tools
