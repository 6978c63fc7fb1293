"""How krait's own records print: a pool, an arena, a counter."""
import gdb
import gdb.printing

from .heap import NO_BLOCK, NO_CLASS, Heap, describe_mask
from .memory import number


class PoolPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        heap = Heap()
        szidx, used, carved = (int(self.value[name]) for name in ("szidx", "used", "carved"))
        pool = _index(self.value, heap.table["pools_"])
        place = "a copy" if pool is None else f"pool {pool} at {heap.pool_base(pool):#x}"
        if szidx == NO_CLASS:
            return f"{place}: no class"
        listed = "none listed" if int(self.value["freeblock"]) == NO_BLOCK else f"first free at +{int(self.value['freeblock'])}"
        return (f"{place}: {heap.class_size(szidx)} bytes, {used} used, {carved} carved of {heap.capacity(szidx)}, {listed}")


class ArenaPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        heap = Heap()
        arena = _index(self.value, heap.table["arenas_"])
        place = "a copy" if arena is None else f"arena {arena} at {heap.arena_base(arena):#x}"
        masks = ", ".join(f"{name} {describe_mask(int(self.value[name]), heap.pools_per_arena)}"
                          for name in ("assigned", "resident", "purged"))
        state = f"{int(self.value['nfreepools'])} free" if bool(self.value["in_use"]) else "not in use"
        return f"{place}: {state}, {int(self.value['carved'])} carved, {masks}"


class CounterPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return str(number(self.value))


def _index(record, table):
    """Which record of the table it is; None for a copy elsewhere."""
    if record.address is None:
        return None
    index, rest = divmod(int(record.address) - int(table), record.type.sizeof)
    return index if rest == 0 and 0 <= index < 2**32 else None


def register():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("krait")
    printers.add_printer("pool", "^krait::pool$", PoolPrinter)
    printers.add_printer("arena", "^krait::arena$", ArenaPrinter)
    printers.add_printer("owned", "^krait::owned<.*>$", CounterPrinter)
    gdb.printing.register_pretty_printer(None, printers, replace=True)
