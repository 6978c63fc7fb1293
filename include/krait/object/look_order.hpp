// What is asked, and where the answer goes: known to the program (look.hpp) and to the reader.
#pragma once

#include <cstddef>
#include <cstdint>

// Of the note; another one for each other form of an order.
#define KRAIT_LOOK_NOTE_TYPE 5
#define KRAIT_LOOK_NOTE_TYPE_TEXT "5"

namespace krait::detail {

struct look_order {
    enum what : std::uint64_t { list, references, names, labels };
    enum bits : std::uint64_t { is_named_by_itself = 1, is_in_care = 2, is_immortal = 4 };

    std::uint64_t wanted = list;
    const std::uint64_t* in = nullptr;
    std::size_t count = 0; // heads in `in`, or pairs of them
    std::uint64_t* out = nullptr;
    std::size_t room = 0; // words
    std::size_t used = 0;
    std::size_t done = 0;
};
static_assert(sizeof(look_order) == 56);

} // namespace krait::detail
