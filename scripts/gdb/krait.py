"""krait in gdb: printers for its types, and commands that show its heap. Load it with `source scripts/gdb/krait.py`.

  krait stats             what `krait stats PID` says
  krait pools [BYTES]     a row for each size class and each size of blocks of runs in caches, or for each pool of the
                          class that serves a request of BYTES
  krait arenas            a row for each arena in use
  krait block ADDRESS     the arena, pool and class of an address, and whether its block is free, and where it waits

They read memory only: a process that stands still anywhere will do, and a core file. They need krait's debug
information; the first two the krait command too, which counts for them.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from krait_gdb import commands, heap_printers, object_printers

commands.register()
heap_printers.register()
object_printers.register()
