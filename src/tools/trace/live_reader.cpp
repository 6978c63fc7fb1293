#include "trace/live_reader.hpp"

#include "observe/refusal.hpp"
#include "trace/format.hpp"
#include "trace/live_process.hpp"
#include "trace/recorded_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

namespace krait::tools {

namespace {

trace_start start_of(const live_process& live, std::uint64_t mean_bytes) {
    const krait_trace_layout& layout = live.layout();
    const pid_t id = live.process().id();
    trace_start start{};
    start.numbers.magic = trace::file_magic;
    start.numbers.version = trace::file_version;
    start.numbers.pid = static_cast<std::uint32_t>(id);
    start.numbers.mean_bytes = mean_bytes;
    start.numbers.frames = static_cast<std::uint32_t>(layout.frames);
    start.numbers.is_snapshot = 1;
    start.numbers.realtime_ns = static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
    start.krait_version = fmt::format("{}.{}.{}", layout.krait_version / 10000, layout.krait_version / 100 % 100,
                                      layout.krait_version % 100);
    std::ifstream arguments(fmt::format("/proc/{}/cmdline", id));
    for (std::string each; std::getline(arguments, each, '\0');) start.command_line.push_back(each);
    std::error_code ignored;
    start.program = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", id), ignored);
    start.folder = std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", id), ignored);
    return start;
}

// What is said of a table of blocks; returns them.
std::vector<live_slot> read_table(const live_process& live, bool is_sampled, trace_visitor& visitor) {
    std::vector<live_slot> blocks = is_sampled ? live.samples() : live.live_blocks();
    visitor.on_modules(0, live.modules());
    live.codes(visitor);
    const std::uint32_t nodes = live.nodes(
        1, [&](std::uint32_t id, std::uint32_t parent, std::uint64_t pc) { visitor.on_frame_node(id, parent, pc); });
    std::set<std::uint32_t> threads;
    for (live_slot& each : blocks) {
        if (each.stack() > nodes) each.stack_and_thread &= 0xffffffff;
        threads.insert(each.thread());
    }
    for (const unwritten_events& each : live.unwritten()) {
        if (threads.erase(each.index) != 0)
            visitor.on_thread(each.index, each.tid, name_of_thread(live.process().id(), each.tid));
    }
<<<<<<< HEAD

  private:
    static constexpr std::uint64_t last_of_no_address = 2; // never used, left, being filled in

    std::string text_at(foreign_address at) const {
        std::string text;
        while (const char next = process_.read<char>(at++)) text += next;
        return text;
    }

    // Slots that were taken or left meanwhile are looked at again: their address is the same before and after.
    std::vector<slot> read_slots(foreign_address from, std::uint64_t count) const {
        static_assert(sizeof(slot) == 24);
        std::vector<slot> first(count), second(count);
        process_.read(from, first.data(), count * sizeof(slot));
        process_.read(from, second.data(), count * sizeof(slot));
        std::vector<slot> same;
        for (std::size_t i = 0; i < count; ++i) {
            if (std::memcmp(&first[i], &second[i], sizeof(slot)) == 0) same.push_back(first[i]);
        }
        return same;
    }

    // A shard that grew meanwhile has its slots elsewhere, and is read again.
    std::vector<slot> read_shards() const {
        std::vector<slot> all;
        for (std::uint64_t i = 0; i < layout_.shard_count; ++i) {
            const foreign_address shard = layout_.shards + i * layout_.shard_bytes;
            constexpr int most_tries = 100;
            for (int tries = 0;; ++tries) {
                const auto slots = process_.read<std::uint64_t>(shard + layout_.shard_slots_at);
                const auto count = process_.read<std::uint64_t>(shard + layout_.shard_slot_count_at);
                if (slots == 0) break;
                try {
                    const std::vector<slot> read = read_slots(slots, count);
                    if (process_.read<std::uint64_t>(shard + layout_.shard_slots_at) == slots) {
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

    void visit_start(trace_visitor& visitor, std::uint64_t mean_bytes) const {
        trace_start start{};
        start.numbers.magic = trace::file_magic;
        start.numbers.version = trace::file_version;
        start.numbers.pid = static_cast<std::uint32_t>(process_.id());
        start.numbers.mean_bytes = mean_bytes;
        start.numbers.frames = static_cast<std::uint32_t>(layout_.frames);
        start.krait_version = fmt::format("{}.{}.{}", layout_.krait_version / 10000, layout_.krait_version / 100 % 100,
                                          layout_.krait_version % 100);
        std::ifstream arguments(fmt::format("/proc/{}/cmdline", process_.id()));
        for (std::string each; std::getline(arguments, each, '\0');) start.command_line.push_back(each);
        std::error_code ignored;
        start.program = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", process_.id()), ignored);
        start.folder = std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", process_.id()), ignored);
        visitor.on_start(start);
    }

    void visit_modules(trace_visitor& visitor) const {
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
        }
        visitor.on_modules(0, modules);
    }

    void visit_nodes(trace_visitor& visitor) {
        constexpr std::uint64_t hidden = std::uint64_t{1} << 62;
        nodes_ = process_.read<std::uint32_t>(layout_.node_count);
        std::vector<char> piece_bytes;
        for (std::uint64_t piece = 0; piece < layout_.node_piece_count; ++piece) {
            const std::uint64_t entries = std::uint64_t{1}
                                          << (layout_.node_first_piece_bits + (piece != 0 ? piece - 1 : 0));
            const std::uint64_t first = piece != 0 ? entries : 0;
            if (first > nodes_) return;
            const auto at = process_.read<std::uint64_t>(layout_.node_pieces + piece * sizeof(std::uint64_t));
            if (at == 0) return;
            const std::uint64_t count = std::min<std::uint64_t>(entries, nodes_ + 1 - first);
            piece_bytes.resize(count * layout_.node_bytes);
            process_.read(at, piece_bytes.data(), piece_bytes.size());
            for (std::uint64_t i = 0; i < count; ++i) {
                const char* const entry = piece_bytes.data() + i * layout_.node_bytes;
                std::uint64_t value;
                std::uint32_t parent;
                std::memcpy(&value, entry + layout_.node_value_at, sizeof value);
                std::memcpy(&parent, entry + layout_.node_parent_at, sizeof parent);
                if (parent != 0)
                    visitor.on_frame_node(static_cast<std::uint32_t>(first + i), parent >> 1, value & ~hidden);
            }
        }
    }

    const foreign_process& process_;
    krait_trace_layout layout_{};
    std::uint32_t nodes_ = 0;
};
=======
    for (const std::uint32_t each : threads) visitor.on_thread(each, 0, "(ended)");
    return blocks;
}
>>>>>>> 70c5236 (Write what is live in a running traced process from outside: krait snapshot, for every event and for samples)

} // namespace

void read_live_blocks(pid_t id, trace_visitor& visitor) {
    const live_process live(id);
    const bool to_set = live.follows_live_blocks(), to_file = live.records_to_file();
    if (!to_set && !to_file) fail("process {} records nothing any more", id);
    const bool is_sampled = to_file && live.layout().mean_bytes != 0;
    const auto age = static_cast<std::uint64_t>(std::max(0.0, live.process().age()) * 1e9);
    visitor.on_start(start_of(live, is_sampled ? live.layout().mean_bytes : 0));
    std::vector<live_slot> blocks =
        is_sampled || to_set ? read_table(live, is_sampled, visitor) : read_recorded_history(live, visitor);
    std::sort(blocks.begin(), blocks.end(), [](const live_slot& a, const live_slot& b) {
        return a.thread() != b.thread() ? a.thread() < b.thread() : a.address < b.address;
    });
    if (const auto memory = live.process().memory()) visitor.on_sample({age, age, memory->rss});
    trace::end_record end{};
    end.stamp = end.monotonic_ns = age;
    end.events = blocks.size();
    visitor.on_end(&end);
    visitor.on_events_begin(blocks.size());
    for (const live_slot& each : blocks)
        visitor.on_event({trace_event_kind::alloc, false, each.thread(), each.stack(), age, each.address, each.size});
}

} // namespace krait::tools
