"""The kinds of misuse, in the order of the table, and what krait promises of each at each size.

The mistakes themselves are in the program's own table (misuse.hpp); `misuse --list` has the same names.
"""
import re
from dataclasses import dataclass

SMALL, LARGE = (16, 48, 500), (1000, 20000, 1 << 20)
SIZES = SMALL + LARGE
MOST_OWN = 128 * 1024  # that krait's own heap of large blocks serves

# What krait promises: a text of its own, which is part of its one line, or one of these.
UNNOTICED = "unnoticed"      # the program goes on to its end
REFUSED = "refused"          # a null pointer and errno, or std::bad_alloc
SYSTEM = "system"            # the system allocator says it: the block is its own
ENDS = "ends"                # a crash, or somebody's word: it depends on what memory holds
NO_HARM = "no harm"          # whatever else, and also where glibc does harm
NO_PROMISE = "no promise"    # it looks like a block in use, or one that nobody has: no allocator that keeps nothing
                             # before its blocks can know. Harm is possible where glibc does none

DOUBLE_FREE = "double free"
NO_START = "free of a pointer that is not the start of a block"
UNUSED_POOL = "free of a block in an unused pool"
NEVER_HANDED_OUT = "free of a block that was never handed out"
OTHER_CLASS = "delete with the size of another class"  # survived by default, and only the first is said
DAMAGED = "damaged free list"
DAMAGED_OR_SAME = "damaged free list, unless the byte was that already"  # a seal's has any value, 1 in 256 that one


@dataclass(frozen=True)
class Row:
    title: str
    kind: str
    size: int
    promise: str
    promise8: str  # libkrait8.so's
    promise_own: str  # with KRAIT_LARGE=own: a large block of krait's own is known as a small one is


def each(promise):
    return promise if isinstance(promise, tuple) else (promise,) * len(SMALL)


def mapped(promise, last=ENDS):
    """Of large blocks: the largest has a mapping of its own, which is gone when it is freed."""
    return promise, promise, last


def kind(name, title, small, large, small8=None, least=0, own=None):
    """A row for each size from `least` on: of a smaller block it would be another mistake. Promises are one for each size,
    or one for all; `own` of the large ones that krait serves, if it is not small ones' last."""
    own = own or each(small)[-1:] * 2
    of_own = tuple(own[i] if size <= MOST_OWN else each(large)[i] for i, size in enumerate(LARGE))
    columns = zip(SIZES, each(small) + each(large), each(small8 or small) + each(large), each(small) + of_own)
    return [Row(title, name, *each_of) for each_of in columns if each_of[0] >= least]


KEPT = mapped(DOUBLE_FREE)
GLIBCS = mapped(SYSTEM)
WRITTEN = mapped(DAMAGED)
BETWEEN = mapped(ENDS, NO_HARM)  # glibc's words between its blocks
LONG_AGO = (DAMAGED, UNNOTICED)  # the first shares its page with blocks in use: its mark is looked at when it is taken
REALLOC_FREED, REALLOC_INSIDE = "realloc of a freed block", "realloc of a pointer that is not the start of a block"
SIZE_FREED = "size of a freed block"
SIZE_INSIDE = "size of a pointer that is not the start of a block"

ROWS = [
    *kind("double_free", "free twice", DOUBLE_FREE, KEPT),
    *kind("double_free_later", "free twice, five other frees between", DOUBLE_FREE, KEPT),
    *kind("double_free_past_caches", "free twice, so many between that caches are full", DOUBLE_FREE,
          (DOUBLE_FREE, SYSTEM, ENDS)),
    *kind("double_free_after_trim", "free twice, everything freed and trimmed between", UNUSED_POOL, GLIBCS),
    *kind("double_free_list", "free six blocks, then the six in reverse", DOUBLE_FREE, KEPT),
    *kind("double_free_after_realloc", "free after realloc moved the block", DOUBLE_FREE, GLIBCS),
    *kind("double_free_after_realloc_to_0", "free after realloc to 0 bytes", DOUBLE_FREE, GLIBCS),
    *kind("double_free_reused", "free twice, another has the block by then", NO_PROMISE, mapped(NO_PROMISE)),
    *kind("double_free_reused_by_both", "free twice, and the new owner frees it too", DOUBLE_FREE, KEPT),
    *kind("double_free_two_threads", "free twice, by two threads", DOUBLE_FREE, KEPT),
    *kind("double_free_ended_thread", "free twice, first by a thread that ended", DOUBLE_FREE, ENDS),
    *kind("double_free_two_ended_threads", "free twice, by two threads that ended", DOUBLE_FREE, ENDS),
    *kind("double_free_at_thread_end", "free twice, the second time by a key's destructor", DOUBLE_FREE, ENDS),
    *kind("double_free_in_handler", "free twice, the second time in a signal handler", DOUBLE_FREE, KEPT),
    *kind("double_free_in_child", "free twice, the second time in a forked child", DOUBLE_FREE, KEPT),
    *kind("double_free_at_exit", "free twice, the second time at exit", DOUBLE_FREE, KEPT),
    *kind("double_free_libc", "free twice, first as __libc_free", DOUBLE_FREE, mapped(DOUBLE_FREE, SYSTEM)),
    *kind("double_free_first_word_written", "free twice, the first word written between", DAMAGED, KEPT),
    *kind("double_free_second_word_written", "free twice, the second word written between", DAMAGED, WRITTEN),
    *kind("double_free_all_written", "free twice, all written between", DAMAGED, WRITTEN),
    *kind("double_free_calloc", "free twice, of calloc", DOUBLE_FREE, KEPT),
    *kind("double_free_aligned", "free twice, of posix_memalign", DOUBLE_FREE, GLIBCS),
    *kind("double_delete", "delete twice", DOUBLE_FREE, KEPT),
    *kind("double_delete_sized", "delete twice, with the size", DOUBLE_FREE, KEPT),
    *kind("double_delete_array", "delete[] twice", DOUBLE_FREE, KEPT),
    *kind("double_free_long_after", "free twice, thousands freed between", (DOUBLE_FREE, DOUBLE_FREE, UNUSED_POOL), GLIBCS,
          own=(DOUBLE_FREE, DOUBLE_FREE)),
    *kind("double_free_among_freed", "free twice, its neighbours freed between", DOUBLE_FREE, KEPT),
    *kind("double_free_other_size_between", "free twice, twenty of another size freed between", DOUBLE_FREE, KEPT),
    *kind("double_free_after_realloc_elsewhere", "free after a thread moved the block and ended", DOUBLE_FREE, ENDS),
    *kind("realloc_freed_ended_thread", "realloc of what a thread freed that ended", REALLOC_FREED, ENDS),
    *kind("realloc_old_twice", "realloc of what realloc moved", REALLOC_FREED, GLIBCS),
    *kind("realloc_freed", "realloc of a freed block", REALLOC_FREED, mapped(REALLOC_FREED)),
    *kind("realloc_freed_same_size", "realloc of a freed block, its size the same", REALLOC_FREED, mapped(REALLOC_FREED)),
    *kind("usable_size_freed", "malloc_usable_size of a freed block", SIZE_FREED, mapped(SIZE_FREED)),

    *kind("free_inside_1", "free 1 byte behind a start", NO_START, NO_START),
    *kind("free_inside_8", "free 8 bytes behind a start", NO_START, NO_START),
    *kind("free_inside_16", "free 16 bytes behind a start", NO_START, SYSTEM, least=48),
    *kind("free_inside_half", "free in the middle of a block", NO_START, SYSTEM, least=48),
    *kind("free_inside_in_handler", "free 16 bytes behind a start, in a signal handler", NO_START, SYSTEM, least=48),
    *kind("realloc_inside", "realloc 16 bytes behind a start", REALLOC_INSIDE, SYSTEM, least=48),
    # Small blocks lie side by side: one's end is the next one's start.
    *kind("free_one_past", "free at a block's end", NO_PROMISE, (NO_START, NO_START, SYSTEM)),
    *kind("free_before", "free 16 bytes before a block", NO_START, (SYSTEM, SYSTEM, ENDS), least=48),
    *kind("free_never_handed_out", "free in the heap, where no block was yet", UNUSED_POOL, (ENDS, ENDS, NO_HARM),
          own=(UNUSED_POOL, NO_START)),
    *kind("free_never_carved", "free of a neighbour that was never handed out",
          (NEVER_HANDED_OUT, NEVER_HANDED_OUT, UNUSED_POOL), ENDS, own=(DOUBLE_FREE, ENDS)),
    *kind("free_stack", "free of a local variable", SYSTEM, SYSTEM),
    *kind("delete_stack", "delete of a local variable", SYSTEM, SYSTEM),
    *kind("realloc_stack", "realloc of a local variable", SYSTEM, SYSTEM),
    *kind("free_global", "free of a global variable", SYSTEM, SYSTEM),
    *kind("free_constant", "free of a constant", SYSTEM, SYSTEM),
    *kind("free_mapping", "free of a mapping", ENDS, ENDS),
    *kind("free_mapping_64", "free within a mapping", SYSTEM, SYSTEM),
    *kind("free_wild", "free of nobody's address", ENDS, ENDS),
    *kind("free_address_16", "free of address 16", ENDS, ENDS),
    *kind("free_not_canonical", "free of an address that no pointer can have", ENDS, ENDS),
    *kind("free_code", "free of a function", ENDS, ENDS),
    *kind("free_thread_local", "free of a thread's variable", SYSTEM, SYSTEM),
    *kind("free_header", "free 8 bytes before a start", ENDS, ENDS),
    *kind("realloc_wild", "realloc of nobody's address", ENDS, ENDS),
    *kind("realloc_global", "realloc of a global variable", SYSTEM, SYSTEM),
    *kind("delete_inside", "delete 8 bytes behind a start", NO_START, NO_START),
    *kind("usable_size_inside", "malloc_usable_size 16 bytes behind a start", SIZE_INSIDE, ENDS, least=48),
    *kind("free_inside_in_child", "free 16 bytes behind a start, in a forked child", NO_START, SYSTEM, least=48),

    *kind("overrun_live_nul", "a NUL behind the end, into a block in use", UNNOTICED, mapped(NO_HARM, NO_HARM)),
    *kind("overrun_live_1", "1 byte behind the end, into a block in use", UNNOTICED, BETWEEN),
    *kind("overrun_live_8", "8 bytes behind the end, into a block in use", UNNOTICED, BETWEEN),
    *kind("overrun_live_16", "16 bytes behind the end, into a block in use", UNNOTICED, BETWEEN),
    *kind("overrun_live_64", "64 bytes behind the end, into blocks in use", UNNOTICED, BETWEEN),
    *kind("overrun_free_nul", "a NUL behind the end, into a free block", DAMAGED_OR_SAME, mapped(NO_HARM, NO_HARM)),
    *kind("overrun_free_1", "1 byte behind the end, into a free block", DAMAGED, BETWEEN),
    *kind("overrun_free_8", "8 bytes behind the end, into a free block", DAMAGED, BETWEEN),
    *kind("overrun_free_16", "16 bytes behind the end, into a free block", DAMAGED, BETWEEN),
    *kind("overrun_free_64", "64 bytes behind the end, into a free block", DAMAGED, BETWEEN),
    *kind("overrun_in_handler", "8 bytes behind the end, in a signal handler", NO_HARM, NO_HARM),
    *kind("overrun_in_ended_thread", "a NUL behind the end, in a thread that ended", NO_HARM, NO_HARM),
    *kind("past_asked_nul", "a string as long as its block", NO_HARM, NO_HARM),
    *kind("past_asked_1", "1 byte behind what was asked for", NO_HARM, NO_HARM),
    *kind("past_asked_8", "8 bytes behind what was asked for", NO_HARM, NO_HARM),
    *kind("past_asked_16", "16 bytes behind what was asked for", NO_HARM, NO_HARM),
    *kind("past_asked_64", "64 bytes behind what was asked for", NO_HARM, NO_HARM),
    *kind("past_a_neighbour", "as many bytes behind a block as it has", NO_HARM, NO_HARM),
    *kind("past_shrunk", "write to what realloc cut off", NO_HARM, NO_HARM),
    *kind("past_grown", "8 bytes behind what realloc was asked for", NO_HARM, NO_HARM),
    *kind("past_aligned_nul", "a NUL behind a block of posix_memalign", NO_HARM, NO_HARM),
    *kind("past_nothing", "1 byte into a block of no bytes", NO_HARM, NO_HARM),
    *kind("underrun_live_1", "1 byte before the start, into a block in use", UNNOTICED, BETWEEN),
    *kind("underrun_live_8", "8 bytes before the start, into a block in use", UNNOTICED, BETWEEN),
    *kind("underrun_live_16", "16 bytes before the start, into a block in use", UNNOTICED, BETWEEN),
    *kind("underrun_live_64", "64 bytes before the start, into blocks in use", UNNOTICED, BETWEEN),
    *kind("underrun_free_1", "1 byte before the start, into a free block", (DAMAGED_OR_SAME, UNNOTICED, UNNOTICED), BETWEEN),
    *kind("underrun_free_8", "8 bytes before the start, into a free block", (DAMAGED, UNNOTICED, UNNOTICED), BETWEEN),
    *kind("underrun_free_16", "16 bytes before the start, into a free block", (DAMAGED, UNNOTICED, UNNOTICED), BETWEEN),
    *kind("underrun_free_64", "64 bytes before the start, into a free block", (DAMAGED, DAMAGED, UNNOTICED), BETWEEN),
    *kind("header_size", "a size in the word before a block", NO_HARM, NO_HARM),
    *kind("header_zero", "0 in the word before a block", NO_HARM, NO_HARM),
    *kind("header_ones", "all ones in the word before a block", NO_HARM, NO_HARM),

    *kind("write_first_word", "write to a freed block's first word", DAMAGED, WRITTEN),
    *kind("write_second_word", "write to a freed block's second word", DAMAGED, WRITTEN),
    *kind("write_first_words", "write to a freed block's first 32 bytes", DAMAGED, WRITTEN),
    *kind("write_first_byte", "write to a freed block's first byte", DAMAGED, WRITTEN),
    *kind("write_nul", "write a NUL to a freed block's first byte", DAMAGED_OR_SAME, mapped(NO_HARM)),
    *kind("write_zeros", "write zeros all over a freed block", DAMAGED, WRITTEN),
    *kind("write_all", "write all over a freed block", DAMAGED, WRITTEN),
    *kind("write_last_byte", "write to a freed block's last byte", (DAMAGED_OR_SAME, UNNOTICED, UNNOTICED), mapped(UNNOTICED)),
    *kind("write_increment", "add 1 to a freed block's first number", DAMAGED, WRITTEN),
    *kind("write_second_of_list", "write to a block freed before the last one", DAMAGED, WRITTEN),
    *kind("write_after_realloc", "write where realloc moved a block from", DAMAGED, mapped(NO_HARM)),
    *kind("write_after_ended_thread", "write to what a thread freed that ended", DAMAGED, mapped(NO_HARM),
          own=LONG_AGO),
    *kind("write_middle", "write to the middle of a freed block", NO_HARM, NO_HARM),
    *kind("write_last_field", "write to a freed block's last word", NO_HARM, NO_HARM),
    *kind("write_freed_calloc", "write to a freed block of calloc", DAMAGED, WRITTEN),
    *kind("write_freed_aligned", "write to a freed block of posix_memalign", NO_HARM, NO_HARM),
    *kind("write_deleted", "write to a deleted object", DAMAGED, WRITTEN),
    *kind("write_by_another_thread", "write to a freed block, by another thread", NO_HARM, NO_HARM),
    *kind("write_in_handler", "write to a freed block, in a signal handler", DAMAGED, WRITTEN),
    *kind("write_in_child", "write to a freed block, in a forked child", DAMAGED, WRITTEN),
    *kind("read_freed", "read a freed block", NO_HARM, NO_HARM),
    *kind("read_after_realloc", "read where realloc moved a block from", NO_HARM, NO_HARM),
    *kind("read_after_ended_thread", "read what a thread freed that ended", NO_HARM, NO_HARM),
    *kind("link_to_live", "a block in use as a freed one's first word", DAMAGED, WRITTEN),
    *kind("link_into_live", "an address in a block in use as a freed one's first word", DAMAGED, WRITTEN),
    *kind("link_to_free", "another free block as a freed one's first word", DAMAGED, WRITTEN),
    *kind("link_to_free_of_other_size", "a free block of another size as a freed one's first word", DAMAGED, WRITTEN),
    *kind("link_to_itself", "its own address as a freed block's first word", DAMAGED, WRITTEN),
    *kind("link_to_nothing", "0 as a freed block's first word", DAMAGED, WRITTEN),
    *kind("link_to_stack", "a local variable as a freed block's first word", DAMAGED, WRITTEN),
    *kind("copy_of_free", "two words of another free block over a freed one's", DAMAGED, WRITTEN),
    # Freed so long ago that the block is in its pool's own list. One of a run is a bit by then: nothing is harmed.
    *kind("pools_garbage", "write to the first word of a block freed long ago", DAMAGED, mapped(ENDS),
          own=LONG_AGO),
    *kind("pools_both_words", "write to both words of a block freed long ago", DAMAGED, mapped(ENDS),
          own=LONG_AGO),
    *kind("pools_zero", "0 as first word of a block freed long ago", DAMAGED, mapped(ENDS),
          own=LONG_AGO),
    *kind("pools_link_to_live", "a block in use as first word of one freed long ago", DAMAGED, mapped(ENDS),
          own=LONG_AGO),
    *kind("pools_link_to_free", "another free block as first word of one freed long ago", DAMAGED, mapped(ENDS),
          own=LONG_AGO),

    *kind("sized_delete_twice_size", "delete with twice the size", OTHER_CLASS, UNNOTICED),
    *kind("sized_delete_half_size", "delete with half the size", (UNNOTICED, OTHER_CLASS, OTHER_CLASS), UNNOTICED,
          small8=OTHER_CLASS),
    *kind("sized_delete_no_size", "delete with size 0", OTHER_CLASS, UNNOTICED),
    *kind("sized_delete_huge_size", "delete with a size of nearly all addresses", OTHER_CLASS, UNNOTICED),
    *kind("sized_delete_fresh_thread", "delete with twice the size, by a thread that never allocated", OTHER_CLASS,
          UNNOTICED),
    *kind("sized_delete_many", "five deletes with twice the size", OTHER_CLASS, UNNOTICED),
    *kind("sized_delete_one_more", "delete with one byte more", (OTHER_CLASS, OTHER_CLASS, UNNOTICED), UNNOTICED,
          own=(UNNOTICED, UNNOTICED)),
    *kind("sized_delete_one_less", "delete with one byte less", UNNOTICED, UNNOTICED),
    *kind("aligned_sized_delete_twice_size", "aligned delete with twice the size", NO_HARM, NO_HARM),
    *kind("new_array_then_delete", "new[] of bytes, delete of one", (UNNOTICED, OTHER_CLASS, OTHER_CLASS), UNNOTICED,
          small8=OTHER_CLASS),
    *kind("new_then_delete_array", "new, delete[]", UNNOTICED, UNNOTICED),
    *kind("new_then_free", "new, free; new[], free", UNNOTICED, UNNOTICED),
    *kind("malloc_then_delete", "malloc, delete", UNNOTICED, UNNOTICED),
    *kind("aligned_new_then_delete", "aligned new, delete", UNNOTICED, UNNOTICED),
    *kind("new_then_aligned_delete", "new, aligned delete", UNNOTICED, UNNOTICED),
    *kind("free_sized_twice_size", "free_sized with twice the size", UNNOTICED, UNNOTICED),

    *kind("malloc_negative", "malloc of a negative size", REFUSED, REFUSED),
    *kind("malloc_half_of_all", "malloc of half of all addresses", REFUSED, REFUSED),
    *kind("calloc_overflow", "calloc whose product overflows", REFUSED, REFUSED),
    *kind("calloc_wraps_to_small", "calloc whose product overflows to a few bytes", REFUSED, REFUSED),
    *kind("realloc_negative", "realloc to a negative size", REFUSED, REFUSED),
    *kind("reallocarray_overflow", "reallocarray whose product overflows", REFUSED, REFUSED),
    *kind("aligned_alloc_negative", "aligned_alloc of a negative size", REFUSED, REFUSED),
    *kind("memalign_huge", "memalign to half of all addresses", REFUSED, REFUSED),
    *kind("posix_memalign_odd", "posix_memalign to 24 bytes", REFUSED, REFUSED),
    *kind("valloc_negative", "valloc of a negative size", REFUSED, REFUSED),
    *kind("pvalloc_negative", "pvalloc of a negative size", REFUSED, REFUSED),
    *kind("calloc_negative", "calloc of a negative size", REFUSED, REFUSED),
    *kind("posix_memalign_0", "posix_memalign to 0 bytes", REFUSED, REFUSED),
    *kind("new_negative", "new of a negative size", REFUSED, REFUSED),
    *kind("new_array_negative", "new[] of a negative size", REFUSED, REFUSED),
]


# What libkrait_hard.so promises: one of these lines, or, of a large block, which has a mapping of its own, a fault at
# the mistake itself. Refusals are as everywhere.
STOPPED = "stopped"
_NO_START, _NO_BLOCK = "is not the start of a block", "is no block"
_WRITTEN = "write to a freed block|damaged free list"
_BEHIND = "write behind the end of a block"
HARD_LINES = (  # by the first match with a kind's name
    (r"double_free_(after_trim|long|past)", f"double free|{_NO_START}"),  # what was known of free arenas is gone
    (r"double_free|double_delete", "double free"),
    (r"realloc_(freed|old)", "realloc of a freed block"),
    (r"usable_size_freed", "size of a freed block"),
    (r"free_never_carved", f"{_NO_START}|{_NO_BLOCK}|double free|{_WRITTEN}"),  # it may be a live block's
    (r"(free|realloc|usable_size|delete)_(in|before|header|one_past|stack|global|constant|mapping|wild|address|not_c|code"
     r"|thread_local|never)", f"{_NO_START}|{_NO_BLOCK}|double free"),
    (r"overrun|past", f"{_BEHIND}|{_WRITTEN}"),
    (r"underrun|header", f"{_BEHIND}|write before the start of a block|{_WRITTEN}"),
    (r"write|link|copy|pools", _WRITTEN),
    (r".*sized|new_array", "delete with another size than the block was asked for with"),
)
# Nobody can know: zeros written over zeros, reads of what is still mapped, a byte that may be the same (1 in 128),
# functions whose blocks are all alike.
HARD_SILENT = re.compile(r"write_nul|write_zeros|link_to_nothing|copy_of_free|pools_zero|header_zero|read_|new_|malloc_then"
                         r"|aligned_new_then|(over|under)run_(live|free)_1$|past_(asked_1|nothing)$|free_never")


def hard_line(row):
    """A pattern of the line that krait writes, or None where there is none to promise."""
    return next((line for name, line in HARD_LINES if re.match(name, row.kind)), None)
