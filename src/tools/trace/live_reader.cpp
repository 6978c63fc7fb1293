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
    const std::uint32_t nodes = live.nodes(
        1, [&](std::uint32_t id, std::uint32_t parent, std::uint64_t pc) { visitor.on_frame_node(id, parent, pc); });
    live.codes(visitor); // those of these nodes, and perhaps more
    std::set<std::uint32_t> threads;
    for (live_slot& each : blocks) {
        if (each.stack() > nodes) each.stack_and_thread &= 0xffffffff;
        threads.insert(each.thread());
    }
    for (const unwritten_events& each : live.unwritten()) {
        if (threads.erase(each.index) != 0)
            visitor.on_thread(each.index, each.tid, name_of_thread(live.process().id(), each.tid));
    }
    for (const std::uint32_t each : threads) visitor.on_thread(each, 0, "(ended)");
    return blocks;
}

} // namespace

void read_live_blocks(pid_t id, trace_visitor& visitor, pid_t with_files) {
    const live_process live(id);
    const bool to_set = live.follows_live_blocks(), to_file = live.records_to_file();
    if (!to_set && !to_file) fail("process {} records nothing any more", id);
    const bool is_sampled = to_file && live.layout().mean_bytes != 0;
    const auto age = static_cast<std::uint64_t>(std::max(0.0, live.process().age()) * 1e9);
    visitor.on_start(start_of(live, is_sampled ? live.layout().mean_bytes : 0));
    std::vector<live_slot> blocks = is_sampled || to_set
                                        ? read_table(live, is_sampled, visitor)
                                        : read_recorded_history(live, with_files != 0 ? with_files : id, visitor);
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
