// Takes blocks until there is no more memory, for programs that run under a limit. The blocks form a list in
// themselves.
#pragma once

#include "../../support/hazard.hpp"

namespace hazard {

struct taken_block {
    taken_block* next;
    std::size_t size;
};

constexpr std::size_t sane_limit = std::size_t{1} << 30; // every limit here is far below it

// Blocks of `size` bytes by `allocate`, until it fails, which must be with ENOMEM.
template <class Allocate>
taken_block* exhaust(std::size_t size, Allocate allocate) {
    taken_block* list = nullptr;
    for (std::size_t total = 0;; total += size) {
        errno = 0;
        auto* block = static_cast<taken_block*>(allocate(size));
        if (!block) break;
        if (total > sane_limit) fail("the limit on memory", __FILE__, __LINE__);
        fill(block, size, size);
        *block = {list, size};
        list = block;
    }
    if (errno != ENOMEM) fail("errno == ENOMEM", __FILE__, __LINE__);
    return list;
}

inline std::size_t release(taken_block* list) {
    std::size_t count = 0;
    while (list) {
        taken_block* next = list->next;
        for (std::size_t i = sizeof *list; i < list->size; ++i)
            if (reinterpret_cast<unsigned char*>(list)[i] != pattern(list->size, i))
                fail("contents", __FILE__, __LINE__);
        std::free(list);
        list = next;
        ++count;
    }
    return count;
}

} // namespace hazard
