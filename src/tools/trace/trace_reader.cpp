#include "trace/trace_reader.hpp"

#include "failure.hpp"
#include "trace/event_code.hpp"
#include "trace/packing.hpp"
#include "trace/same_moment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <memory>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace krait::tools {

namespace {

using namespace trace;

// A piece of the file, read from its front. Reading beyond its end is a contradiction of the format.
class input {
  public:
    input(const unsigned char* begin, std::uint64_t length) : at_(begin), end_(begin + length) {}

    bool is_empty() const { return at_ == end_; }
    std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }

    const unsigned char* at() const { return at_; }

    std::uint8_t byte() {
        need(1);
        return *at_++;
    }

    std::uint64_t varint() {
        std::uint64_t number = 0;
        for (unsigned shift = 0;; shift += 7) {
            const std::uint8_t next = byte();
            if (shift > 63) fail("the trace is damaged: a number has no end");
            number |= std::uint64_t{next & 0x7fU} << shift;
            if (next < 0x80) return number;
        }
    }

    std::uint32_t small_varint() { return static_cast<std::uint32_t>(varint()); }

    template <class Record>
    Record record() {
        need(sizeof(Record));
        Record read;
        std::memcpy(&read, at_, sizeof read);
        at_ += sizeof read;
        return read;
    }

    // Up to its zero, which is skipped.
    std::string_view text() {
        const auto* const zero = static_cast<const unsigned char*>(std::memchr(at_, 0, left()));
        if (zero == nullptr) fail("the trace is damaged: a text has no end");
        const auto* const begin = reinterpret_cast<const char*>(at_);
        const std::string_view read(begin, static_cast<std::size_t>(zero - at_));
        at_ = zero + 1;
        return read;
    }

    void skip(std::uint64_t bytes) {
        need(bytes);
        at_ += bytes;
    }

  private:
    void need(std::uint64_t bytes) const {
        if (left() < bytes) fail("the trace is damaged: a record ends within an item");
    }

    const unsigned char* at_;
    const unsigned char* end_;
};

trace_start read_start(input in) {
    trace_start start;
    start.numbers = in.record<start_record>();
    const std::uint32_t version = start.numbers.version;
    if (version == 0 || version > file_version)
        fail("a newer krait recorded it: it is of version {}, and this command reads those up to {}", version,
             file_version);
    start.krait_version = in.text();
    start.program = in.text();
    start.folder = in.text();
    for (std::uint32_t i = 0; i < start.numbers.arguments; ++i) start.command_line.emplace_back(in.text());
    return start;
}

std::string in_hex(const module_row& row) {
    std::string hex;
    const std::size_t bytes = std::min<std::size_t>(row.build_id_bytes, row.build_id.size());
    for (std::size_t i = 0; i < bytes; ++i) hex += fmt::format("{:02x}", row.build_id[i]);
    return hex;
}

void read_modules(input in, trace_visitor& visitor) {
    const auto table = in.record<modules_record>();
    std::vector<trace_module> modules;
    for (std::uint32_t i = 0; i < table.count; ++i) {
        const auto row = in.record<module_row>();
        trace_module& module = modules.emplace_back();
        module.bias = row.bias;
        module.begin = row.begin;
        module.end = row.end;
        module.build_id = in_hex(row);
        module.is_program = row.is_program != 0;
        for (std::uint32_t k = 0; k < row.segments; ++k) module.segments.push_back(in.record<segment_row>());
        module.path = input(in).text();
        in.skip(padded(row.path_bytes));
    }
    visitor.on_modules(table.stamp, modules);
}

constexpr std::uint64_t least_bytes_of_code = 24; // its record, with two texts that may be empty

// The recorder counts stacks, sites and code from the first on, and each takes bytes of the file: so no number may be
// beyond those, and none has more room made for it.
void require_possible(std::uint64_t number, std::uint64_t most) {
    if (number > most) fail("the trace is damaged: a number beyond all that a file of its size can hold");
}

// What follows the record of a packed table.
input unpacked_table(input in, std::uint32_t size, std::vector<std::uint8_t>& to) {
    if (size > longest_packed) fail("the trace is damaged: a table that is longer than any");
    to.resize(size);
    if (!unpack(in.at(), in.left(), to.data(), size)) fail("the trace is damaged: a table that was packed");
    return {to.data(), size};
}

void read_nodes(input in, table_record table, std::uint64_t most, trace_visitor& visitor) {
    require_possible(std::uint64_t{table.first} + table.count, most);
    std::uint64_t pc = 0;
    for (std::uint32_t id = table.first; id != table.first + table.count; ++id) {
        const std::uint64_t up = in.varint();
        pc += static_cast<std::uint64_t>(unzigzag(in.varint()));
        if (up == 0 || up > id) fail("the trace is damaged: a stack that contains itself");
        if (pc != 0) visitor.on_frame_node(id, static_cast<std::uint32_t>(id - up), pc);
    }
}

template <class Site>
void read_sites(input in, table_record table, bool is_packed, std::uint64_t most, std::vector<Site>& sites) {
    const std::uint64_t end = std::uint64_t{table.first} + table.count;
    require_possible(end, most);
    if (sites.size() < end) sites.resize(end);
    std::uint64_t stack = 0;
    for (std::uint64_t id = table.first; id != end; ++id) {
        stack = is_packed ? stack + static_cast<std::uint64_t>(unzigzag(in.varint())) : in.varint();
        require_possible(stack, most);
        sites[id] = {static_cast<std::uint32_t>(stack), in.varint()};
    }
}

} // namespace

double sample_weight(std::uint64_t size, std::uint64_t mean_bytes) noexcept {
    if (mean_bytes == 0) return 1;
    return -1 / std::expm1(-static_cast<double>(size) / static_cast<double>(mean_bytes));
}

// One thread's events, from its first chunk to its last: the event at hand and its stamp.
class trace_reader::cursor {
  public:
    cursor(const trace_reader& reader, std::uint32_t thread)
        : reader_(reader), chunks_(reader.chunks_[thread]), in_(nullptr, 0) {
        event_.thread = thread;
    }

    const trace_event& event() const { return event_; }

    std::uint64_t stamp() const { return event_.stamp; }

    // False if there is none.
    bool next() {
        event_.by_realloc = false;
        for (;;) {
            while (in_.is_empty()) {
                if (chunk_ == chunks_.size()) return false;
                begin(chunks_[chunk_++]);
            }
            if (step(in_.byte())) return true;
        }
    }

  private:
    void begin(const chunk& next) {
        in_ = input(next.begin, next.length);
        reader_.passed_over(next.length);
        const auto head = in_.record<events_record>();
        event_.stamp = std::max(event_.stamp, head.stamp);
        if (!next.is_packed) return;
        const auto size = in_.record<std::uint32_t>();
        in_.skip(sizeof(std::uint32_t));
        if (size > longest_packed) fail("the trace is damaged: a chunk that is longer than any");
        unpacked_.resize(size);
        if (!unpack(in_.at(), in_.left(), unpacked_.data(), size))
            fail("the trace is damaged: a chunk that was packed");
        in_ = input(unpacked_.data(), size);
    }

    const site& site_of(std::uint32_t id) const {
        if (id >= reader_.sites_.size()) fail("the trace is damaged: an allocation at a place that it never names");
        return reader_.sites_[id];
    }

    std::uint64_t moved(std::uint64_t from) { return from + (static_cast<std::uint64_t>(unzigzag(in_.varint())) << 3); }

    void allocated(std::uint32_t stack, std::uint64_t size, bool is_where_expected) {
        const unsigned size_class = class_of_size(size);
        event_.kind = trace_event_kind::alloc;
        event_.stack = stack;
        event_.size = size;
        const std::uint64_t expected = model_.expected(size_class);
        event_.address = is_where_expected ? expected : moved(expected);
        model_.allocated(event_.address, size_class);
    }

    void allocated_at(std::uint32_t site_id, bool is_where_expected) {
        const site& known = site_of(site_id);
        allocated(known.stack, known.size, is_where_expected);
    }

    void allocated_low(std::uint32_t high) {
        const std::uint32_t site_id = high + in_.byte();
        allocated_at(site_id, true);
        model_.learn_site(site_id);
    }

    void freed(seen_block& slot) {
        freed(slot.address());
        model_.freed(slot);
    }

    void freed(std::uint64_t address) {
        event_.kind = trace_event_kind::free;
        event_.stack = 0;
        event_.size = 0;
        event_.address = address;
    }

    // Whether the byte began an event.
    bool step(std::uint8_t byte) {
        if (byte < code::free_short) return allocated_at(model_.site_in(byte), true), true;
        if (byte < code::grow_little) return freed(model_.in_short(byte - code::free_short)), true;
        if (byte < code::grow) {
            event_.stamp += byte - code::grow_little + 1U;
            return false;
        }
        if (byte >= code::free_wide) return freed_wide((byte - code::free_wide) * std::size_t{256}), true;
        if (byte >= code::alloc_low) return allocated_low((byte - code::alloc_low) * 256U), true;
        switch (byte) {
        case code::grow:
            event_.stamp += in_.varint();
            return false;
        case code::alloc_site:
        case code::alloc_moved: {
            const std::uint32_t site_id = in_.small_varint();
            allocated_at(site_id, byte == code::alloc_site);
            model_.learn_site(site_id);
            return true;
        }
        case code::alloc_slot: {
            const std::size_t slot = in_.byte();
            if (slot >= event_model::site_slots) break;
            return allocated_at(model_.site_in(slot), false), true;
        }
        case code::alloc_whole: {
            const std::uint32_t stack = in_.small_varint();
            allocated(stack, in_.varint(), false);
            return true;
        }
        case code::free_far:
            freed(moved(model_.last_far()));
            model_.freed_far(event_.address);
            return true;
        case code::by_realloc:
            event_.by_realloc = true;
            return false;
        case code::map:
            event_.kind = trace_event_kind::map;
            event_.stack = in_.small_varint();
            event_.address = in_.varint();
            event_.size = in_.varint();
            return true;
        case code::unmap:
            event_.kind = trace_event_kind::unmap;
            event_.stack = 0;
            event_.address = in_.varint();
            event_.size = in_.varint();
            return true;
        case code::widen:
            wide_ = std::make_unique<event_model::wide_table>();
            model_.widen(wide_.get());
            return false;
        default:
            break;
        }
        fail("the trace is damaged: no event has code {:#x}", byte);
    }

    void freed_wide(std::size_t high) {
        const std::size_t slot = high + in_.byte();
        if (!model_.is_wide()) fail("the trace is damaged: a release without a table of blocks");
        freed(model_.in_wide(slot));
    }

    const trace_reader& reader_;
    const std::vector<chunk>& chunks_;
    std::vector<std::uint8_t> unpacked_;
    std::size_t chunk_ = 0;
    input in_;
    event_model model_;
    std::unique_ptr<event_model::wide_table> wide_;
    trace_event event_{};
};

trace_reader::trace_reader(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail("{}: {}", path, std::strerror(errno));
    struct stat about {};
    const bool is_file = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    size_ = is_file ? static_cast<std::uint64_t>(about.st_size) : 0;
    void* mapped = MAP_FAILED;
    if (size_ != 0) mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    ::close(file);
    if (mapped != MAP_FAILED) data_ = static_cast<const unsigned char*>(mapped);
    record_head head{};
    std::uint64_t magic = 0;
    if (data_ != nullptr && size_ >= sizeof head + sizeof(start_record)) {
        std::memcpy(&head, data_, sizeof head);
        std::memcpy(&magic, data_ + sizeof head, sizeof magic);
    }
    if (head.kind == static_cast<std::uint32_t>(record_kind::start) && magic == file_magic) return;
    if (data_ != nullptr) ::munmap(mapped, size_);
    fail("{}: not a trace of krait's", path);
}

trace_reader::~trace_reader() { ::munmap(const_cast<unsigned char*>(data_), size_); }

std::uint32_t trace_reader::thread_of(std::uint32_t number_in_file) {
    return threads_.try_emplace(number_in_file, static_cast<std::uint32_t>(threads_.size())).first->second;
}

void trace_reader::read_tables(trace_visitor& visitor) {
    threads_.clear();
    chunks_.clear();
    moments_.clear();
    sites_.clear();
    unpacked_bytes_ = 0;
    events_ = 0;
    has_end_ = false;
    cut_bytes_ = size_ - read_records(data_, size_, visitor);
    read_records(reinterpret_cast<const unsigned char*>(appended_.data()), appended_.size(), visitor);
    std::sort(moments_.begin(), moments_.end(), [](const moment& a, const moment& b) { return a.stamp < b.stamp; });
    if (!has_end_) visitor.on_end(nullptr);
}

std::uint64_t trace_reader::read_records(const unsigned char* from, std::uint64_t bytes, trace_visitor& visitor) {
    std::uint64_t at = 0;
    while (bytes - at >= sizeof(record_head)) {
        record_head head;
        std::memcpy(&head, from + at, sizeof head);
        const std::uint64_t whole = sizeof head + padded(head.length);
        if (whole > bytes - at) break;
        read_record(static_cast<record_kind>(head.kind), from + at + sizeof head, head.length, visitor);
        at += whole;
        passed_over(whole);
    }
    return at;
}

void trace_reader::read_record(record_kind kind, const unsigned char* from, std::uint32_t length,
                               trace_visitor& visitor) {
    input in(from, length);
    switch (kind) {
    case record_kind::start: {
        const trace_start start = read_start(in);
        moments_.push_back({start.numbers.stamp, start.numbers.monotonic_ns});
        return visitor.on_start(start);
    }
    case record_kind::modules:
        return read_modules(in, visitor);
    case record_kind::nodes: {
        const auto table = in.record<table_record>();
        return read_nodes(in, table, most_in_tables(), visitor);
    }
    case record_kind::sites: {
        const auto table = in.record<table_record>();
        return read_sites(in, table, false, most_in_tables(), sites_);
    }
    case record_kind::packed_nodes:
    case record_kind::packed_sites:
        return read_packed_table(kind, from, length, visitor);
    case record_kind::thread: {
        const auto thread = in.record<thread_record>();
        return visitor.on_thread(thread_of(thread.index), thread.tid, in.text());
    }
    case record_kind::events:
    case record_kind::packed: {
        const auto events = in.record<events_record>();
        const std::uint32_t thread = thread_of(events.thread);
        if (chunks_.size() <= thread) chunks_.resize(std::size_t{thread} + 1);
        chunks_[thread].push_back({from, length, kind == record_kind::packed});
        events_ += events.count;
        return;
    }
    case record_kind::sample: {
        const auto sample = in.record<sample_record>();
        moments_.push_back({sample.stamp, sample.monotonic_ns});
        return visitor.on_sample(sample);
    }
    case record_kind::code: {
        const auto names = in.record<code_record>();
        require_possible(names.id, (size_ + appended_.size()) / least_bytes_of_code);
        const std::string_view file = in.text();
        return visitor.on_code(names.id, file, in.text(), names.first_line);
    }
    case record_kind::end: {
        const auto end = in.record<end_record>();
        moments_.push_back({end.stamp, end.monotonic_ns});
        visitor.on_end(&end);
        has_end_ = true;
        return;
    }
    default:
        return; // a kind that is not known yet
    }
}

void trace_reader::read_packed_table(record_kind kind, const unsigned char* from, std::uint32_t length,
                                     trace_visitor& visitor) {
    input in(from, length);
    const auto packed = in.record<packed_table_record>();
    std::vector<std::uint8_t> unpacked;
    const input table = unpacked_table(in, packed.unpacked, unpacked);
    unpacked_bytes_ += packed.unpacked;
    if (kind == record_kind::packed_nodes) {
        read_nodes(table, packed.table, most_in_tables(), visitor);
    } else {
        read_sites(table, packed.table, true, most_in_tables(), sites_);
    }
}

// They come back from the file when they are looked at again.
void trace_reader::passed_over(std::uint64_t bytes) const noexcept {
    constexpr std::uint64_t step = std::uint64_t{32} << 20;
    resident_ += bytes;
    if (resident_ < step) return;
    resident_ = 0;
    ::madvise(const_cast<unsigned char*>(data_), size_, MADV_DONTNEED);
}

void trace_reader::read(trace_visitor& visitor) {
    read_tables(visitor);
    visitor.on_events_begin(events_);
    merge_events(visitor);
}

// The cursors in a heap, the first event of all on top. A thread's events mostly come in runs. Those of several threads
// with one stamp are collected and put in order.
void trace_reader::merge_events(trace_visitor& visitor) const {
    std::vector<std::unique_ptr<cursor>> heap;
    for (std::uint32_t thread = 0; thread < chunks_.size(); ++thread) {
        auto each = std::make_unique<cursor>(*this, thread);
        if (each->next()) heap.push_back(std::move(each));
    }
    const auto is_later = [](const auto& a, const auto& b) { return b->stamp() < a->stamp(); };
    std::make_heap(heap.begin(), heap.end(), is_later);
    same_moment together;
    while (!heap.empty()) {
        const std::uint64_t stamp = heap.front()->stamp();
        std::size_t at_hand = 0; // cursors, at the end of the heap
        do {
            std::pop_heap(heap.begin(), heap.end() - static_cast<std::ptrdiff_t>(at_hand), is_later);
            ++at_hand;
        } while (at_hand != heap.size() && heap.front()->stamp() == stamp);
        const bool is_alone = at_hand == 1;
        const bool is_last = is_alone && heap.size() == 1;
        const std::uint64_t until = is_last    ? std::numeric_limits<std::uint64_t>::max()
                                    : is_alone ? heap.front()->stamp()
                                               : stamp + 1;
        for (std::size_t i = heap.size() - at_hand; i != heap.size();) {
            cursor& each = *heap[i];
            if (!is_alone) together.begin_row();
            bool has_more = true;
            do {
                if (is_alone) {
                    visitor.on_event(each.event());
                } else {
                    together.add(each.event());
                }
                has_more = each.next();
            } while (has_more && (is_last || each.stamp() < until));
            if (has_more) {
                ++i;
            } else {
                std::swap(heap[i], heap.back());
                heap.pop_back();
                --at_hand;
            }
        }
        if (!is_alone) together.tell(visitor);
        for (; at_hand != 0; --at_hand)
            std::push_heap(heap.begin(), heap.end() - static_cast<std::ptrdiff_t>(at_hand - 1), is_later);
    }
}

std::uint64_t trace_reader::nanoseconds_at(std::uint64_t stamp) const noexcept {
    if (moments_.size() < 2) return 0;
    auto above = std::upper_bound(moments_.begin() + 1, moments_.end() - 1, stamp,
                                  [](std::uint64_t value, const moment& each) { return value < each.stamp; });
    const moment& after = *above;
    const moment& before = *(above - 1);
    const auto ticks = static_cast<double>(after.stamp - before.stamp);
    const auto passed = static_cast<double>(static_cast<std::int64_t>(stamp - before.stamp));
    const auto length = static_cast<double>(after.monotonic_ns - before.monotonic_ns);
    const double at = static_cast<double>(before.monotonic_ns - moments_.front().monotonic_ns) +
                      (ticks > 0 ? passed * length / ticks : 0);
    return at > 0 ? static_cast<std::uint64_t>(at) : 0;
}

} // namespace krait::tools
