// Reads a trace (trace/format.hpp) in two passes over the mapped file, with memory for the table of sites, an index of
// chunks (24 bytes for each) and a cursor for each thread, however long the trace is. What was read of the file is let
// go in steps: of its pages few count as this process's.
//
//   1  everything but events, in the order of the file: on_start, then modules, nodes, threads, samples, codes, on_end
//   2  the events of all threads, merged into one history (format.hpp says what holds there)
//
// Threads get numbers of the reader's own, from 0 in the order in which the file names them: a snapshot may have the
// last of millions of threads alone.
//
// A frame's node and a thread are known before any event names them.
#pragma once

#include "trace/format.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace krait::tools {

struct trace_start {
    trace::start_record numbers;
    std::string krait_version;
    std::string program;
    std::string folder; // working directory
    std::vector<std::string> command_line;
};

struct trace_module {
    std::uint64_t bias;
    std::uint64_t begin, end;
    std::vector<trace::segment_row> segments;
    std::string build_id; // in hex, empty if it has none
    std::string path;
    bool is_program;
};

enum class trace_event_kind : std::uint8_t { alloc, free, map, unmap };

struct trace_event {
    trace_event_kind kind;
    bool by_realloc; // half of one
    std::uint32_t thread;
    std::uint32_t stack; // node; of free and unmap 0
    std::uint64_t stamp;
    std::uint64_t address;
    std::uint64_t size; // of free 0: who wants it keeps a table of live blocks
};

class trace_visitor {
  public:
    virtual ~trace_visitor() = default;

    virtual void on_start(const trace_start&) {}
    // The whole table, as it is from here on for nodes that are defined later.
    virtual void on_modules(std::uint64_t /*stamp*/, const std::vector<trace_module>&) {}
    // parent < id; pc as format.hpp has it. The same node may come again with the same content.
    virtual void on_frame_node(std::uint32_t /*id*/, std::uint32_t /*parent*/, std::uint64_t /*pc*/) {}
    virtual void on_code(std::uint32_t /*id*/, std::string_view /*file*/, std::string_view /*function*/,
                         std::uint32_t /*first_line*/) {}
    virtual void on_thread(std::uint32_t /*index*/, std::uint32_t /*tid*/, std::string_view /*name*/) {}
    virtual void on_sample(const trace::sample_record&) {}
    // nullptr: the file ends without one, as after SIGKILL.
    virtual void on_end(const trace::end_record*) {}
    // Between the passes: how many events follow.
    virtual void on_events_begin(std::uint64_t /*count*/) {}
    virtual void on_event(const trace_event&) {}
    // Whether a block is live there, after the events so far. What several threads did within one stamp is put in order
    // by it (same_moment.hpp); who does not care for the order need not know.
    virtual bool is_live(std::uint64_t /*address*/) const { return false; }
};

// How many blocks a sampled one stands for; 1 where every allocation is recorded.
double sample_weight(std::uint64_t size, std::uint64_t mean_bytes) noexcept;

// Where a history comes from: a file, or a process that runs.
class trace_source {
  public:
    virtual ~trace_source() = default;

    // May be called again.
    virtual void read(trace_visitor& visitor) = 0;
    // Nanoseconds since the start for a stamp; valid from on_events_begin on.
    virtual std::uint64_t nanoseconds_at(std::uint64_t stamp) const noexcept = 0;
};

class trace_reader final : public trace_source {
  public:
    // Throws failure (failure.hpp) if the file cannot be opened or is no trace, with what is wrong.
    explicit trace_reader(const std::string& path);
    ~trace_reader() override;
    trace_reader(const trace_reader&) = delete;
    trace_reader& operator=(const trace_reader&) = delete;

    // Both passes. Throws failure where a record contradicts the format.
    void read(trace_visitor& visitor) override;
    // The first pass alone.
    void read_tables(trace_visitor& visitor);

    // Bytes of the file behind its last good record: more than 0 after a cut.
    std::uint64_t cut_bytes() const noexcept { return cut_bytes_; }
    // By the samples around it.
    std::uint64_t nanoseconds_at(std::uint64_t stamp) const noexcept override;
    std::uint64_t bytes() const noexcept { return size_; }

    // Chunks of the events of a thread, by its number in the file, after a pass.
    std::size_t chunks_of(std::uint32_t number_in_file) const noexcept {
        const auto known = threads_.find(number_in_file);
        return known != threads_.end() && known->second < chunks_.size() ? chunks_[known->second].size() : 0;
    }
    // Records that are read as if they stood behind the last good one of the file.
    void append(std::string records) { appended_ = std::move(records); }

  private:
    struct chunk {
        const unsigned char* begin; // its events_record or packed_record
        std::uint64_t length;
        bool is_packed;
    };
    struct moment {
        std::uint64_t stamp;
        std::uint64_t monotonic_ns;
    };
    struct site {
        std::uint32_t stack;
        std::uint64_t size;
    };
    class cursor;

    // Returns the bytes of whole records.
    std::uint64_t read_records(const unsigned char* from, std::uint64_t bytes, trace_visitor& visitor);
    void read_record(trace::record_kind kind, const unsigned char* from, std::uint32_t length, trace_visitor& visitor);
    void read_packed_table(trace::record_kind kind, const unsigned char* from, std::uint32_t length,
                           trace_visitor& visitor);
    // No number that a table may have is greater.
    std::uint64_t most_in_tables() const noexcept { return size_ + appended_.size() + unpacked_bytes_; }
    std::uint32_t thread_of(std::uint32_t number_in_file);
    void merge_events(trace_visitor& visitor) const;
    void passed_over(std::uint64_t bytes) const noexcept;

    const unsigned char* data_ = nullptr;
    std::uint64_t size_ = 0;
    std::uint64_t cut_bytes_ = 0;
    mutable std::uint64_t resident_ = 0; // bytes of the file that were looked at since they were let go
    std::string appended_;
    std::uint64_t unpacked_bytes_ = 0; // of packed tables
    bool has_end_ = false;
    std::uint64_t events_ = 0;
    std::unordered_map<std::uint32_t, std::uint32_t> threads_; // by their numbers in the file
    std::vector<std::vector<chunk>> chunks_;                   // by thread
    std::vector<moment> moments_;
    std::vector<site> sites_;
};

} // namespace krait::tools
