// Which blocks of the core's are the program's, and where in them its bytes begin, where the library says so itself:
// libkrait_debug.so and libkrait_hard.so (core/blocks_note.hpp).
//
//   of(block)   the program's part; nothing where what it freed waits, or nobody has it
//
//   decorated   a block with a bit in the table of held ones waits; one with a bit in that of live ones begins there;
//               one without either is none of the program's requests, as it was made before the library was set up
//   guarded     by the byte of where it begins
#pragma once

#include "core/blocks_note.hpp"
#include "doctor/picture_memory.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace krait::tools {

struct heap_block {
    foreign_address start = 0;
    std::uint64_t size = 0;

    bool has(foreign_address at) const noexcept { return at - start < size; }
};

class block_states {
  public:
    // `note` is where the library's answer lies; 0: there is none, and every block is the program's as it is. The range
    // of pools begins at `base` and has so many bytes.
    block_states(const picture_memory& memory, foreign_address note, foreign_address base, std::uint64_t range);

    bool has_any() const noexcept { return kind_ != kind::none; }
    // Whether the core's marks of free blocks are as everywhere.
    bool has_marks() const noexcept { return kind_ != kind::guarded; }
    std::optional<heap_block> of(heap_block core) const noexcept;

  private:
    enum class kind : std::uint8_t { none, decorated, guarded };
    static constexpr unsigned leaf_shift = 20, granule_shift = 4;
    static constexpr std::size_t words_of_leaf = std::size_t{1} << (leaf_shift - granule_shift - 6);
    struct leaf {
        std::array<std::uint64_t, words_of_leaf> live, held;
    };

    void read_tables(foreign_address tables);
    heap_block undecorated(heap_block core, foreign_address start) const noexcept;

    const picture_memory& memory_;
    kind kind_ = kind::none;
    foreign_address base_;
    std::vector<std::uint8_t> bytes_;                  // of a guarded range, one for each granule
    std::unordered_map<foreign_address, leaf> leaves_; // by address >> leaf_shift
};

} // namespace krait::tools
