"""What scripts/gdb/krait.py is made of.

  memory.py            values behind atomics, and lists of free blocks
  heap.py              the heap as the tables have it: arenas, pools, where free blocks wait
  statistics.py        the heap's numbers, as `krait stats` reads them
  commands.py          krait stats, pools, arenas, block
  heap_printers.py     how a pool, an arena and a counter print
  object_printers.py   how the object layer's references and containers print
"""
