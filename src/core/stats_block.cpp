// The statistics block, and the note that leads to it. A file of its own: whatever of krait a program links needs it,
// so it comes along from an archive.
#include "core/stats_note.hpp"

constinit struct krait_stats_layout krait_stats_block {};

extern "C"
    [[gnu::alias("krait_stats_block"), gnu::visibility("hidden"), gnu::used]] krait_stats_layout krait_own_stats_block;
KRAIT_STATS_NOTE(krait_own_stats_block);
