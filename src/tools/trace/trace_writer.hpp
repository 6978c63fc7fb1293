// Writes records of a trace (trace/format.hpp) into memory, in the order in which it is told of them.
//
//   nodes and sites may come one by one: those with ids that follow each other make one record
//   blocks are allocations at one moment; those of a thread come one behind the other, and begin its stream
#pragma once

#include "trace/event_code.hpp"
#include "trace/trace_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace krait::tools {

class trace_writer {
  public:
    void start(const trace_start& start);
    void modules(const std::vector<trace_module>& all);
    void node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc);
    void site(std::uint32_t id, std::uint32_t stack, std::uint64_t size);
    void code(std::uint32_t id, std::string_view file, std::string_view function, std::uint32_t first_line);
    void thread(std::uint32_t index, std::uint32_t tid, std::string_view name, std::uint64_t stamp);
    void sample(const trace::sample_record& sample);
    // The code of a thread's events that follows what there is of them; a stamp with the first alone.
    void events(std::uint32_t thread, std::uint32_t count, std::uint64_t stamp, std::string_view code);
    void block(const trace_event& event);
    void end(trace::end_record last); // but for the number of events, which is known here

    // Everything, in whole records.
    std::string take();

  private:
    template <class Record>
    void put(const Record& record) {
        written_.append(reinterpret_cast<const char*>(&record), sizeof record);
    }
    void put_text(std::string_view part);
    void put_varint(std::string& to, std::uint64_t number) const;
    void begin(trace::record_kind kind);
    void end_record();
    void pair(trace::record_kind kind, std::uint32_t id);
    void finish_pairs();
    void finish_blocks();

    std::string written_;
    std::size_t record_at_ = 0;

    // Nodes or sites that are not written yet.
    trace::record_kind pairs_kind_ = trace::record_kind::nodes;
    std::uint32_t pairs_first_ = 0, pairs_count_ = 0;
    std::uint64_t pc_before_ = 0;
    std::string pairs_;

    // Blocks of one thread that are not written yet.
    trace::event_encoder encoder_;
    std::uint32_t blocks_thread_ = 0, blocks_count_ = 0;
    std::uint64_t blocks_stamp_ = 0; // 0: the thread's first chunk is written
    std::string blocks_;

    std::uint64_t events_ = 0;
};

} // namespace krait::tools
