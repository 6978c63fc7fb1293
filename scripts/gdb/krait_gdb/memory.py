"""Reading the inferior: values behind atomics, and lists of free blocks."""
import struct

import gdb


def number(value):
    """An integer, whatever it is wrapped in: std::atomic and krait::owned have it as their first word."""
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_STRUCT:
        value = value.address.cast(kind.template_argument(0).pointer()).dereference()
    return int(value)


def elements(array):
    """The elements of a std::array, as a list."""
    inside = array["_M_elems"]
    first, last = inside.type.strip_typedefs().range()
    return [inside[i] for i in range(first, last + 1)]


def read_bytes(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def chain(first, longest):
    """The addresses of blocks linked through their first words; ends where the list does, is broken, or is longer than it can be."""
    address = first
    for _ in range(longest):
        if address == 0:
            return
        yield address
        try:
            (address,) = struct.unpack("=Q", read_bytes(address, 8))
        except gdb.MemoryError:
            return


def bits(mask):
    return bin(mask).count("1")
