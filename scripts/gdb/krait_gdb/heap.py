"""The heap of the process as its tables have it. A name of src/core/ means the same here."""
import gdb

from .memory import bits, chain, elements, number, read_bytes

NO_POOL = 2**32 - 1
NO_BLOCK = 2**16 - 1
NO_CLASS = 2**8 - 1


class Problem(gdb.GdbError):
    """Told to the user in one line."""


def look_up(name):
    found = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if found is None:
        raise Problem("krait is not in this process, or its debug information is not at hand")
    return found


def symbol(name):
    return look_up(name).value()


class Heap:
    """One look at krait::process::the_heap, taken while the process stands still."""

    def __init__(self):
        self.heap = symbol("krait::process::the_heap")
        geometry = self.heap.type.template_argument(0)
        arena_shift, pool_shift, alignment_shift = (int(geometry.template_argument(i)) for i in range(3))
        self.arena_bytes, self.pool_bytes, self.alignment = 1 << arena_shift, 1 << pool_shift, 1 << alignment_shift
        self.pools_per_arena = self.arena_bytes // self.pool_bytes
        self.classes = elements(self.heap["classes_"])
        self.class_count = len(self.classes)
        self.table = self.heap["range_"]
        self.base, self.size = number(self.table["base_"]), number(self.table["size_"])
        if self.size == 0:
            raise Problem("krait serves nothing in this process: no request came yet, or it steps aside")
        self.reserve = int(self.heap["pool_reserve_"])

    # Sizes and places

    def class_size(self, szidx):
        return (szidx + 1) * self.alignment

    def owns(self, address):
        return 0 <= address - self.base < self.size

    def pool_base(self, pool):
        return self.base + pool * self.pool_bytes

    def arena_base(self, arena):
        return self.base + arena * self.arena_bytes

    def first_block(self, pool):
        return self.pool_base(pool) + self.reserve

    # Tables

    def arena(self, number_of_arena):
        return self.table["arenas_"][number_of_arena]

    def pool(self, number_of_pool):
        return self.table["pools_"][number_of_pool]

    def slots(self):
        return number(self.heap["arenas_"]["slots_"]["used_"])

    def arenas_in_use(self):
        return [i for i in range(self.slots()) if bool(self.arena(i)["in_use"])]

    def pool_classes(self):
        """One byte for each pool of the slots in use: szidx + 1, or 0."""
        return read_bytes(int(self.table["pool_class_"]), self.slots() * self.pools_per_arena)

    def capacity(self, szidx):
        return int(self.classes[szidx]["capacity"])

    # Free blocks

    def free_list(self, pool):
        """The addresses in the pool's own list."""
        record = self.pool(pool)
        first = int(record["freeblock"])
        if first == NO_BLOCK:
            return []
        return list(chain(self.pool_base(pool) + first, int(record["carved"])))

    def records(self):
        """The threads' records, those of threads that ended included."""
        table = symbol("krait::process::the_threads")
        count = number(table["count_"])
        found = elements(table["first_records_"])[:count]
        record_pointer = found[0].type.pointer() if found else None
        for piece in map(number, elements(table["pieces_"])[1:]):
            first = gdb.Value(piece).cast(record_pointer) if found else None
            found += [first[i] for i in range(min(len(found), count - len(found)))]
        return found

    def cached(self, cache, szidx):
        """Blocks of the class that the thread cache holds: (in its list, in its spare batch)."""
        held = cache["bins_"]["_M_elems"][szidx + 1]
        listed = max(number(held["batch"]) - number(held["room"]), 0)
        return listed, number(cache["spares_"]["_M_elems"][szidx]["count"])

    def depot_chains(self, szidx):
        """(first block, count) of every batch in the depot."""
        depot = symbol("krait::process::the_depot")
        for slot in elements(depot["shelves_"]["_M_elems"][szidx]["slots"]):
            word = number(slot)
            if word != 0:
                yield self.base + (word & (1 << 40) - 1) * 8, word >> 40

    def where_free(self, block, szidx, pool):
        """Where the block waits to be handed out, in words; None if it is in use."""
        record = self.pool(pool)
        index = (block - self.first_block(pool)) // self.class_size(szidx)
        if index >= int(record["carved"]):
            return "never handed out"
        if block in self.free_list(pool):
            return "in its pool's list"
        for thread in self.records():
            cache = thread["cache"]
            listed, spare = self.cached(cache, szidx)
            lists = ((cache["bins_"]["_M_elems"][szidx + 1]["head"], listed),
                     (cache["spares_"]["_M_elems"][szidx]["head"], spare))
            if any(block in chain(int(head), count) for head, count in lists):
                return f"in the cache of {thread_of(thread)}"
        if any(block in chain(first, count) for first, count in self.depot_chains(szidx)):
            return "in the depot"
        return None


def thread_of(record):
    """The thread whose record it is; it may have ended."""
    number_of_thread = number(record["owner"]) & 2**32 - 1
    for thread in gdb.selected_inferior().threads():
        if thread.ptid[1] == number_of_thread:
            return f"thread {thread.num} (LWP {number_of_thread})"
    return f"a thread that ended (LWP {number_of_thread})"


def describe_mask(mask, of):
    return f"{bits(mask)} of {of} ({mask:#018x})"
