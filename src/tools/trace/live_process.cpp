#include "trace/live_process.hpp"

#include "krait/stats_block.h"
#include "trace/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace krait::tools {

namespace {

foreign_address find_block(const foreign_process& process) {
    for (const mapped_library& each : process.libraries()) {
        foreign_address note = 0;
        try {
            note = process.find_note(each, KRAIT_STATS_NOTE_NAME, KRAIT_TRACE_NOTE_TYPE, sizeof(std::int64_t));
        } catch (const bad_address&) { // code that is mapped without its file's beginning: no library
        }
        if (note != 0) return note + static_cast<foreign_address>(process.read<std::int64_t>(note));
    }
    fail("process {} runs without libkrait_trace.so: start it with krait trace", process.id());
}

constexpr std::uint64_t last_of_no_address = 2; // never used, left, being filled in
constexpr int most_tries = 100;

} // namespace

live_process::live_process(pid_t id) : process_(id) {
    const foreign_address block = find_block(process_);
    struct head {
        std::uint64_t magic;
        std::uint32_t version, size;
    };
    const auto found = process_.read<head>(block);
    if (found.magic == 0) fail("process {} records nothing: start it with KRAIT_TRACE=FILE", id);
    if (found.magic != KRAIT_TRACE_BLOCK_MAGIC || found.version != KRAIT_TRACE_BLOCK_VERSION ||
        found.size < sizeof layout_)
        fail("process {} has a krait of another version: use the krait command that came with it", id);
    process_.read(block, &layout_, sizeof layout_);
}

std::string live_process::text_at(foreign_address at) const {
    // A piece at a time, within its page.
    constexpr std::size_t piece = 64;
    std::string text;
    for (;;) {
        std::array<char, piece> bytes;
        const std::size_t count = piece - at % piece;
        process_.read(at, bytes.data(), count);
        const void* const zero = std::memchr(bytes.data(), 0, count);
        if (zero != nullptr) return text += bytes.data(); // it is in there
        text.append(bytes.data(), count);
        at += count;
    }
}

// Slots that were taken or left meanwhile are looked at again: their address is the same before and after.
std::vector<live_slot> live_process::read_slots(foreign_address from, std::uint64_t count) const {
    static_assert(sizeof(live_slot) == 24);
    std::vector<live_slot> first(count), second(count);
    process_.read(from, first.data(), count * sizeof(live_slot));
    process_.read(from, second.data(), count * sizeof(live_slot));
    std::vector<live_slot> same;
    for (std::size_t i = 0; i < count; ++i) {
        if (first[i].address > last_of_no_address && std::memcmp(&first[i], &second[i], sizeof(live_slot)) == 0)
            same.push_back(first[i]);
    }
    return same;
}

std::vector<live_slot> live_process::samples() const {
    return read_slots(layout_.sample_slots, layout_.sample_slot_count);
}

// A shard that grew meanwhile has its slots elsewhere, and is read again.
std::vector<live_slot> live_process::live_blocks() const {
    std::vector<live_slot> all;
    for (std::uint64_t i = 0; i < layout_.shard_count; ++i) {
        const foreign_address shard = layout_.shards + i * layout_.shard_bytes;
        for (int tries = 0;; ++tries) {
            const auto slots = process_.read<std::uint64_t>(shard + layout_.shard_slots_at);
            const auto count = process_.read<std::uint64_t>(shard + layout_.shard_slot_count_at);
            if (slots == 0) break;
            const auto is_as_it_was = [&] {
                return count != 0 && process_.read<std::uint64_t>(shard + layout_.shard_slots_at) == slots &&
                       process_.read<std::uint64_t>(shard + layout_.shard_slot_count_at) == count;
            };
            try {
                const std::vector<live_slot> read = read_slots(slots, count);
                if (is_as_it_was()) {
                    all.insert(all.end(), read.begin(), read.end());
                    break;
                }
            } catch (const bad_address&) {
                if (tries == most_tries) throw;
            }
            if (tries == most_tries) fail("process {} changes faster than it can be read", process_.id());
        }
    }
    return all;
}

std::vector<trace_module> live_process::modules() const {
    const auto count = process_.read<std::uint32_t>(layout_.module_count);
    std::vector<trace_module> modules;
    for (std::uint32_t i = 0; i < count; ++i) {
        const foreign_address row = layout_.modules + i * layout_.module_bytes;
        if (process_.read<std::uint8_t>(row + layout_.module_is_ready_at) == 0) continue;
        if (process_.read<std::uint8_t>(row + layout_.module_is_gone_at) != 0) continue;
        trace_module& module = modules.emplace_back();
        module.begin = process_.read<std::uint64_t>(row + layout_.module_begin_at);
        module.end = process_.read<std::uint64_t>(row + layout_.module_end_at);
        module.bias = process_.read<std::uint64_t>(row + layout_.module_bias_at);
        module.is_program = process_.read<std::uint8_t>(row + layout_.module_is_program_at) != 0;
        module.path = text_at(row + layout_.module_path_at);
        module.segments.resize(std::min(process_.read<std::uint32_t>(row + layout_.module_segment_count_at), 8U));
        process_.read(row + layout_.module_segments_at, module.segments.data(),
                      module.segments.size() * sizeof(trace::segment_row));
        const auto id = process_.read<std::array<std::uint8_t, 32>>(row + layout_.module_build_id_at);
        const auto id_bytes = std::min(process_.read<std::uint32_t>(row + layout_.module_build_id_bytes_at), 32U);
        for (std::uint32_t k = 0; k < id_bytes; ++k) module.build_id += fmt::format("{:02x}", id[k]);
        // Closed meanwhile: another file may have its addresses by now.
        if (process_.read<std::uint8_t>(row + layout_.module_is_gone_at) != 0) modules.pop_back();
    }
    return modules;
}

void live_process::codes(trace_visitor& told) const {
    const std::uint64_t count =
        std::min<std::uint64_t>(process_.read<std::uint32_t>(layout_.code_count), layout_.code_most);
    for (std::uint64_t id = 1; id <= count; ++id) {
        const foreign_address row = layout_.codes + id * layout_.code_bytes;
        if (process_.read<std::uint8_t>(row + layout_.code_is_ready_at) == 0) continue;
        const std::string file = text_at(process_.read<std::uint64_t>(row + layout_.code_file_at));
        const std::string function = text_at(process_.read<std::uint64_t>(row + layout_.code_function_at));
        told.on_code(static_cast<std::uint32_t>(id), file, function,
                     process_.read<std::uint32_t>(row + layout_.code_first_line_at));
    }
}

std::vector<live_process::pair_piece> live_process::pieces(foreign_address count_at, foreign_address pieces_at,
                                                           std::uint32_t from, std::uint32_t& count) const {
    count = process_.read<std::uint32_t>(count_at);
    std::vector<pair_piece> found;
    for (std::uint64_t piece = 0; piece < layout_.node_piece_count; ++piece) {
        const std::uint64_t entries = std::uint64_t{1}
                                      << (layout_.node_first_piece_bits + (piece != 0 ? piece - 1 : 0));
        const std::uint64_t begin = piece != 0 ? entries : 0;
        if (begin > count) break;
        const std::uint64_t first = std::max<std::uint64_t>(begin, from);
        const std::uint64_t end = std::min<std::uint64_t>(begin + entries, std::uint64_t{count} + 1);
        if (first >= end) continue;
        const auto at = process_.read<std::uint64_t>(pieces_at + piece * sizeof(std::uint64_t));
        if (at == 0) break;
        pair_piece& read = found.emplace_back();
        read.first = static_cast<std::uint32_t>(first);
        read.bytes.resize((end - first) * layout_.node_bytes);
        process_.read(at + (first - begin) * layout_.node_bytes, read.bytes.data(), read.bytes.size());
    }
    return found;
}

// What a thread adds behind `filled` meanwhile is left; where it began another chunk, or its record became another
// thread's, all is read again. Two looks before the code's bytes: one that was torn shows.
bool live_process::read_unwritten(foreign_address stream, unwritten_events& events) const {
    struct look {
        std::uint64_t chunk, filled, written;
        std::uint32_t chunks, index;

        bool is_same_chunk(const look& later) const noexcept {
            return chunk == later.chunk && written == later.written && chunks == later.chunks && index == later.index &&
                   filled <= later.filled;
        }
    };
    const auto now = [&] {
        return look{process_.read<std::uint64_t>(stream + layout_.stream_chunk_at),
                    process_.read<std::uint64_t>(stream + layout_.stream_filled_at),
                    process_.read<std::uint64_t>(stream + layout_.stream_written_at),
                    process_.read<std::uint32_t>(stream + layout_.stream_chunks_at),
                    process_.read<std::uint32_t>(stream + layout_.stream_index_at)};
    };
    const look first = now(), second = now();
    events.tid = process_.read<std::uint32_t>(stream + layout_.stream_tid_at);
    events.first_stamp = process_.read<std::uint64_t>(stream + layout_.stream_first_stamp_at);
    if (!first.is_same_chunk(second)) return false;
    events.index = second.index;
    events.chunks = second.chunks;
    const std::uint64_t from = second.written >> 32, to = second.filled >> 32;
    constexpr std::uint64_t longest = std::uint64_t{1} << 20;
    if (to > from && to - from <= longest) {
        events.count = static_cast<std::uint32_t>(second.filled) - static_cast<std::uint32_t>(second.written);
        events.code.resize(to - from);
        process_.read(second.chunk + from, events.code.data(), events.code.size());
    }
    return second.is_same_chunk(now());
}

std::vector<unwritten_events> live_process::unwritten() const {
    std::vector<unwritten_events> all;
    for (auto stream = process_.read<std::uint64_t>(layout_.streams); stream != 0;
         stream = process_.read<std::uint64_t>(stream + layout_.stream_next_at)) {
        unwritten_events events{};
        for (int tries = 0; !read_unwritten(stream, events); ++tries) {
            if (tries == most_tries) fail("process {} changes faster than it can be read", process_.id());
            events = {};
        }
        if (events.tid != 0) all.push_back(std::move(events));
    }
    return all;
}

} // namespace krait::tools
