// The tables of a recorder in another process, as krait/trace_block.h says where they are: the process is neither
// stopped nor asked, and what changes while it is read is read again.
#pragma once

#include "krait/trace_block.h"
#include "observe/foreign_process.hpp"
#include "trace/trace_reader.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace krait::tools {

struct live_slot {
    std::uint64_t address, size, stack_and_thread;

    std::uint32_t stack() const noexcept { return static_cast<std::uint32_t>(stack_and_thread >> 32); }
    std::uint32_t thread() const noexcept { return static_cast<std::uint32_t>(stack_and_thread); }
};

// A thread's events that are not in the file: they follow its first `chunks` records there.
struct unwritten_events {
    std::uint32_t index, tid;
    std::uint64_t first_stamp;
    std::uint32_t chunks;
    std::uint32_t count;
    std::string code;
};

class live_process {
  public:
    // Fails if there is no such process, it may not be read, or it runs without the recorder.
    explicit live_process(pid_t id);

    const foreign_process& process() const noexcept { return process_; }
    const krait_trace_layout& layout() const noexcept { return layout_; }
    bool records_to_file() const { return process_.read<std::uint8_t>(layout_.to_file) != 0; }
    bool follows_live_blocks() const { return process_.read<std::uint8_t>(layout_.to_set) != 0; }
    std::string file() const { return text_at(layout_.file); }

    std::vector<live_slot> samples() const;
    std::vector<live_slot> live_blocks() const;
    std::vector<trace_module> modules() const;
    void codes(trace_visitor& told) const;           // on_code for each
    std::vector<unwritten_events> unwritten() const; // one for each thread that is there, empty ones too

    // take(id, parent, value) for each pair from `first` on that is there by now; returns how many pairs there are.
    template <class Take>
    std::uint32_t nodes(std::uint32_t first, Take take) const {
        return pairs(layout_.node_count, layout_.node_pieces, first, take);
    }
    template <class Take>
    std::uint32_t sites(std::uint32_t first, Take take) const {
        return pairs(layout_.site_count, layout_.site_pieces, first, take);
    }

  private:
    std::string text_at(foreign_address at) const;
    std::vector<live_slot> read_slots(foreign_address from, std::uint64_t count) const;
    bool read_unwritten(foreign_address stream, unwritten_events& events) const;

    struct pair_piece {
        std::uint32_t first; // the number of its first pair
        std::vector<char> bytes;
    };
    std::vector<pair_piece> pieces(foreign_address count_at, foreign_address pieces_at, std::uint32_t from,
                                   std::uint32_t& count) const;

    template <class Take>
    std::uint32_t pairs(foreign_address count_at, foreign_address pieces_at, std::uint32_t from, Take take) const {
        constexpr std::uint64_t no_meaning = std::uint64_t{1} << 62;
        std::uint32_t count = 0;
        for (const pair_piece& piece : pieces(count_at, pieces_at, from, count)) {
            for (std::size_t i = 0; i < piece.bytes.size() / layout_.node_bytes; ++i) {
                const char* const entry = piece.bytes.data() + i * layout_.node_bytes;
                std::uint64_t value;
                std::uint32_t parent;
                std::memcpy(&value, entry + layout_.node_value_at, sizeof value);
                std::memcpy(&parent, entry + layout_.node_parent_at, sizeof parent);
                if (parent != 0) take(static_cast<std::uint32_t>(piece.first + i), parent >> 1, value & ~no_meaning);
            }
        }
        return count;
    }

    foreign_process process_;
    krait_trace_layout layout_{};
};

} // namespace krait::tools
