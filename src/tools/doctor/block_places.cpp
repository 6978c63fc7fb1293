#include "doctor/block_places.hpp"

#include "krait/stats_block.h"
#include "krait/trace_block.h"
#include "trace/format.hpp"
#include "trace/live_reader.hpp"

#include <algorithm>

namespace krait::tools {

namespace {

foreign_address find_trace_block(const foreign_process& process) {
    for (const mapped_library& each : process.libraries()) {
        try {
            const foreign_address note =
                process.find_note(each, KRAIT_STATS_NOTE_NAME, KRAIT_TRACE_NOTE_TYPE, sizeof(std::int64_t));
            if (note != 0) return note + static_cast<foreign_address>(process.read<std::int64_t>(note));
        } catch (const bad_address&) { // code that is mapped without its file's beginning: no library
        }
    }
    return 0;
}

} // namespace

std::vector<picture_memory::span> recorder_memory(pid_t id) {
    const foreign_process process(id);
    const foreign_address block = find_trace_block(process);
    if (block == 0) return {};
    const auto layout = process.read<krait_trace_layout>(block);
    if (layout.magic != KRAIT_TRACE_BLOCK_MAGIC || layout.version != KRAIT_TRACE_BLOCK_VERSION) return {};
    std::vector<picture_memory::span> spans;
    const auto add = [&](foreign_address start, std::uint64_t slots) {
        if (start != 0) spans.push_back({start, start + slots * layout.slot_bytes});
    };
    add(layout.sample_slots, layout.sample_slot_count);
    for (std::uint64_t i = 0; layout.shards != 0 && i < layout.shard_count; ++i) {
        const foreign_address shard = layout.shards + i * layout.shard_bytes;
        add(process.read<std::uint64_t>(shard + layout.shard_slots_at),
            process.read<std::uint64_t>(shard + layout.shard_slot_count_at));
    }
    return spans;
}

class block_places::reader : public trace_visitor {
  public:
    reader(block_places& into, const heap_blocks& blocks) : into_(into), blocks_(blocks) {}

    void on_start(const trace_start& start) override { into_.is_sampled_ = start.numbers.mean_bytes != 0; }
    void on_frame_node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc) override {
        if (into_.nodes_.size() <= id) into_.nodes_.resize(id + 1);
        into_.nodes_[id] = {parent, pc};
    }
    void on_event(const trace_event& event) override {
        const slot_id slot = blocks_.live_at(event.address);
        if (slot != no_slot) into_.stack_of_.emplace_back(slot, event.stack);
    }

  private:
    block_places& into_;
    const heap_blocks& blocks_;
};

block_places::block_places(pid_t process, pid_t with_files, const heap_blocks& blocks, process_names& names)
    : names_(names) {
    reader into(*this, blocks);
    try {
        read_live_blocks(process, into, with_files);
    } catch (const failure&) { // it runs without the recorder, or keeps no table
        stack_of_.clear();
    }
    std::sort(stack_of_.begin(), stack_of_.end());
}

const std::string& block_places::place_of(slot_id slot) {
    static const std::string none;
    const auto found = std::lower_bound(stack_of_.begin(), stack_of_.end(), std::pair{slot, std::uint32_t{0}});
    if (found == stack_of_.end() || found->first != slot) return none;
    const auto [at, is_new] = texts_.try_emplace(found->second);
    if (is_new) at->second = text_of(found->second);
    return at->second;
}

std::string block_places::text_of(std::uint32_t stack) {
    std::string innermost;
    for (; stack != 0 && stack < nodes_.size(); stack = nodes_[stack].parent) {
        const std::uint64_t pc = nodes_[stack].pc;
        if ((pc & trace::code_flag) != 0 || pc == 0) continue; // an interpreter's
        for (const frame& each : names_.frames_at(pc - 1)) {
            const std::string where = each.line != 0 ? fmt::format(" ({})", each.where()) : "";
            std::string text = each.function + where;
            if (!is_plumbing(each)) return text;
            if (innermost.empty()) innermost = std::move(text);
        }
    }
    return innermost;
}

} // namespace krait::tools
