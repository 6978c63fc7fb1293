// What readers of traces do with damaged ones: a small trace with a record of each kind, in which each word and byte is
// changed in turn, each record left out, told twice or moved, and which ends at each byte. A reader says in a sentence
// that it is damaged, or makes something of it in bounded memory; it never faults, nor takes long.
#include "failure.hpp"
#include "trace/formats.hpp"
#include "trace/packing.hpp"
#include "trace/report.hpp"
#include "trace/trace_writer.hpp"
#include "written_trace.hpp"

#include <catch2/catch.hpp>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

using namespace krait;
using namespace krait::tools;

namespace {

// The code of some events of each kind, by the recorder's own encoder.
std::string code_of_events(std::uint32_t& count) {
    std::array<std::uint8_t, 4096> code;
    const auto table = std::make_unique<trace::event_model::wide_table>();
    trace::event_encoder encoder;
    std::uint8_t* at = code.data();
    at = encoder.widen(at, table.get());
    at = encoder.alloc(at, 1, 0x10000, 48);
    at = encoder.alloc(at, 1, 0x10030, 48);
    at = encoder.alloc(at, 2, 0x20000, 600);
    at = trace::event_encoder::grow(at, 3);
    at = encoder.alloc_whole(at, 3, 0x90000, 10000);
    at = trace::event_encoder::map(at, 2, 0x7f0000000000, 8192);
    at = encoder.free(at, 0x10000);
    at = trace::event_encoder::grow(at, 5000);
    at = trace::event_encoder::by_realloc(at);
    at = encoder.free(at, 0x20000);
    at = trace::event_encoder::by_realloc(at);
    at = encoder.alloc(at, 2, 0x30000, 600);
    at = encoder.free(at, 0x55550); // of before the trace
    at = trace::event_encoder::unmap(at, 0x7f0000000000, 8192);
    count = 10;
    for (std::uint64_t i = 0; i < 40; ++i, ++count) at = encoder.alloc(at, 1 + i % 2, 0x40000 + i * 64, 48);
    return {reinterpret_cast<const char*>(code.data()), static_cast<std::size_t>(at - code.data())};
}

void append(std::string& to, const auto& of) { to.append(reinterpret_cast<const char*>(&of), sizeof of); }

std::string packed(const std::string& code) {
    const auto packer = std::make_unique<trace::packer>();
    std::string made(trace::packer::bound(code.size()), '\0');
    made.resize(packer->pack(reinterpret_cast<const std::uint8_t*>(code.data()), code.size(),
                             reinterpret_cast<std::uint8_t*>(made.data())));
    return made;
}

// Of a head and the code behind it, packed.
std::string record_of(trace::record_kind kind, const auto& head, const std::string& code) {
    const std::string made = packed(code);
    std::string record;
    append(record,
           trace::record_head{static_cast<std::uint32_t>(kind), static_cast<std::uint32_t>(sizeof head + made.size())});
    append(record, head);
    record += made;
    record.resize(trace::padded(record.size()));
    return record;
}

std::string packed_record(std::uint32_t thread, std::uint32_t count, const std::string& code) {
    const trace::packed_record head{{thread, count, 6000}, static_cast<std::uint32_t>(code.size()), 0};
    return record_of(trace::record_kind::packed, head, code);
}

// Pairs of numbers as they are in tables, the same again and again.
std::string packed_table(trace::record_kind kind, std::uint32_t first, std::uint32_t count, std::uint64_t one,
                         std::uint64_t two) {
    std::string code;
    for (std::uint32_t i = 0; i < count; ++i) {
        std::array<std::uint8_t, 32> pair;
        const std::uint8_t* const end = trace::put_varint(trace::put_varint(pair.data(), one), two);
        code.append(reinterpret_cast<const char*>(pair.data()), static_cast<std::size_t>(end - pair.data()));
    }
    return record_of(kind, trace::packed_table_record{{first, count}, static_cast<std::uint32_t>(code.size()), 0},
                     code);
}

std::string whole_trace() {
    trace_writer to;
    begin_trace(to, false, 90);
    to.site(1, 3, 48);
    to.site(2, 1, 600);
    // A recursion of 60 more frames, each 16 bytes behind the one before, and a site for each of its stacks.
    std::string tables = packed_table(trace::record_kind::packed_nodes, 4, 60, 1, trace::zigzag(16));
    tables += packed_table(trace::record_kind::packed_sites, 3, 60, trace::zigzag(1), 48);
    to.sample({95, 1000, 4096});
    std::uint32_t count = 0;
    const std::string code = code_of_events(count);
    to.events(0, count, 100, code);
    std::string text = to.take();
    text += tables;
    text += packed_record(1, count, code);
    trace_writer last;
    last.end({20000, 90000, 2 * std::uint64_t{count}, 0, 0, 0});
    return text + last.take();
}

struct extent {
    std::size_t at, bytes;
    std::uint32_t kind;
};
std::vector<extent> records_of(const std::string& text) {
    std::vector<extent> found;
    for (std::size_t at = 0; at < text.size();) {
        trace::record_head head;
        std::memcpy(&head, text.data() + at, sizeof head);
        found.push_back({at, sizeof head + trace::padded(head.length), head.kind});
        at += found.back().bytes;
    }
    return found;
}

class damaged_file {
  public:
    ~damaged_file() { close(file_); }

    void write(const std::string& text) const {
        REQUIRE(ftruncate(file_, 0) == 0);
        REQUIRE(pwrite(file_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    }
    const std::string& path() const { return path_; }

    // Whether it could be read. Every reader of it is asked.
    bool is_read(const std::string& text) const {
        write(text);
        try {
            trace_reader reader(path_);
            profile_request request;
            request.buckets = 4;
            const profile read = read_profile(reader, request);
            frame_names names(read);
            const std::string summary = summary_text(read, names, {}, {});
            static_cast<void>(profile_as_collapsed(read, names, {}, metric::allocated));
            return !summary.empty();
        } catch (const failure& told) {
            REQUIRE(std::string(told.what()).size() > 10);
            return false;
        }
    }

  private:
    int file_ = memfd_create("damaged", MFD_CLOEXEC); // one of a disk would be written to it 4,000 times
    std::string path_ = "/proc/self/fd/" + std::to_string(file_);
};

// No more address space than there is, and a GiB: what damage makes a reader ask for beyond is refused.
class bounded_memory {
  public:
    bounded_memory() {
        getrlimit(RLIMIT_AS, &before_);
        const std::size_t pages = [] {
            std::size_t number = 0;
            if (FILE* const statm = std::fopen("/proc/self/statm", "r"); statm != nullptr) {
                if (std::fscanf(statm, "%zu", &number) != 1) number = 0;
                std::fclose(statm);
            }
            return number;
        }();
        const rlimit now{pages * 4096 + (std::size_t{1} << 30), before_.rlim_max};
        if (pages != 0) setrlimit(RLIMIT_AS, &now);
    }
    ~bounded_memory() { setrlimit(RLIMIT_AS, &before_); }
    bounded_memory(const bounded_memory&) = delete;
    bounded_memory& operator=(const bounded_memory&) = delete;

  private:
    rlimit before_{};
};

} // namespace

TEST_CASE("packed tables of a trace are read as they were written") {
    struct visitor final : trace_visitor {
        void on_start(const trace_start&) override {}
        void on_frame_node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc) override {
            if (id < 4) return;
            CHECK(parent == id - 1);
            CHECK(pc == (id - 3) * 16);
            ++nodes;
        }
        void on_event(const trace_event& event) override {
            if (event.kind != trace_event_kind::alloc || event.address != 0x77770) return;
            CHECK(event.stack == 60);
            CHECK(event.size == 48);
            ++events;
        }
        int nodes = 0, events = 0;
    } seen;
    std::array<std::uint8_t, 64> code;
    trace::event_encoder encoder;
    const std::uint8_t* const end = encoder.alloc(code.data(), 62, 0x77770, 48);
    trace_writer last;
    last.events(2, 1, 100, {reinterpret_cast<const char*>(code.data()), static_cast<std::size_t>(end - code.data())});
    const damaged_file file;
    file.write(whole_trace() + last.take());
    trace_reader reader(file.path());
    reader.read(seen);
    CHECK(seen.nodes == 60);
    CHECK(seen.events == 1);
}

TEST_CASE("a damaged trace is read as far as it goes, or said to be damaged") {
    const std::string whole = whole_trace();
    const std::vector<extent> records = records_of(whole);
    std::set<std::uint32_t> kinds;
    for (const extent& each : records) kinds.insert(each.kind);
    REQUIRE(kinds == std::set<std::uint32_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}); // one more: a record more above
    const damaged_file file;
    REQUIRE(file.is_read(whole));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const bounded_memory bounded;
#endif

    std::size_t read = 0, refused = 0;
    const auto try_one = [&](const std::string& text) { ++(file.is_read(text) ? read : refused); };
    const auto try_changed = [&](std::size_t at, const auto& value) {
        std::string text = whole;
        if (at + sizeof value > text.size()) return;
        std::memcpy(text.data() + at, &value, sizeof value);
        if (text != whole) try_one(text);
    };
    for (std::size_t at = 0; at < whole.size(); ++at) {
        const auto was = static_cast<std::uint8_t>(whole[at]);
        INFO("byte " << at);
        for (const unsigned value : {0xffU, was ^ 1U}) try_changed(at, static_cast<std::uint8_t>(value));
        if (at % 4 != 0) continue;
        for (const std::uint32_t value : {0U, 0xffffffffU, 0x7fffffffU, 60000U}) try_changed(at, value);
        if (at % 8 == 0) try_changed(at, ~std::uint64_t{0});
    }
    for (std::size_t bytes = 0; bytes < whole.size(); bytes += 3) try_one(whole.substr(0, bytes));
    for (const extent& each : records) {
        const std::string one = whole.substr(each.at, each.bytes);
        const std::string without = whole.substr(0, each.at) + whole.substr(each.at + each.bytes);
        INFO("record of kind " << each.kind);
        try_one(without);
        try_one(whole + one);
        for (const extent& other : records) {
            std::string moved = without;
            moved.insert(std::min(other.at, moved.size()), one);
            if (other.at <= each.at + each.bytes) try_one(moved);
        }
    }
    CHECK(read > 1000);
    CHECK(refused > 300);
}
