// The notes by which a reader finds a block that describes krait to it (krait/stats_block.h, krait/trace_block.h) in a
// file without symbols.
#pragma once

#include "krait/stats_block.h"

// This library's or program's own block: krait_stats_block may be another's, where several of them are in one process.
extern "C" [[gnu::visibility("hidden")]] krait_stats_layout krait_own_stats_block;

// At file scope, once in a library or program. `block` is the name of an object that no other file of the process can
// replace: the distance to it is known when the file is linked. `type` is the note's, as a text.
#define KRAIT_NOTE(block, type)                                                                                        \
    asm(".pushsection .note.krait,\"a\",%note\n"                                                                       \
        ".balign 4\n"                                                                                                  \
        ".long 6, 8, " type "\n" /* bytes of the name, bytes of what follows it, type */                               \
        ".asciz \"" KRAIT_STATS_NOTE_NAME "\"\n"                                                                       \
        ".balign 4\n"                                                                                                  \
        ".quad " #block " - .\n"                                                                                       \
        ".popsection\n")

#define KRAIT_STATS_NOTE(block) KRAIT_NOTE(block, KRAIT_STATS_NOTE_TYPE_TEXT)
