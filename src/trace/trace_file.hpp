// Writes the records of a trace (format.hpp), for whoever holds the lock. What belongs in front of a chunk of events
// (modules, nodes, sites, its thread) goes with it in one call of the kernel, as far as it fits.
#pragma once

#include "os/appended_file.hpp"
#include "os/lock.hpp"
#include "trace/code_table.hpp"
#include "trace/intern_table.hpp"
#include "trace/module_table.hpp"
#include "trace/packing.hpp"
#include "trace/stream.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace krait::trace {

class trace_file {
  public:
    // The tables live as long as the file. False without memory.
    [[nodiscard]] bool open(intern_table& nodes, intern_table& sites, module_table& modules,
                            code_table& codes) noexcept;

    // Creates the file and writes its first record. False with error().
    [[nodiscard]] bool create(const char* path, bool is_new, const start_record& start) noexcept;

    // Writes all that is new, and the code of events that the stream has in its chunk. False if not all was written:
    // then nothing more is.
    // `packed`: all of that code, packed; empty if it is not.
    bool write_events(stream& of, std::span<const std::uint8_t> packed = {}) noexcept;
    bool write_tables() noexcept;
    bool write_sample(const sample_record& sample) noexcept;
    bool write_end(const end_record& end) noexcept;
    // In a forked child that goes on with another file.
    void forget() noexcept;

    // Before a filter of system calls comes. False with error().
    bool settle() noexcept { return file_.settle(); }

    bool is_open() const noexcept { return file_.is_open(); }
    void close() noexcept { file_.close(); }
    // Its memory goes.
    void release() noexcept {
        if (rooms_ != nullptr) os::unmap(rooms_, sizeof *rooms_);
    }
    int error() const noexcept { return file_.error(); }
    const char* path() const noexcept { return file_.path(); }
    std::uint64_t events() const noexcept { return events_; }
    os::lock& lock() noexcept { return lock_; }

  private:
    void put_tables() noexcept;
    void put_modules() noexcept;
    void put_codes() noexcept;
    enum class pairs : bool { nodes, sites };
    void put_pairs(pairs of, intern_table& table, std::uint32_t& written) noexcept;
    std::uint32_t put_pairs_record(pairs of, intern_table& table, table_record which) noexcept;
    void put_thread(stream& of) noexcept;
    void begin(record_kind kind) noexcept;
    void end() noexcept;
    void put(const void* bytes, std::size_t count) noexcept;
    void put_text(std::string_view part) noexcept;
    template <class Record>
    void put(const Record& record) noexcept {
        put(&record, sizeof record);
    }
    void pad(std::size_t from) noexcept;
    void room_for(std::size_t bytes) noexcept;
    void flush() noexcept;

    static constexpr std::size_t staged_most = 65536;
    static constexpr std::size_t longest_pair = 16;
    static constexpr std::uint32_t most_pairs = 2048; // of a record
    static_assert(most_pairs * longest_pair <= longest_packed);
    struct rooms {
        std::array<unsigned char, staged_most> staged;
        std::array<std::uint8_t, most_pairs * longest_pair> pairs;
        std::array<std::uint8_t, packer::bound(most_pairs* longest_pair)> packed;
        packer pack;
    };
    os::lock lock_;
    os::appended_file file_;
    intern_table* nodes_ = nullptr;
    intern_table* sites_ = nullptr;
    module_table* modules_ = nullptr;
    code_table* codes_ = nullptr;
    std::uint32_t nodes_written_ = 0, sites_written_ = 0, codes_written_ = 0;
    std::uint32_t modules_version_ = 0;
    std::uint64_t events_ = 0;
    rooms* rooms_ = nullptr;
    unsigned char* staged_ = nullptr; // in it: records that are still to be written
    std::size_t staged_bytes_ = 0;
    std::size_t record_at_ = 0;
    bool is_whole_ = true;
};

} // namespace krait::trace
