"""The misuses, in the order of the table, and what krait promises of each."""
from dataclasses import dataclass

# What krait promises: a text of its own, which is part of its one line, or one of these.
UNNOTICED = "unnoticed"     # the program goes on to its end
SYSTEM = "system"           # the system allocator says it: the block is its own
ENDS = "ends"               # a crash, or the system allocator's word: it depends on what memory holds
NO_PROMISE = "no promise"

SMALL, LARGE = 48, (600, 1000, 20 * 1024, 1024 * 1024)

DOUBLE_FREE = "double free"
NO_START = "free of a pointer that is not the start of a block"
UNUSED_POOL = "free of a block in an unused pool"
OTHER_CLASS = "delete with the size of another class"  # survived by default
DAMAGED = "damaged free list"  # its address is where the list leads to


@dataclass(frozen=True)
class Row:
    title: str
    program: str
    arguments: tuple  # the size of the block first
    promise: str
    promise8: str     # libkrait8.so's, whose blocks of 8 bytes have no room for the mark of a freed one

    @property
    def size(self):
        return self.arguments[0]


def rows(title, program, *rest, small, large=None, tiny=None):
    """One row for a small block, one for each large size (krait's promise for one, or for each), and one for 8 bytes."""
    each = large if isinstance(large, tuple) else (large,) * len(LARGE)
    found = [Row(title, program, (SMALL, *rest), small, small)]
    if large is not None:
        found += [Row(title, program, (size, *rest), promise, promise) for size, promise in zip(LARGE, each)]
    if tiny is not None:
        found.append(Row(title, program, (8, *rest), small, tiny))
    return found


CACHED_TWICE = (DOUBLE_FREE, DOUBLE_FREE, DOUBLE_FREE, ENDS)  # the largest has a mapping of its own, which is gone

ROWS = [
    *rows("double free, at once", "double_free", small=DOUBLE_FREE, large=CACHED_TWICE,
          tiny=NO_PROMISE),
    *rows("double free, five other frees between", "double_free_later", small=DOUBLE_FREE,
          large=CACHED_TWICE, tiny=NO_PROMISE),
    # A cache that begins small keeps the first of many blocks; of the largest it keeps others.
    *rows("double free, past most caches, its neighbours in use", "double_free_past_caches", small=DOUBLE_FREE,
          large=(DOUBLE_FREE, DOUBLE_FREE, SYSTEM, ENDS), tiny=NO_PROMISE),
    *rows("double free, everything freed and trimmed between", "double_free_after_trim", small=UNUSED_POOL, large=(SYSTEM, SYSTEM, SYSTEM, ENDS),
          tiny=UNUSED_POOL),
    *rows("double free, by another thread", "double_free_two_threads", small=DOUBLE_FREE,
          large=CACHED_TWICE, tiny=NO_PROMISE),
    *rows("double free, after realloc moved it", "double_free_after_realloc", small=DOUBLE_FREE,
          large=(SYSTEM, SYSTEM, SYSTEM, NO_PROMISE)),
    *rows("double free, first by __libc_free", "double_free_past_krait", small=DOUBLE_FREE, large=CACHED_TWICE),
    *rows("double free, first by a thread that ended", "double_free_ended_thread", small=DOUBLE_FREE,
          large=ENDS, tiny=NO_PROMISE),
    *rows("free, 16 bytes behind a block's start", "free_inside", 16, small=NO_START, large=SYSTEM),
    *rows("free, 24 bytes behind a block's start", "free_inside", 24, small=NO_START, large=SYSTEM),
    *rows("free, 1 byte behind a block's start", "free_inside", 1, small=NO_START, large=(SYSTEM, ENDS, SYSTEM, SYSTEM)),
    *rows("free in the heap, where no block was yet", "free_never_handed_out", small=UNUSED_POOL),
    *rows("free of a block's neighbour that was never handed out", "free_neighbour_never_carved", small=DOUBLE_FREE),
    *rows("free of a local variable", "free_stack", small=SYSTEM),
    *rows("free of a global variable", "free_global", small=SYSTEM),
    *rows("free of nobody's address", "free_wild", small=ENDS),
    *rows("realloc of a freed block", "realloc_freed", small="realloc of a freed block",
          large=(*3 * ("realloc of a freed block",), ENDS)),
    *rows("realloc, 16 bytes behind a block's start", "realloc_inside",
          small="realloc of a pointer that is not the start of a block", large=SYSTEM),
    *rows("malloc_usable_size of a freed block", "usable_size_freed", small="size of a freed block",
          large=(*3 * ("size of a freed block",), ENDS)),
    *rows("sized delete with twice the size", "sized_delete_other_class", small=OTHER_CLASS, large=UNNOTICED),
    *rows("sized delete with twice the size, by a thread that never allocated", "sized_delete_fresh_thread",
          small=OTHER_CLASS, large=UNNOTICED),
    *rows("new[] of bytes, then delete of one", "new_array_then_delete", small=OTHER_CLASS, large=UNNOTICED),
    *rows("new, then free; new[], then free", "new_then_free", small=UNNOTICED, large=UNNOTICED),
    *rows("malloc, then delete without a size", "malloc_then_delete", small=UNNOTICED, large=UNNOTICED),
    *rows("write behind the end, 1 byte", "overflow", 1, small=UNNOTICED, large=SYSTEM),
    *rows("write behind the end, 16 bytes", "overflow", 16, small=UNNOTICED, large=SYSTEM),
    *rows("write behind the end, 16 bytes into a free block", "overflow_into_free", small=DAMAGED,
          large=(*3 * (DAMAGED,), UNNOTICED)),
    *rows("write to a freed block", "write_after_free", small=DAMAGED,
          large=(*3 * (DAMAGED,), ENDS)),
    *rows("address of a live block written to a freed one's first word", "link_to_live", small=DAMAGED,
          large=(*3 * (DAMAGED,), ENDS), tiny=NO_PROMISE),
]
