// Fills in krait/trace_block.h, and the note that leads to it.
#include "krait/trace_block.h"

#include "core/stats_note.hpp"
#include "krait/krait.h"
#include "trace/session.hpp"

#include <cstddef>

constinit struct krait_trace_layout krait_trace_block {};

extern "C"
    [[gnu::alias("krait_trace_block"), gnu::visibility("hidden"), gnu::used]] krait_trace_layout krait_own_trace_block;
KRAIT_NOTE(krait_own_trace_block, KRAIT_TRACE_NOTE_TYPE_TEXT);

namespace krait::trace {

namespace {

template <class T>
std::uint64_t address_of(const T& object) noexcept {
    return reinterpret_cast<std::uintptr_t>(&object);
}

} // namespace

// The records are standard layout but for what they hold inside, which offsetof knows anyway.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

// All tables of pairs are alike but for where they are.
void intern_table::describe(krait_trace_layout& block, std::uint64_t& count, std::uint64_t& pieces) const noexcept {
    count = address_of(count_);
    pieces = address_of(pieces_);
    block.node_piece_count = piece_count;
    block.node_first_piece_bits = first_piece_bits;
    block.node_bytes = sizeof(entry);
    block.node_value_at = offsetof(entry, value);
    block.node_parent_at = offsetof(entry, ready_parent);
}

void module_table::describe(krait_trace_layout& block) const noexcept {
    block.module_count = address_of(count_);
    block.modules = reinterpret_cast<std::uintptr_t>(rows_);
    block.module_bytes = sizeof(row);
    block.module_is_ready_at = offsetof(row, is_ready);
    block.module_is_gone_at = offsetof(row, is_gone);
    block.module_is_program_at = offsetof(row, is_program);
    block.module_begin_at = offsetof(row, object) + offsetof(os::code_object, begin);
    block.module_end_at = offsetof(row, object) + offsetof(os::code_object, end);
    block.module_bias_at = offsetof(row, object) + offsetof(os::code_object, bias);
    block.module_segments_at = offsetof(row, segments);
    block.module_segment_count_at = offsetof(row, segment_count);
    block.module_build_id_at = offsetof(row, build_id);
    block.module_build_id_bytes_at = offsetof(row, build_id_bytes);
    block.module_path_at = offsetof(row, path);
}

void code_table::describe(krait_trace_layout& block) const noexcept {
    block.code_count = address_of(count_);
    block.codes = reinterpret_cast<std::uintptr_t>(rows_);
    block.code_most = most - 1;
    block.code_bytes = sizeof(row);
    block.code_is_ready_at = offsetof(row, is_ready);
    block.code_first_line_at = offsetof(row, first_line);
    block.code_file_at = offsetof(row, file);
    block.code_function_at = offsetof(row, function);
}

void describe_session() noexcept {
    krait_trace_layout& block = krait_trace_block;
    block.version = KRAIT_TRACE_BLOCK_VERSION;
    block.size = sizeof block;
    block.krait_version = KRAIT_VERSION;
    block.mean_bytes = the_session.chosen.mean_bytes;
    block.frames = the_session.chosen.frames;
    block.to_file = address_of(the_session.to_file);
    block.to_set = address_of(the_session.to_set);
    block.file = reinterpret_cast<std::uintptr_t>(the_session.file.path());
    block.sample_slots = reinterpret_cast<std::uintptr_t>(the_session.samples.slots());
    block.sample_slot_count = live_samples::slot_count;
    const auto& shards = the_session.blocks.shards();
    block.shards = address_of(shards);
    block.shard_count = shards.size();
    block.shard_bytes = sizeof(live_set::shard);
    block.shard_slots_at = offsetof(live_set::shard, slots);
    block.shard_slot_count_at = offsetof(live_set::shard, capacity);
    block.slot_bytes = sizeof(live_slot);
    block.streams = address_of(the_session.streams);
    block.stream_next_at = offsetof(stream, next);
    block.stream_index_at = offsetof(stream, index);
    block.stream_tid_at = offsetof(stream, tid);
    block.stream_first_stamp_at = offsetof(stream, first_stamp);
    block.stream_chunk_at = offsetof(stream, chunk);
    block.stream_filled_at = offsetof(stream, filled);
    block.stream_written_at = offsetof(stream, written);
    block.stream_chunks_at = offsetof(stream, chunks);
    the_session.nodes.describe(block, block.node_count, block.node_pieces);
    the_session.sites.describe(block, block.site_count, block.site_pieces);
    the_session.modules.describe(block);
    the_session.python.codes.describe(block);
    std::atomic_ref(block.magic).store(KRAIT_TRACE_BLOCK_MAGIC, std::memory_order_release);
}

} // namespace krait::trace
