// What krait's numbers must say of themselves, wherever a test reads them.
#pragma once

#include <krait/stats.h>

namespace support {

// Every byte of the arenas is counted once. Only while no other thread allocates or frees. Without krait all is zero.
inline bool adds_up(const krait_stats& s) {
    return s.arenas_current * s.arena_bytes == s.bytes_in_use + s.bytes_cached + s.bytes_available +
                                                   s.bytes_free_pools + s.bytes_pool_reserve + s.bytes_quantization;
}

} // namespace support
