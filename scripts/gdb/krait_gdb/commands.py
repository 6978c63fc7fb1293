"""krait stats, pools, arenas, block."""
import gdb

from .heap import NO_CLASS, Heap, Problem
from .memory import bits
from .statistics import snapshot


class KraitCommand(gdb.Command):
    """krait's heap: `krait stats`, `krait pools [BYTES]`, `krait arenas`, `krait block ADDRESS`."""

    def __init__(self):
        super().__init__("krait", gdb.COMMAND_DATA, gdb.COMPLETE_COMMAND, prefix=True)


class StatsCommand(gdb.Command):
    """What `krait stats PID` says, here of a core file too."""

    def __init__(self):
        super().__init__("krait stats", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        said = snapshot("text")
        print(said[said.index("\n") + 1:], end="")  # gdb knows which process it is


class PoolsCommand(gdb.Command):
    """`krait pools`: a row for each size class, and for each size of blocks of runs that threads' caches keep.
    `krait pools BYTES`: a row for each pool of the class that serves that many."""

    def __init__(self):
        super().__init__("krait pools", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if argument:
            self.print_pools(Heap(), int(gdb.parse_and_eval(argument)))
        else:
            self.print_classes()

    @staticmethod
    def print_classes():
        print(f"{'size':>5} {'pools':>8} {'in use':>10} {'cached':>8} {'available':>10}")
        said = snapshot("json")
        for each in said["classes"]:
            if each["pools"] != 0:
                print(f"{each['size']:>5} {each['pools']:>8,} {each['blocks_in_use']:>10,} {each['blocks_cached']:>8,} "
                      f"{each['blocks_available']:>10,}")
        for each in said["run_caches"]:
            print(f"{each['size']:>5} bytes of runs {each['blocks_cached']:>14,} cached")

    @staticmethod
    def print_pools(heap, size):
        if not 0 < size <= heap.class_size(heap.class_count - 1):
            raise Problem(f"{size} bytes: pools serve 1 to {heap.class_size(heap.class_count - 1)}")
        szidx = (size - 1) // heap.alignment
        pools = [i for i, of_class in enumerate(heap.pool_classes()) if of_class == szidx + 1]
        print(f"{len(pools)} pools of {heap.capacity(szidx)} blocks of {heap.class_size(szidx)} bytes")
        if pools:
            print(f"{'pool':>8} {'address':>18} {'used':>5} {'carved':>6} {'listed':>6}")
        for pool in pools:
            record = heap.pool(pool)
            print(f"{pool:>8} {heap.pool_base(pool):>#18x} {int(record['used']):>5} {int(record['carved']):>6} "
                  f"{len(heap.free_list(pool)):>6}")


class ArenasCommand(gdb.Command):
    """A row for each arena in use. A mask has a bit for each pool, the first pool's lowest."""

    def __init__(self):
        super().__init__("krait arenas", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        heap = Heap()
        print(f"{'arena':>6} {'address':>18} {'free':>4} {'assigned':>18} {'resident':>18} {'purged':>18}")
        for arena in heap.arenas_in_use():
            record = heap.arena(arena)
            masks = " ".join(f"{int(record[name]):#018x}" for name in ("assigned", "resident", "purged"))
            print(f"{arena:>6} {heap.arena_base(arena):>#18x} {int(record['nfreepools']):>4} {masks}")


class BlockCommand(gdb.Command):
    """What an address is to krait: `krait block ADDRESS`."""

    def __init__(self):
        super().__init__("krait block", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if not argument:
            raise Problem("krait block ADDRESS: an address, or an expression with one")
        heap, address = Heap(), int(gdb.parse_and_eval(argument)) & 2**64 - 1
        if not heap.owns(address):
            print(f"{address:#x} is not krait's: its range is {heap.base:#x} to {heap.base + heap.size:#x}")
            return
        pool = (address - heap.base) // heap.pool_bytes
        arena = pool // heap.pools_per_arena
        if arena >= heap.slots():
            print(f"{address:#x} lies in krait's range, where no arena was yet")
            return
        print(self.describe(heap, address, pool))
        print(self.describe_pool(heap, pool, arena))
        print(f"arena {arena} at {heap.arena_base(arena):#x}: {self.describe_arena(heap, arena)}")

    @staticmethod
    def describe(heap, address, pool):
        szidx = heap.pool_classes()[pool] - 1
        if szidx < 0:
            return f"{address:#x} lies in an unused pool"
        size, capacity = heap.class_size(szidx), heap.capacity(szidx)
        index, inside = divmod(address - heap.first_block(pool), size)
        if not 0 <= index < capacity:
            return f"{address:#x} lies in no block: blocks of {size} bytes leave bytes over at the ends of their pool"
        block = address - inside
        where = heap.where_free(block, szidx, pool)
        place = f"is block {index}" if inside == 0 else f"lies {inside} bytes into block {index} ({block:#x})"
        state = "in use" if where is None else f"free, {where}"
        return f"{address:#x} {place} of {capacity}, {size} bytes each: {state}"

    @staticmethod
    def describe_pool(heap, pool, arena):
        record, bit = heap.pool(pool), 1 << pool % heap.pools_per_arena
        place = f"pool {pool} at {heap.pool_base(pool):#x}"
        if int(heap.arena(arena)["assigned"]) & bit:
            return f"{place}: {int(record['used'])} used, {int(record['carved'])} carved, {len(heap.free_list(pool))} in its list"
        pages = "it may have pages" if int(heap.arena(arena)["resident"]) & bit else "it has no pages"
        last = int(record["szidx"])
        served = f", it served {heap.class_size(last)} bytes last" if pages == "it may have pages" and last != NO_CLASS else ""
        return f"{place}: {pages}{served}"

    @staticmethod
    def describe_arena(heap, arena):
        record = heap.arena(arena)
        if not bool(record["in_use"]):
            return "it went back"
        return f"{bits(int(record['assigned']))} of {heap.pools_per_arena} pools serve a class"


def register():
    for command in (KraitCommand, StatsCommand, PoolsCommand, ArenasCommand, BlockCommand):
        command()
