"""Allocations of which a trace knows the Python frames: each keeps a bytearray of a size of its own, from a marked line."""
import ctypes
import functools
import os
import sys
import threading
import zlib

KEPT = []


def keep(size):
    KEPT.append(bytearray(size))  # LINE keep


def straight():
    keep(70001)  # LINE straight


class Holder:
    def __init__(self):
        self.block = bytearray(70002)  # LINE method

    @property
    def more(self):
        return bytearray(70003)  # LINE property


def generator():
    yield None
    yield bytearray(70004)  # LINE generator


def compared(a, b):
    KEPT.append(bytearray(70005))  # LINE compared
    return (a > b) - (a < b)


def sorts():
    sorted([2, 1], key=functools.cmp_to_key(compared))  # LINE sorts


def deep(n):
    return bytearray(70006) if n == 0 else deep(n - 1)  # LINE deep


def deep_through_c(n):
    return bytearray(70007) if n == 0 else next(map(deep_through_c, [n - 1]))  # LINE through_c


async def awaited():
    return bytearray(70008)  # LINE coroutine


async def waits():
    return await awaited()  # LINE awaits


def completed(coroutine):
    try:
        coroutine.send(None)  # LINE sends
    except StopIteration as end:
        return end.value


def größer():
    return bytearray(70009)  # LINE unicode


def without_lock():
    KEPT.append(zlib.compressobj(wbits=15, memLevel=9))  # holds the lock still
    return zlib.compress(os.urandom(300000))  # LINE without_lock


def calls_back(argument):
    KEPT.append(bytearray(70010))  # LINE callback
    return argument


def in_thread():
    KEPT.append(bytearray(70011))  # LINE thread


def raises():
    try:
        raise ValueError(bytearray(70012))  # LINE raises
    except ValueError as error:
        KEPT.append(error)


def everything():
    straight()
    holder = Holder()
    KEPT.extend([holder, holder.more])
    KEPT.extend(generator())  # LINE generated
    sorts()
    KEPT.append(deep(10))
    KEPT.append(deep_through_c(5))
    KEPT.append(completed(waits()))
    KEPT.append(größer())
    KEPT.append(without_lock())
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(calls_back)
    callback(1)
    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    raises()
    KEPT.append([bytearray(70013) for _ in range(1)])  # LINE comprehension
    exec(compile("def made():\n    return bytearray(70014)\nKEPT.append(made())", "<made>", "exec"))


def subinterpreter():
    import _xxsubinterpreters as interpreters
    other = interpreters.create()
    interpreters.run_string(other, "def within():\n    return bytearray(70020)\nkept = within()\n")
    KEPT.append(bytearray(70021))  # LINE after_other


def forks():
    child = os.fork()
    KEPT.append(bytearray(70030 if child == 0 else 70031))  # LINE forked
    if child != 0:
        os.waitpid(child, 0)


def code_comes_and_goes():
    for i in range(1500):
        names = {}
        exec(f"def made_{i % 7}(n):\n{chr(10) * (i % 5)}    return bytes(n)", names)
        names[f"made_{i % 7}"](1000 + i % 35)


def busy_threads():
    """Threads without the lock, at the end of the interpreter too: they are daemons."""
    def work():
        data = os.urandom(100000)
        while True:
            zlib.decompress(zlib.compress(data, 1))
    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    for _ in range(50):
        deep_through_c(20)


def plugins():
    """One library after the other, which come to the same addresses: in turn the first twice, then the second."""
    import _ctypes
    places = set()
    for turn in range(30):
        library = ctypes.CDLL(sys.argv[2 + turn % 3 // 2])
        places.add(ctypes.cast(library.plugin_make, ctypes.c_void_p).value)
        library.plugin_make(ctypes.c_size_t(70040 + turn % 3 // 2))
        _ctypes.dlclose(library._handle)
    print(len(places))


def serve():
    print("ready", flush=True)
    for line in sys.stdin:
        KEPT.extend(bytearray(1000) for _ in range(int(line)))  # LINE served
        print("done", flush=True)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
