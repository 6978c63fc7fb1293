"""How the object layer prints: references with what they lead to, containers with what they hold."""
import gdb
import gdb.printing

ADDRESS = 2**48 - 1
HAS_CELL = 2**48
IMMORTAL, DYING, CELL_KIND = 2**31, 2**31 - 1 - 2**20, 2**63


def head_of(address):
    kind = gdb.lookup_type("krait::detail::object_head")
    return gdb.Value(address - kind.sizeof).cast(kind.pointer()).dereference()


def record_of(head):
    """The type record, which the head's word leads to directly or by way of the weak cell."""
    word = int(head["word"])
    if word & HAS_CELL:
        cell = gdb.Value(word & ADDRESS).cast(gdb.lookup_type("krait::detail::weak_cell").pointer())
        return cell["record"].dereference()
    return gdb.Value(word & ADDRESS).cast(gdb.lookup_type("krait::detail::type_record").pointer()).dereference()


def type_name(head):
    name = record_of(head)["name"]
    return name["_M_str"].string(length=int(name["_M_len"]))


def describe_count(head):
    count = int(head["count"])
    if count >= IMMORTAL:
        return "immortal"
    return f"count {count - DYING}, dying" if count >= DYING else f"count {count}"


class ReferencePrinter:
    """ref and shared: a pointer to the object."""

    def __init__(self, value):
        self.value = value
        self.kind = value.type.strip_typedefs().name.split("<")[0]

    def to_string(self):
        address = int(self.value["object_"])
        if address == 0:
            return f"{self.kind}: null"
        head = head_of(address)
        return f"{self.kind}: {type_name(head)} at {address:#x}, {describe_count(head)}"

    def children(self):
        target = self.value["object_"]
        if int(target) != 0 and target.dynamic_type.target().code != gdb.TYPE_CODE_VOID:
            yield "object", target.cast(target.dynamic_type).dereference()


class WeakPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        node = self.value["node_"]
        if int(node) == 0:
            return "krait::weak: null"
        handles, target = int(node["handles"]), int(node["target"])
        callback = "" if handles & CELL_KIND else ", with a callback"
        if target == 0:
            return f"krait::weak: expired{callback}"
        head = node["target"].dereference()
        address = target + node["target"].type.target().sizeof
        return f"krait::weak: {type_name(head)} at {address:#x}, {describe_count(head)}{callback}"


class LruCachePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        entries = self.value["entries_"]["_M_impl"]
        held = int(entries["_M_finish"] - entries["_M_start"])
        return f"krait::lru_cache: {held} entries, {int(self.value['hits_'])} hits, {int(self.value['misses_'])} misses"


class WeakMapPrinter:
    """weak_value_map, weak_set and weak_key_map: how many entries, and which."""

    def __init__(self, value):
        self.value = value
        self.kind = value.type.strip_typedefs().name.split("<")[0]
        holder = value["entries_"] if self.kind.endswith("weak_set") else value
        table = holder["table_"]["_M_ptr"]  # null until there is something in it
        self.entries = table["entries"] if int(table) != 0 else None
        self.vacant = int(table["vacant"]) if int(table) != 0 else 0

    def to_string(self):
        held = int(self.entries["_M_h"]["_M_element_count"]) - self.vacant if self.entries is not None else 0
        return f"{self.kind}: {held} entries"

    def children(self):
        if self.entries is not None:
            yield "entries", self.entries


def register():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("krait objects")
    printers.add_printer("ref", "^krait::ref<.*>$", ReferencePrinter)
    printers.add_printer("shared", "^krait::shared<.*>$", ReferencePrinter)
    printers.add_printer("weak", "^krait::weak<.*>$", WeakPrinter)
    printers.add_printer("weak containers", "^krait::weak_(value_map|set|key_map)<.*>$", WeakMapPrinter)
    printers.add_printer("lru_cache", "^krait::lru_cache<.*>$", LruCachePrinter)
    gdb.printing.register_pretty_printer(None, printers, replace=True)
