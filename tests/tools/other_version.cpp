// What a krait of a later version would export.
#include <krait/stats_block.h>

constinit struct krait_stats_layout krait_stats_block {
    .magic = KRAIT_STATS_BLOCK_MAGIC, .version = KRAIT_STATS_BLOCK_VERSION + 1, .size = sizeof(krait_stats_layout),
};
