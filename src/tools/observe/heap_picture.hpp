#pragma once

#include "observe/foreign_process.hpp"
#include "statistics/read_block.hpp"

#include <krait/stats_block.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

// A running krait heap as seen from outside at one moment: what stats, top and the map show.
namespace krait::tools {

// A pool's place in the map.
enum class pool_state : std::uint8_t {
    purged,   // free, without pages
    resident, // free, its pages still there
    used      // serves a class
};
struct pool_picture {
    pool_state state = pool_state::purged;
    std::uint8_t szidx = 0;
    std::uint8_t percent = 0; // of a used pool's blocks, those handed out to the program or a cache
};

// What a place of the map shows of its pools: of free ones alone, whether any has pages; of pools that serve a class,
// and free ones between them, how much of all is used.
enum class fullness : std::uint8_t {
    purged,
    resident,
    up_to_quarter,
    up_to_half,
    up_to_three_quarters,
    below_all,
    all
};
fullness fullness_of(std::span<const pool_picture> pools);

struct arena_picture {
    std::uint64_t number = 0; // in the reserved range
    std::vector<pool_picture> pools;
};

struct heap_picture : heap_snapshot {
    std::string library;
    std::string version; // of krait in the process
    std::string program;
    pid_t process = 0;
    std::optional<process_memory> memory; // of the whole process
    bool torn = false;                    // the heap changed while it was read: numbers may not add up
    std::uint64_t alignment = 0;
    std::vector<arena_picture> arenas; // in use, by address
    std::vector<cache_row> caches;     // of threads that are there

    std::optional<std::uint64_t> outside() const {
        return heap_snapshot::outside(memory ? std::optional<std::uint64_t>(memory->anonymous) : std::nullopt);
    }
};

class foreign_memory;

// The block at that address, as far as this command knows it; its magic is 0 before the heap serves.
krait_stats_layout read_layout(foreign_memory& memory, foreign_address block);
bool is_of_this_version(const krait_stats_layout& layout);
// What the block tells: all but the library, the program and its memory.
heap_picture read_heap(foreign_memory& memory, const krait_stats_layout& layout);

// A krait in another process.
class observed_heap {
  public:
    // Fails where the process has no krait, one that is too old or too new, or one that has not served anything yet.
    explicit observed_heap(pid_t process);

    // Reads it all, again if it changed meanwhile, but not for ever: then the picture is torn.
    heap_picture read() const;

    // Where the library's tables are, and of which file it is.
    const krait_stats_layout& layout() const noexcept { return layout_; }
    const mapped_library& library() const noexcept { return library_; }

    // Whether the process ended, or became a zombie.
    bool is_gone() const { return process_.is_gone(); }

    // Seconds since the process was started; 0 where it is not known.
    double age() const { return process_.age(); }

  private:
    heap_picture read_once() const;

    foreign_process process_;
    mapped_library library_;
    krait_stats_layout layout_{};
};

} // namespace krait::tools
