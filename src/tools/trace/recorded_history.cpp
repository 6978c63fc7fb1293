#include "trace/recorded_history.hpp"

#include "observe/refusal.hpp"
#include "os/ticks.hpp"
#include "trace/live_blocks.hpp"
#include "trace/trace_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

// By the descriptor that the process has: its folders may be other ones than ours, and the name may be gone.
std::string reachable_file(const live_process& live, pid_t id) {
    const std::string name = live.file();
    std::error_code ignored;
    for (const auto& each : fs::directory_iterator(fmt::format("/proc/{}/fd", id), ignored)) {
        const std::string target = fs::read_symlink(each.path(), ignored).string();
        if (target == name || target == name + " (deleted)") return each.path().string();
    }
    return fmt::format("/proc/{}/root{}", id, name);
}

// What the file defines: the rest is the process's still.
struct defined_tables final : trace_visitor {
    std::vector<bool> nodes{true};

    void on_frame_node(std::uint32_t id, std::uint32_t, std::uint64_t) override {
        if (nodes.size() <= id) nodes.resize(std::size_t{id} + 1);
        nodes[id] = true;
    }
    std::uint32_t first_undefined() const {
        return static_cast<std::uint32_t>(std::find(nodes.begin(), nodes.end(), false) - nodes.begin());
    }
};

// The records that the process would write if it ended now.
std::string unwritten_records(const live_process& live, const std::vector<unwritten_events>& chunks,
                              const trace_reader& file, std::uint32_t first_node) {
    trace_writer records;
    records.modules(live.modules());
    live.nodes(first_node,
               [&](std::uint32_t id, std::uint32_t parent, std::uint64_t pc) { records.node(id, parent, pc); });
    live.sites(1, [&](std::uint32_t id, std::uint32_t stack, std::uint64_t size) { records.site(id, stack, size); });
    // Of these nodes, and perhaps more.
    struct codes_to_records final : trace_visitor {
        explicit codes_to_records(trace_writer& to) : records(to) {}
        void on_code(std::uint32_t id, std::string_view file, std::string_view function, std::uint32_t line) override {
            records.code(id, file, function, line);
        }
        trace_writer& records;
    } codes(records);
    live.codes(codes);
    for (const unwritten_events& each : chunks) {
        if (each.count == 0 || file.chunks_of(each.index) != each.chunks) continue;
        const bool is_first = each.chunks == 0;
        if (is_first)
            records.thread(each.index, each.tid, name_of_thread(live.process().id(), each.tid), each.first_stamp);
        records.events(each.index, each.count, is_first ? each.first_stamp : 0, each.code);
    }
    return records.take();
}

// Passes the tables on, and keeps what is live when the history ends.
class live_at_end final : public trace_visitor {
  public:
    live_at_end(trace_visitor& told, std::uint64_t now) : told_(told), end_(now) {}

    void on_start(const trace_start& start) override {
        const bool has_ticks = start.numbers.clock == static_cast<std::uint32_t>(trace::clock_kind::ticks);
        if (!has_ticks) end_ = std::numeric_limits<std::uint64_t>::max();
    }
    void on_modules(std::uint64_t stamp, const std::vector<trace_module>& all) override {
        told_.on_modules(stamp, all);
    }
    void on_frame_node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc) override {
        told_.on_frame_node(id, parent, pc);
    }
    void on_code(std::uint32_t id, std::string_view file, std::string_view function, std::uint32_t line) override {
        told_.on_code(id, file, function, line);
    }
    void on_thread(std::uint32_t index, std::uint32_t tid, std::string_view name) override {
        told_.on_thread(index, tid, name);
    }
    void on_event(const trace_event& event) override {
        if (event.stamp > end_) return;
        if (event.kind == trace_event_kind::free) {
            blocks_.take(event.address);
        } else if (event.kind == trace_event_kind::alloc) {
            const live_block block{event.address, event.size, event.stack, event.thread};
            while (!blocks_.add(block)) blocks_.take(event.address);
        }
    }

    bool is_live(std::uint64_t address) const override { return blocks_.has(address); }

    std::vector<live_slot> take() {
        std::vector<live_slot> all;
        all.reserve(blocks_.size());
        blocks_.for_each([&](const live_block& each) {
            all.push_back({each.address, each.size, std::uint64_t{each.place} << 32 | each.order});
        });
        return all;
    }

  private:
    trace_visitor& told_;
    std::uint64_t end_;
    live_blocks blocks_; // with the stack as their place, and the thread
};

} // namespace

std::vector<live_slot> read_recorded_history(const live_process& live, pid_t with_files, trace_visitor& visitor) {
    const std::uint64_t now = os::ticks() >> os::stamp_shift;
    const std::vector<unwritten_events> chunks = live.unwritten();
    trace_reader file(reachable_file(live, with_files));
    defined_tables defined;
    file.read_tables(defined);
    file.append(unwritten_records(live, chunks, file, defined.first_undefined()));
    live_at_end end(visitor, now);
    file.read(end);
    return end.take();
}

} // namespace krait::tools
