// What a krait of a later version would have.
#include "core/stats_note.hpp"

constinit struct krait_stats_layout krait_stats_block {
    .magic = KRAIT_STATS_BLOCK_MAGIC, .version = KRAIT_STATS_BLOCK_VERSION + 1, .size = sizeof(krait_stats_layout),
};

extern "C" [[gnu::alias("krait_stats_block"), gnu::visibility("hidden"), gnu::used]] krait_stats_layout its_block;
KRAIT_STATS_NOTE(its_block);
