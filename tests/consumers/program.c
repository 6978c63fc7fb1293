/* Takes a block and says how many krait counts. */
#include <krait/krait.h>

#include <stdio.h>
#include <stdlib.h>

#ifdef OWN_NAMES
#define malloc krait_malloc
#define free krait_free
#endif

int main(void) {
    char* block = malloc(100);
    struct krait_stats stats;
    if (krait_stats_get(&stats, sizeof stats) != sizeof stats) return 1;
    int blocks = stats.blocks_in_use;
    printf("krait 0.%d, %s\n", krait_version() / 100, blocks > 0 ? "with blocks" : "without blocks");
    free(block);
    return blocks > 0 ? 0 : 1;
}
