"""The shape of an exported function: how many instructions of each kind objdump shows in it, and in how many cache lines."""
import re
import shutil
import subprocess

from .paths import Problem

KINDS = ("instructions", "calls", "jumps", "branches", "loads", "stores", "locked", "push_pop")
LINES = "lines"
LINE_BYTES = 64

_INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\s+(.+)$")
_MEMORY = re.compile(r"(%[a-z]s:)?(-?0x[0-9a-f]+)?\([^)]*\)|%fs:0x[0-9a-f]+")
_PADDING = re.compile(r"^(nop|xchg\s+%ax,%ax|data16|cs nop)")
# These read their memory operand whatever its place.
_COMPARES = ("cmp", "test", "bt")
# These read and write it whatever its place.
_EXCHANGES = ("xchg", "cmpxchg", "xadd")
# These write their last operand without reading it.
_WRITES = ("mov", "set", "movaps", "movups")


def shape(library, name):
    """Counts by kind, a read-modify-write instruction being a load and a store; lines up to the first return."""
    code = _disassembled(library, name)
    counts = dict.fromkeys(KINDS, 0)
    for _, text in code:
        for kind in kinds(text):
            counts[kind] += 1
    return {**counts, LINES: lines(code)}


def lines(code):
    """Cache lines from the first instruction to the first return: what is behind it are slow paths."""
    last = next((address for address, text in code if text.startswith("ret")), code[-1][0])
    return last // LINE_BYTES - code[0][0] // LINE_BYTES + 1


def _disassembled(library, name):
    if shutil.which("objdump") is None:
        raise Problem("objdump is missing: scripts/setup installs it")
    # By address: a function with several names is shown under one of them, which need not be this.
    table = subprocess.run(["nm", "-S", str(library)], capture_output=True, text=True, check=False).stdout
    place = next((words for words in map(str.split, table.splitlines()) if len(words) == 4 and words[3] == name), None)
    if place is None:
        raise Problem(f"{library}: no function {name}")
    start, size = int(place[0], 16), int(place[1], 16)
    done = subprocess.run(["objdump", "-d", "--no-show-raw-insn", f"--start-address={start}",
                           f"--stop-address={start + size}", str(library)],
                          capture_output=True, text=True, check=False)
    matches = filter(None, map(_INSTRUCTION.match, done.stdout.splitlines()))
    found = [(int(match[1], 16), match[2].split("#")[0].strip()) for match in matches]
    if not found:
        raise Problem(f"{library}: no function {name}: {done.stderr.strip()}")
    return [(address, text) for address, text in found if not _PADDING.match(text)]


def kinds(text):
    words = text.split()
    locked = words[0] == "lock"
    name, operands = (words[1:] if locked else words)[0], text.split(None, 2 if locked else 1)[-1]
    yield "instructions"
    if locked or (name.startswith("xchg") and _MEMORY.search(operands)):
        yield "locked"
    if name.startswith("call"):
        yield "calls"
    elif name.startswith("jmp"):
        yield "jumps"
    elif name.startswith("j"):
        yield "branches"
    elif name.startswith(("push", "pop")):
        yield "push_pop"
    elif not name.startswith("lea") and name not in ("ret", "endbr64"):
        yield from _accesses(name, operands)


def _accesses(name, operands):
    memory = _MEMORY.search(operands)
    if memory is None:
        return
    into_memory = memory.end() == len(operands)
    if name.startswith(_EXCHANGES):
        yield "loads"
        yield "stores"
    elif not into_memory or name.startswith(_COMPARES):
        yield "loads"
    elif name.startswith(_WRITES):
        yield "stores"
    else:
        yield "loads"
        yield "stores"
