#include "trace/trace_file.hpp"

#include "base/text.hpp"
#include "krait/krait.h"
#include "os/command_line.hpp"
#include "os/thread.hpp"

#include <algorithm>
#include <cstring>

#define KRAIT_TEXT_OF_(token) #token
#define KRAIT_TEXT_OF(macro) KRAIT_TEXT_OF_(macro)

namespace krait::trace {

bool trace_file::open(intern_table& nodes, intern_table& sites, module_table& modules, code_table& codes) noexcept {
    nodes_ = &nodes;
    sites_ = &sites;
    modules_ = &modules;
    codes_ = &codes;
    rooms_ = static_cast<rooms*>(os::map_anywhere(sizeof(rooms)));
    if (rooms_ == nullptr) return false;
    staged_ = rooms_->staged.data();
    return true;
}

void trace_file::forget() noexcept {
    nodes_written_ = sites_written_ = codes_written_ = modules_version_ = 0;
    events_ = 0;
    staged_bytes_ = 0;
    is_whole_ = true;
    file_.close();
    lock_.reset_in_child();
}

bool trace_file::create(const char* path, bool is_new, const start_record& start) noexcept {
    if (!file_.create(path, is_new)) return false;
    begin(record_kind::start);
    start_record first = start;
    const std::size_t at = staged_bytes_;
    put(first);
    put_text(KRAIT_TEXT_OF(KRAIT_VERSION_MAJOR) "." KRAIT_TEXT_OF(KRAIT_VERSION_MINOR) "." KRAIT_TEXT_OF(
        KRAIT_VERSION_PATCH));
    std::array<char, 4096> text;
    os::program_path(text);
    put_text(text.data());
    os::current_folder(text);
    put_text(text.data());
    constexpr std::size_t most_of_arguments = 32768;
    os::for_each_argument([&](std::string_view argument) {
        if (staged_bytes_ + argument.size() + 1 > most_of_arguments) return;
        put_text(argument);
        ++first.arguments;
    });
    std::memcpy(staged_ + at, &first, sizeof first);
    end();
    flush();
    return is_whole_;
}

bool trace_file::write_events(stream& of, std::span<const std::uint8_t> packed) noexcept {
    const std::uint64_t filled = of.filled.load(std::memory_order_acquire);
    if (filled == of.written) return is_whole_;
    const std::uint64_t from = of.written >> 32;
    const std::uint64_t bytes = (filled >> 32) - from;
    const auto count = static_cast<std::uint32_t>(filled) - static_cast<std::uint32_t>(of.written);
    const bool is_packed = !packed.empty() && from == 0;
    const bool is_first = !of.is_announced;
    put_tables();
    if (is_first) put_thread(of);
    begin(is_packed ? record_kind::packed : record_kind::events);
    put(events_record{of.index, count, is_first ? of.first_stamp : 0});
    if (is_packed) put(std::array{static_cast<std::uint32_t>(bytes), std::uint32_t{0}});
    const std::string_view code = is_packed
                                      ? std::string_view(reinterpret_cast<const char*>(packed.data()), packed.size())
                                      : std::string_view(reinterpret_cast<const char*>(of.chunk + from), bytes);
    // The code follows from where it is.
    const std::size_t head_bytes = staged_bytes_ - record_at_;
    const auto length = static_cast<std::uint32_t>(head_bytes - sizeof(record_head) + code.size());
    std::memcpy(staged_ + record_at_ + offsetof(record_head, length), &length, sizeof length);
    const std::size_t whole = sizeof(record_head) + length;
    const std::array<char, 8> zeros{};
    const std::array parts{std::string_view(reinterpret_cast<const char*>(staged_), staged_bytes_), code,
                           std::string_view(zeros.data(), padded(whole) - whole)};
    staged_bytes_ = 0;
    is_whole_ = is_whole_ && file_.append(parts);
    of.written = filled;
    ++of.chunks;
    if (is_whole_) events_ += count;
    return is_whole_;
}

bool trace_file::write_tables() noexcept {
    put_tables();
    flush();
    return is_whole_;
}

bool trace_file::write_sample(const sample_record& sample) noexcept {
    begin(record_kind::sample);
    put(sample);
    end();
    flush();
    return is_whole_;
}

bool trace_file::write_end(const end_record& last) noexcept {
    put_tables();
    begin(record_kind::end);
    put(last);
    end();
    flush();
    return is_whole_;
}

void trace_file::put_tables() noexcept {
    if (modules_->version() != modules_version_) put_modules();
    put_codes();
    put_pairs(pairs::nodes, *nodes_, nodes_written_);
    put_pairs(pairs::sites, *sites_, sites_written_);
}

void trace_file::put_modules() noexcept {
    modules_version_ = modules_->version();
    // The record is written in one piece: rows that do not fit the stage are left out.
    room_for(staged_most);
    begin(record_kind::modules);
    modules_record table{0, 0, 0};
    const std::size_t at = staged_bytes_;
    put(table);
    modules_->for_each([&](const module_table::row& module) {
        const std::size_t path_bytes = std::strlen(module.path.data()) + 1;
        const std::size_t bytes = sizeof(module_row) + module.segment_count * sizeof(segment_row) + padded(path_bytes);
        if (staged_bytes_ + bytes > staged_most - 8) return;
        module_row row{};
        row.bias = module.object.bias;
        row.begin = module.object.begin;
        row.end = module.object.end;
        row.build_id = module.build_id;
        row.build_id_bytes = module.build_id_bytes;
        row.segments = module.segment_count;
        row.path_bytes = static_cast<std::uint32_t>(path_bytes);
        row.is_program = module.is_program ? 1 : 0;
        put(row);
        put(module.segments.data(), module.segment_count * sizeof(segment_row));
        const std::size_t path_at = staged_bytes_;
        put(module.path.data(), path_bytes);
        pad(path_at);
        ++table.count;
    });
    std::memcpy(staged_ + at, &table, sizeof table);
    end();
}

// Pairs that are still being made are left for the next time, and what follows them is written twice.
void trace_file::put_codes() noexcept {
    for (const std::uint32_t last = codes_->count(); codes_written_ < last; ++codes_written_) {
        const code_table::row* const row = codes_->at(codes_written_ + 1);
        if (row == nullptr) return; // a moment later
        room_for(4096);
        begin(record_kind::code);
        put(code_record{codes_written_ + 1, row->first_line});
        put_text(row->file);
        put_text(row->function);
        end();
    }
}

void trace_file::put_pairs(pairs of, intern_table& table, std::uint32_t& written) noexcept {
    const std::uint32_t last = table.count();
    bool is_complete = true;
    for (std::uint32_t next = written + 1; next <= last;) {
        const std::uint32_t count = std::min(last - next + 1, most_pairs);
        const std::uint32_t whole = put_pairs_record(of, table, {next, count});
        if (is_complete) written = next + whole - 1;
        is_complete = is_complete && whole == count;
        next += count;
    }
}

// Packed, if that is worth it. How many are whole, up to the first one that was still being made.
std::uint32_t trace_file::put_pairs_record(pairs of, intern_table& table, table_record which) noexcept {
    constexpr std::size_t worth_it = 256;
    constexpr std::size_t longest_head = sizeof(record_head) + sizeof(packed_table_record) + 8;
    std::uint32_t whole = 0;
    const auto write = [&](bool is_packed) noexcept {
        whole = 0;
        std::uint8_t* at = rooms_->pairs.data();
        std::uint64_t before = 0;
        for (std::uint32_t id = which.first; id != which.first + which.count; ++id) {
            intern_table::pair pair = table.at(id);
            if (!pair.is_ready) pair = {0, 0, false};
            whole += pair.is_ready && whole == id - which.first ? 1 : 0;
            if (of == pairs::nodes) {
                at = put_varint(at, id - pair.parent);
                at = put_varint(at, zigzag(static_cast<std::int64_t>(pair.value - before)));
                before = pair.value;
            } else {
                at = put_varint(at, is_packed ? zigzag(static_cast<std::int64_t>(pair.parent - before)) : pair.parent);
                at = put_varint(at, pair.value);
                before = pair.parent;
            }
        }
        return static_cast<std::size_t>(at - rooms_->pairs.data());
    };
    std::size_t bytes = write(true);
    if (bytes >= worth_it) {
        const std::size_t packed = rooms_->pack.pack(rooms_->pairs.data(), bytes, rooms_->packed.data());
        if (packed < bytes) {
            room_for(packed + longest_head);
            begin(of == pairs::nodes ? record_kind::packed_nodes : record_kind::packed_sites);
            put(packed_table_record{which, static_cast<std::uint32_t>(bytes), 0});
            put(rooms_->packed.data(), packed);
            end();
            return whole;
        }
    }
    bytes = write(false);
    room_for(bytes + longest_head);
    begin(of == pairs::nodes ? record_kind::nodes : record_kind::sites);
    put(which);
    put(rooms_->pairs.data(), bytes);
    end();
    return whole;
}

// A thread of a snapshot may be gone: it has its number alone.
void trace_file::put_thread(stream& of) noexcept {
    const os::thread_id tid = of.tid.load(std::memory_order_relaxed);
    room_for(128);
    begin(record_kind::thread);
    put(thread_record{of.index, tid, of.first_stamp});
    if (tid != 0) {
        std::array<char, 32> name;
        os::thread_name(tid, name);
        put_text(name.data());
    } else {
        text name([](void* to, std::string_view part) { static_cast<trace_file*>(to)->put(part.data(), part.size()); },
                  this);
        name << "thread " << std::uint64_t{of.index} << '\0';
    }
    end();
    of.is_announced = true;
}

void trace_file::begin(record_kind kind) noexcept {
    room_for(256);
    record_at_ = staged_bytes_;
    put(record_head{static_cast<std::uint32_t>(kind), 0});
}

void trace_file::end() noexcept {
    const auto length = static_cast<std::uint32_t>(staged_bytes_ - record_at_ - sizeof(record_head));
    std::memcpy(staged_ + record_at_ + offsetof(record_head, length), &length, sizeof length);
    pad(record_at_);
}

void trace_file::put(const void* bytes, std::size_t count) noexcept {
    std::memcpy(staged_ + staged_bytes_, bytes, count);
    staged_bytes_ += count;
}

void trace_file::put_text(std::string_view part) noexcept {
    put(part.data(), part.size());
    staged_[staged_bytes_++] = 0;
}

void trace_file::pad(std::size_t from) noexcept {
    const std::size_t end = from + padded(staged_bytes_ - from);
    std::memset(staged_ + staged_bytes_, 0, end - staged_bytes_);
    staged_bytes_ = end;
}

void trace_file::room_for(std::size_t bytes) noexcept {
    if (staged_bytes_ + bytes > staged_most) flush();
}

void trace_file::flush() noexcept {
    if (staged_bytes_ == 0) return;
    const std::array parts{std::string_view(reinterpret_cast<const char*>(staged_), staged_bytes_)};
    staged_bytes_ = 0;
    is_whole_ = is_whole_ && file_.append(parts);
}

} // namespace krait::trace
