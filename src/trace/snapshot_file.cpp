// Snapshots as files: traces (format.hpp) in which every block is there once, asked for at one moment.
#include "os/errno_kept.hpp"
#include "os/system_call.hpp"
#include "os/whole_file.hpp"
#include "trace/event_code.hpp"
#include "trace/mapped_array.hpp"
#include "trace/session.hpp"
#include "trace/snapshot.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace krait::trace {

namespace {

// Tables of a file's own, for as long as it is written.
struct snapshot_tables {
    intern_table nodes, sites;
    trace_file out;
    bool is_open =
        nodes.open() && sites.open() && out.open(nodes, sites, the_session.modules, the_session.python.codes);
    ~snapshot_tables() {
        out.release();
        nodes.close();
        sites.close();
    }
};

std::uint32_t node_of(const krait_trace_row& row, intern_table& nodes) noexcept {
    std::uint32_t node = 0;
    for (std::uint32_t i = row.frames; i-- != 0;) node = nodes.number_of(node, row.places[i]);
    return node;
}

class block_writer {
  public:
    block_writer(trace_file& out, stream& s) noexcept : out_(out), s_(s) {}

    bool put(std::uint32_t stack, std::uint64_t size) noexcept {
        if ((s_.filled.load(std::memory_order_relaxed) >> 32) + longest_code > s_.chunk_bytes && !flush()) return false;
        std::uint8_t* const from = s_.end_of_code();
        next_address_ += 16;
        std::uint8_t* const end = s_.encoder.alloc_whole(from, stack, next_address_, size);
        const std::uint64_t before = s_.filled.load(std::memory_order_relaxed);
        s_.filled.store(before + stream::packed(static_cast<std::uint64_t>(end - from), 1), std::memory_order_relaxed);
        return true;
    }

    bool flush() noexcept {
        const bool is_written = out_.write_events(s_);
        s_.filled.store(0, std::memory_order_relaxed);
        s_.written = 0;
        return is_written;
    }

    void begin_thread(std::uint32_t thread) noexcept {
        s_.encoder = event_encoder{};
        s_.index = thread;
        s_.is_announced = false;
    }

  private:
    trace_file& out_;
    stream& s_;
    std::uint64_t next_address_ = 0;
};

bool write_blocks(const krait_snapshot& snapshot, snapshot_tables& tables, stream& s) noexcept {
    block_writer writer(tables.out, s);
    std::uint32_t most_threads = 0;
    for (std::size_t i = 0; i < snapshot.count; ++i) most_threads = std::max(most_threads, snapshot.rows[i].thread + 1);
    for (std::uint32_t thread = 0; thread < most_threads; ++thread) {
        writer.begin_thread(thread);
        for (std::size_t i = 0; i < snapshot.count; ++i) {
            const krait_trace_row& row = snapshot.rows[i];
            if (row.thread != thread) continue;
            const std::uint32_t node = node_of(row, tables.nodes);
            for (std::uint64_t k = 0; k < row.count; ++k) {
                if (!writer.put(node, row.size)) return false;
            }
        }
        if (!writer.flush()) return false;
    }
    return true;
}

} // namespace

int dump(const krait_snapshot& snapshot, const char* path) noexcept {
    const os::errno_kept keep;
    snapshot_tables tables;
    mapped_array<unsigned char> chunk(stream::large_chunk);
    mapped_array<stream> streams(1);
    if (!tables.is_open || !chunk.is_there() || !streams.is_there()) return ENOMEM;
    stream& s = *::new (static_cast<void*>(streams.begin())) stream;
    s.chunk = chunk.begin();
    s.chunk_bytes = stream::large_chunk;
    s.first_stamp = stamp_of_arrival();
    start_record start = start_record_now();
    start.mean_bytes = 0;
    start.is_snapshot = 1;
    if (!tables.out.create(path, false, start)) return tables.out.error();
    const bool is_written = write_blocks(snapshot, tables, s);
    end_record last{};
    last.stamp = s.first_stamp;
    last.monotonic_ns = now_ns();
    last.events = tables.out.events();
    const bool is_whole = is_written && tables.out.write_end(last);
    tables.out.close();
    return is_whole ? 0 : tables.out.error();
}

namespace {

struct read_tree final : stack_tree {
    explicit read_tree(mapped_array<stack_node>& from) noexcept : nodes(from) {}
    stack_node at(std::uint32_t node) const noexcept override { return nodes[node]; }
    mapped_array<stack_node>& nodes;
};

// What is read of a dumped file; nothing is read beyond its end.
class dump_reader {
  public:
    explicit dump_reader(const os::whole_file& file) noexcept : file_(file) {}

    bool is_a_trace() const noexcept {
        std::uint64_t magic = 0;
        if (file_.size() < sizeof(record_head) + sizeof(start_record)) return false;
        std::memcpy(&magic, file_.data() + sizeof(record_head), sizeof magic);
        return magic == file_magic;
    }

    // The numbers of nodes and blocks first, then their contents.
    bool count(std::uint64_t& nodes, std::uint64_t& blocks) noexcept {
        nodes = blocks = 0;
        return each_record([&](std::uint32_t kind) noexcept {
            if (kind == static_cast<std::uint32_t>(record_kind::nodes)) {
                const auto table = take<table_record>();
                nodes = std::max<std::uint64_t>(nodes, std::uint64_t{table.first} + table.count);
            } else if (kind == static_cast<std::uint32_t>(record_kind::events)) {
                blocks += take<events_record>().count;
            }
            return true;
        });
    }

    bool read(mapped_array<stack_node>& nodes, mapped_array<live_block>& blocks) noexcept {
        return each_record([&](std::uint32_t kind) noexcept {
            if (kind == static_cast<std::uint32_t>(record_kind::nodes)) return read_nodes(nodes);
            if (kind == static_cast<std::uint32_t>(record_kind::events)) return read_blocks(nodes, blocks);
            return true;
        });
    }

  private:
    template <class Each>
    bool each_record(Each each) noexcept {
        std::size_t at = 0;
        while (file_.size() - at >= sizeof(record_head)) {
            record_head head;
            std::memcpy(&head, file_.data() + at, sizeof head);
            const std::size_t whole = sizeof head + padded(head.length);
            if (whole > file_.size() - at) return true; // cut
            at_ = file_.data() + at + sizeof head;
            end_ = at_ + head.length;
            if (!each(head.kind) || at_ > end_) return false;
            at += whole;
        }
        return true;
    }

    template <class Record>
    Record take() noexcept {
        Record record{};
        if (static_cast<std::size_t>(end_ - at_) >= sizeof record) std::memcpy(&record, at_, sizeof record);
        at_ += sizeof record;
        return record;
    }

    std::uint64_t varint() noexcept {
        std::uint64_t number = 0;
        for (unsigned shift = 0; at_ < end_ && shift < 64; shift += 7) {
            const unsigned char next = *at_++;
            number |= std::uint64_t{next & 0x7fU} << shift;
            if (next < 0x80) return number;
        }
        at_ = end_ + 1;
        return 0;
    }

    bool read_nodes(mapped_array<stack_node>& nodes) noexcept {
        const auto table = take<table_record>();
        std::uint64_t pc = 0;
        for (std::uint32_t id = table.first; id != table.first + table.count; ++id) {
            const std::uint64_t up = varint();
            pc += static_cast<std::uint64_t>(unzigzag(varint()));
            if (up == 0 || up > id || id >= nodes.size()) return false;
            nodes[id] = {static_cast<std::uint32_t>(id - up), pc};
        }
        return true;
    }

    bool read_blocks(mapped_array<stack_node>& nodes, mapped_array<live_block>& blocks) noexcept {
        const auto head = take<events_record>();
        while (at_ < end_) {
            if (*at_++ != code::alloc_whole) return false; // a trace of a program, no dump
            live_block block{};
            const std::uint64_t stack = varint();
            block.size = varint();
            static_cast<void>(varint());
            block.stack = static_cast<std::uint32_t>(stack);
            block.thread = head.thread;
            if (stack >= nodes.size() || !blocks.push(block)) return false;
        }
        return true;
    }

    const os::whole_file& file_;
    const unsigned char* at_ = nullptr;
    const unsigned char* end_ = nullptr;
};

} // namespace

krait_snapshot* load(const char* path) noexcept {
    const os::whole_file file(path);
    if (!file.is_open()) return nullptr;
    dump_reader reader(file);
    std::uint64_t node_count = 0, block_count = 0;
    errno = EINVAL;
    if (!reader.is_a_trace() || !reader.count(node_count, block_count)) return nullptr;
    if (node_count > file.size() || block_count > file.size()) return nullptr; // more than there can be
    mapped_array<stack_node> nodes(node_count + 1);
    mapped_array<live_block> blocks(block_count);
    nodes.shrink(node_count + 1);
    if (!nodes.is_there() || !blocks.is_there()) {
        errno = ENOMEM;
        return nullptr;
    }
    if (!reader.read(nodes, blocks)) return nullptr;
    krait_snapshot* const snapshot = make_snapshot(blocks.begin(), blocks.size(), read_tree(nodes));
    errno = snapshot != nullptr ? 0 : ENOMEM;
    return snapshot;
}

} // namespace krait::trace
