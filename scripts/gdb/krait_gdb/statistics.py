"""The heap's numbers, by the krait command's reading of them (src/statistics/read_block.hpp): gdb lends it the program's memory."""
import json
import os
import pathlib
import shutil
import subprocess

import gdb

from .heap import Problem, look_up, symbol
from .memory import read_bytes


def command():
    """The krait command that came with the library; $KRAIT names another one."""
    library = pathlib.Path(look_up("krait::process::the_heap").symtab.objfile.filename)
    places = (os.environ.get("KRAIT"), library.parent / "krait", library.parent.parent / "bin" / "krait", shutil.which("krait"))
    for place in places:
        if place and os.access(place, os.X_OK) and os.path.isfile(place):
            return place
    raise Problem("the krait command is neither beside the library nor in PATH: set KRAIT to where it is")


def snapshot(form):
    """What `krait stats` says of the program, a process that stands still or a core file; form: text or json."""
    block = int(symbol("krait_own_stats_block").address)
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    with subprocess.Popen([command(), "stats", "--block", hex(block), "--format", form], env=environment,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asker:
        for line in iter(asker.stdout.readline, b"done\n"):
            if not line.startswith(b"read "):
                raise Problem(asker.stderr.read().decode().strip() or "the krait command went away")
            address, size = (int(number, 16) for number in line.split()[1:])
            try:
                answer = b"y" + read_bytes(address, size)
            except gdb.MemoryError:
                answer = b"n"
            asker.stdin.write(answer)
            asker.stdin.flush()
        said = asker.stdout.read().decode()
    return json.loads(said) if form == "json" else said
