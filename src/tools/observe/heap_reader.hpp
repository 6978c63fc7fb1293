#pragma once

#include "observe/heap_picture.hpp"

namespace krait::tools {

// A column's number in its first row; 0 where the library has no such column.
std::uint64_t read_one(const foreign_process& process, krait_stats_column column);

// Reads a heap once, as it is meanwhile, into a picture.
class heap_reader {
  public:
    heap_reader(const foreign_process& process, const krait_stats_layout& layout, heap_picture& picture)
        : process_(process), layout_(layout), picture_(picture) {}

    void read() {
        read_classes();
        read_caches();
        read_arenas();
        read_totals();
    }

  private:
    void read_classes();
    void read_caches();
    void read_arenas();
    void read_totals();

    std::uint64_t capacity(std::size_t szidx) const; // blocks in a pool
    std::uint64_t table_bytes(std::uint64_t arenas) const;
    std::uint64_t metadata() const;
    std::uint64_t resident_tables() const;
    std::vector<std::uint64_t> per_class(krait_stats_column column) const;
    void take_out(std::size_t szidx, std::uint64_t blocks);
    void read_threads();
    void read_thread(foreign_address record);
    void add_passthrough(const std::vector<std::uint64_t>& calls, const std::vector<std::uint64_t>& bytes);
    pool_picture pool_at(bool assigned, bool resident, std::uint64_t pool_class, std::uint64_t used) const;

    const foreign_process& process_;
    const krait_stats_layout& layout_;
    heap_picture& picture_;
    std::vector<band_row> bands_; // all, with calls or without
};

} // namespace krait::tools
