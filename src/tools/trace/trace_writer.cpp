#include "trace/trace_writer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace krait::tools {

using namespace trace;

namespace {

// Records that are long are read in one piece: it should not be a large one.
constexpr std::size_t long_enough = 32768;

std::array<std::uint8_t, 32> bytes_of_hex(const std::string& hex) {
    std::array<std::uint8_t, 32> bytes{};
    for (std::size_t i = 0; i < std::min(hex.size() / 2, bytes.size()); ++i)
        bytes[i] = static_cast<std::uint8_t>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
    return bytes;
}

} // namespace

void trace_writer::put_text(std::string_view part) {
    written_ += part;
    written_ += '\0';
}

void trace_writer::put_varint(std::string& to, std::uint64_t number) const {
    std::array<std::uint8_t, 10> bytes;
    const auto* const end = trace::put_varint(bytes.data(), number);
    to.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(end - bytes.data()));
}

void trace_writer::begin(record_kind kind) {
    finish_pairs();
    finish_blocks();
    record_at_ = written_.size();
    put(record_head{static_cast<std::uint32_t>(kind), 0});
}

void trace_writer::end_record() {
    const auto length = static_cast<std::uint32_t>(written_.size() - record_at_ - sizeof(record_head));
    std::memcpy(written_.data() + record_at_ + offsetof(record_head, length), &length, sizeof length);
    written_.append(padded(length) - length, '\0');
}

void trace_writer::start(const trace_start& start) {
    begin(record_kind::start);
    start_record numbers = start.numbers;
    numbers.arguments = static_cast<std::uint32_t>(start.command_line.size());
    put(numbers);
    for (const std::string* each : {&start.krait_version, &start.program, &start.folder}) put_text(*each);
    for (const std::string& each : start.command_line) put_text(each);
    end_record();
}

void trace_writer::modules(const std::vector<trace_module>& all) {
    begin(record_kind::modules);
    put(modules_record{0, static_cast<std::uint32_t>(all.size()), 0});
    for (const trace_module& module : all) {
        module_row row{};
        row.bias = module.bias;
        row.begin = module.begin;
        row.end = module.end;
        row.build_id = bytes_of_hex(module.build_id);
        row.build_id_bytes = static_cast<std::uint32_t>(std::min(module.build_id.size() / 2, row.build_id.size()));
        row.segments = static_cast<std::uint32_t>(module.segments.size());
        row.path_bytes = static_cast<std::uint32_t>(module.path.size() + 1);
        row.is_program = module.is_program ? 1 : 0;
        put(row);
        for (const segment_row& each : module.segments) put(each);
        put_text(module.path);
        written_.append(padded(row.path_bytes) - row.path_bytes, '\0');
    }
    end_record();
}

// Before what belongs to a pair is put into pairs_.
void trace_writer::pair(record_kind kind, std::uint32_t id) {
    if (blocks_count_ != 0) finish_blocks();
    const bool follows = pairs_count_ != 0 && kind == pairs_kind_ && id == pairs_first_ + pairs_count_;
    if (!follows || pairs_.size() > long_enough) {
        finish_pairs();
        pairs_kind_ = kind;
        pairs_first_ = id;
        pc_before_ = 0;
    }
    ++pairs_count_;
}

void trace_writer::node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc) {
    pair(record_kind::nodes, id);
    put_varint(pairs_, id - parent);
    put_varint(pairs_, zigzag(static_cast<std::int64_t>(pc - pc_before_)));
    pc_before_ = pc;
}

void trace_writer::site(std::uint32_t id, std::uint32_t stack, std::uint64_t size) {
    pair(record_kind::sites, id);
    put_varint(pairs_, stack);
    put_varint(pairs_, size);
}

void trace_writer::finish_pairs() {
    if (pairs_count_ == 0) return;
    const table_record table{pairs_first_, std::exchange(pairs_count_, 0)};
    begin(pairs_kind_);
    put(table);
    written_ += std::exchange(pairs_, {});
    end_record();
}

void trace_writer::code(std::uint32_t id, std::string_view file, std::string_view function, std::uint32_t first_line) {
    begin(record_kind::code);
    put(code_record{id, first_line});
    put_text(file);
    put_text(function);
    end_record();
}

void trace_writer::thread(std::uint32_t index, std::uint32_t tid, std::string_view name, std::uint64_t stamp) {
    begin(record_kind::thread);
    put(thread_record{index, tid, stamp});
    put_text(name);
    end_record();
}

void trace_writer::sample(const sample_record& sample) {
    begin(record_kind::sample);
    put(sample);
    end_record();
}

void trace_writer::events(std::uint32_t thread, std::uint32_t count, std::uint64_t stamp, std::string_view code) {
    begin(record_kind::events);
    put(events_record{thread, count, stamp});
    written_ += code;
    end_record();
    events_ += count;
}

void trace_writer::block(const trace_event& event) {
    if (pairs_count_ != 0) finish_pairs();
    const bool is_first = event.thread != blocks_thread_ || events_ + blocks_count_ == 0;
    if (is_first || blocks_.size() > long_enough) finish_blocks();
    if (is_first) {
        encoder_ = {};
        blocks_thread_ = event.thread;
        blocks_stamp_ = event.stamp;
    }
    ++blocks_count_;
    std::array<std::uint8_t, longest_code> bytes;
    const auto* const end = encoder_.alloc_whole(bytes.data(), event.stack, event.address, event.size);
    blocks_.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(end - bytes.data()));
}

void trace_writer::finish_blocks() {
    if (blocks_count_ == 0) return;
    const std::string code = std::exchange(blocks_, {});
    const std::uint32_t count = std::exchange(blocks_count_, 0);
    events(blocks_thread_, count, std::exchange(blocks_stamp_, 0), code);
}

void trace_writer::end(trace::end_record last) {
    begin(record_kind::end);
    last.events = events_;
    put(last);
    end_record();
}

std::string trace_writer::take() {
    finish_pairs();
    finish_blocks();
    return std::move(written_);
}

} // namespace krait::tools
