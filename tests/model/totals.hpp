#pragma once

#include "vocabulary.hpp"

#include <vector>

namespace krait::model {

struct class_totals {
    std::size_t pools = 0;     // with at least one live block
    std::size_t blocks = 0;    // live
    std::size_t available = 0; // in those pools: freed, or not carved yet
};

// What CPython counts when it prints its allocator's statistics; the rest of its lines follow from these.
struct totals {
    std::vector<class_totals> classes; // one for each szidx
    std::size_t unused_pools = 0;      // in the current arenas
    std::size_t arenas_created = 0;
    std::size_t arenas_released = 0;
    std::size_t arenas_high_water = 0;
};

// The text that _PyObject_DebugMallocStats prints for these totals, up to and including its first line "Total".
std::string in_cpythons_words(const totals& t, const layout& l);

} // namespace krait::model
