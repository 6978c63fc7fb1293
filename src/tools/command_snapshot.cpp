#include "commands.hpp"
#include "failure.hpp"
#include "trace/amount_text.hpp"
#include "trace/live_reader.hpp"
#include "trace/trace_writer.hpp"
#include "write_file.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

// What is live as a trace, and what it comes to.
class snapshot final : public trace_visitor {
  public:
    void on_start(const trace_start& start) override {
        mean_bytes_ = start.numbers.mean_bytes;
        program = fs::path(start.program).filename().string();
        records.start(start);
    }
    void on_modules(std::uint64_t, const std::vector<trace_module>& all) override { records.modules(all); }
    void on_frame_node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc) override {
        records.node(id, parent, pc);
    }
    void on_code(std::uint32_t id, std::string_view file, std::string_view function, std::uint32_t line) override {
        records.code(id, file, function, line);
    }
    void on_thread(std::uint32_t index, std::uint32_t tid, std::string_view name) override {
        records.thread(index, tid, name, 0);
    }
    void on_sample(const trace::sample_record& sample) override { records.sample(sample); }
    void on_end(const trace::end_record* end) override { end_ = *end; }
    void on_event(const trace_event& event) override {
        const double weight = sample_weight(event.size, mean_bytes_);
        blocks += weight;
        bytes += weight * static_cast<double>(event.size);
        records.block(event);
    }

    std::string take() {
        records.end(end_);
        return records.take();
    }
    bool is_sampled() const noexcept { return mean_bytes_ != 0; }

    std::string program;
    double blocks = 0, bytes = 0; // estimates, of samples

  private:
    trace_writer records;
    trace::end_record end_{};
    std::uint64_t mean_bytes_ = 0;
};

// PROGRAM.PID.N.snapshot, with the first N that is free; `before` is the last one that is not.
std::string free_name(const std::string& program, pid_t process, std::string& before) {
    for (unsigned i = 1;; ++i) {
        std::string name = fmt::format("{}.{}.{}.snapshot", program, process, i);
        std::error_code none;
        if (!fs::exists(fs::symlink_status(name, none))) return name;
        before = std::move(name);
    }
}

void take_snapshot(pid_t process, std::string file) {
    if (!file.empty()) require_writable_folder_of(file);
    snapshot taken;
    read_live_blocks(process, taken);
    std::string before;
    if (file.empty()) file = free_name(taken.program, process, before);
    write_file(file, taken.take());
    fmt::print("wrote {}: {} live in {} blocks{}\n", file, bytes_text(taken.bytes), count_text(taken.blocks),
               taken.is_sampled() ? ", by estimate" : "");
    fmt::print("      {}\n", before.empty() ? fmt::format("see whose they are with `krait report {}`", file)
                                            : fmt::format("see what grew with `krait diff {} {}`", before, file));
}

} // namespace

void add_snapshot(CLI::App& app) {
    struct snapshot_arguments {
        std::vector<pid_t> processes;
        std::string file;
    };
    auto arguments = std::make_shared<snapshot_arguments>();
    CLI::App* command =
        app.add_subcommand("snapshot", "Write what is live now in a traced process, for report, diff and lines");
    add_process_arguments(*command, arguments->processes)
        ->required()
        ->expected(1)
        ->option_text(" ")
        ->description("A process that krait trace, or KRAIT_TRACE, traces");
    command->add_option("-o,--output", arguments->file, "The snapshot (PROGRAM.PID.N.snapshot)")->option_text("FILE");
    command->callback([arguments] { take_snapshot(arguments->processes.front(), arguments->file); });
}

} // namespace krait::tools
