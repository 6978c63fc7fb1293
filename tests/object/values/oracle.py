#!/usr/bin/python3
"""CPython as the judge of krait's values.

    oracle.py --krait PROGRAM [--scripts N] [--seed S] [--keep FILE]

Writes random scripts over a table of values, performs each operation in this interpreter, and compares what PROGRAM
(oracle.cpp, the same operations on krait's values) prints: results, errors with their words, hashes, orders, sizes, counts,
what is tracked, what a collection finds, and what objgraph (Debian's python3-objgraph), if there is one, says of the graph:
types, growth, referrers, chains, drawings. Of Pympler's sizes the documented rule is added up here. Meant for CPython 3.11 on 64 bits; runs itself under PYTHONHASHSEED=0, because
sets are ordered by hashes.
"""
import argparse
import gc
import io
import os
import random
import subprocess
import sys
import weakref

try:
    import objgraph
except ImportError:
    objgraph = None

SLOTS, WEAK = 12, 4
NAMES = ["x", "y", "name", "next", "a_rather_long_name"]
TEXTS = ["", "a", "z", "é", "€", "abc", "naïve", "日本", "🐍", "it's", 'say "x"', "tab\tnew\n", "\x00\x7f", "key", "other"]


class A:
    def __repr__(self):
        return "A"


table = [None] * SLOTS
weak = [None] * WEAK
peaks = {}


def hexadecimal(data):
    return "x" + data.hex()


def is_plain(value):
    """Whether its hash does not depend on addresses."""
    if isinstance(value, (tuple, frozenset)):
        return all(is_plain(v) for v in value)
    if isinstance(value, range):
        return len(value) > 1  # else None's hash is in it
    return isinstance(value, (int, str, bytes)) or (isinstance(value, float) and value == value)


def nests(value, seen):
    """Whether it contains itself, or is deep: comparisons end in different depths."""
    if isinstance(value, (list, tuple, dict)):
        if id(value) in seen or len(seen) > 30:
            return True
        inner = list(value.values()) if isinstance(value, dict) else list(value)
        return any(nests(v, seen | {id(value)}) for v in inner)
    return False


def weight(value, budget=400):
    """How many values it consists of, about."""
    if budget < 0:
        return 1
    if isinstance(value, (str, bytes)):
        return len(value) // 8
    if isinstance(value, int):
        return value.bit_length() // 32
    total = 1
    if isinstance(value, (list, tuple, set, frozenset)):
        for v in list(value)[:500]:
            total += weight(v, budget - total)
    elif isinstance(value, dict):
        for v in list(value.values())[:500]:
            total += weight(v, budget - total)
    return total


def pick(rng, kinds):
    fit = [i for i in range(SLOTS) if isinstance(table[i], kinds)]
    return rng.choice(fit) if fit else None


def step(rng):
    """Chooses an operation, performs it. Returns its line and its outcome, or None."""
    to, i, j = (rng.randrange(SLOTS) for _ in range(3))
    roll = rng.random()
    if roll < 0.22:
        return make(rng, to)
    if roll < 0.45:
        return change(rng, to)
    if roll < 0.55:
        return compute(rng, to, i, j)
    if roll < 0.7:
        return builtin(rng, to, i, j)
    return ask(rng, to, i, j)


def make(rng, to):
    what = rng.choice(["int", "int", "float", "str", "str", "bytes", "bool", "none", "list", "tuple", "tuple", "dict",
                       "set", "instance", "copy", "intern", "range", "word", "word"])
    if what == "int":
        table[to] = rng.choice([rng.randrange(-8, 260), rng.randrange(-2**31, 2**31), rng.randrange(-2**64, 2**64),
                                rng.randrange(-2**200, 2**200), 2**rng.randrange(0, 130), -2**rng.randrange(0, 130)])
        return f"int {to} {table[to]}", repr(table[to])
    if what == "float":
        table[to] = rng.choice([rng.random(), float(rng.randrange(-1000, 1000)), rng.uniform(-1e20, 1e20), 1e16, 1e-5, 0.1,
                                2.0**rng.randrange(-1070, 1020), -0.0, float("inf"), 1e22, 123456789012345680.0])
        return f"float {to} {table[to]!r}", repr(table[to])
    if what == "str":
        table[to] = "".join(rng.choice(TEXTS) for _ in range(rng.choice([0, 1, 1, 2, 3])))
        return f"str {to} {hexadecimal(table[to].encode())}", repr(table[to])
    if what == "bytes":
        table[to] = bytes(rng.randrange(256) for _ in range(rng.choice([0, 1, 2, 5, 20])))
        return f"bytes {to} {hexadecimal(table[to])}", repr(table[to])
    if what == "bool":
        table[to] = rng.random() < 0.5
        return f"bool {to} {int(table[to])}", repr(table[to])
    if what == "none":
        table[to] = None
        return f"none {to}", "None"
    if what in ("list", "tuple"):
        chosen = [rng.randrange(SLOTS) for _ in range(rng.choice([0, 1, 2, 3, 5, 8]))]
        items = [None] * len(chosen)
        for k, c in enumerate(chosen):
            items[k] = table[c]
        if sum(map(weight, items)) > 300:
            return None
        table[to] = items if what == "list" else tuple(items)
        return f"{what} {to} " + " ".join(map(str, chosen)), repr(table[to])
    if what == "dict":
        table[to] = {}
    elif what == "set":
        table[to] = set()
    elif what == "instance":
        table[to] = A()
    elif what == "copy":
        source = rng.randrange(SLOTS)
        table[to] = table[source]
        return f"copy {to} {source}", ""
    elif what == "range":
        first, last, stride = rng.randrange(-9, 20), rng.randrange(-9, 20), rng.choice([1, 1, 2, 3, -1, -4])
        table[to] = range(first, last, stride)
        return f"range {to} {first} {last} {stride}", repr(table[to])
    elif what == "word":
        table[to] = rng.choice(WORDS)
        return f"str {to} {hexadecimal(table[to].encode())}", repr(table[to])
    else:
        source = pick(rng, str)
        if source is None:
            return None
        table[to] = sys.intern(table[source])
        return f"intern {to} {source}", ""
    return f"{what} {to}", ""


def guarded(line, perform):
    try:
        return line, perform()
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ZeroDivisionError, OverflowError) as e:
        return line, f"{type(e).__name__}: {e}"


# What methods are called with, a letter an argument, in brackets those that may be left out: s the receiver's own kind of
# text, c one character, t a tuple of texts, i a small number, k a key, l something to walk, z a set or something to walk,
# x any value. After a comma the names under which the optional ones may be given.
METHODS = {
    str: {"capitalize": "", "casefold": "", "center": "i[c]", "count": "s[ii]", "encode": "", "endswith": "s[ii]",
          "expandtabs": "[i],tabsize", "find": "s[ii]", "index": "s[ii]", "isalnum": "", "isalpha": "", "isascii": "",
          "isdecimal": "", "isdigit": "", "isidentifier": "", "islower": "", "isnumeric": "", "isspace": "",
          "istitle": "", "isupper": "", "join": "l", "ljust": "i[c]", "lower": "", "lstrip": "[s]", "partition": "s",
          "removeprefix": "s", "removesuffix": "s", "replace": "ss[i]", "rfind": "s[ii]", "rindex": "s[ii]",
          "rjust": "i[c]", "rpartition": "s", "rsplit": "[si],sep maxsplit", "rstrip": "[s]",
          "split": "[si],sep maxsplit", "splitlines": "[i],keepends", "startswith": "s[ii]", "strip": "[s]",
          "swapcase": "", "title": "", "upper": "", "zfill": "i", "format": "[xxx]"},
    bytes: {"capitalize": "", "center": "i[c]", "count": "s[ii]", "endswith": "s[ii]", "expandtabs": "[i],tabsize",
            "find": "s[ii]", "hex": "", "index": "s[ii]", "isalnum": "", "isalpha": "", "isascii": "", "isdigit": "",
            "islower": "", "isspace": "", "istitle": "", "isupper": "", "join": "l", "ljust": "i[c]", "lower": "",
            "lstrip": "[s]", "partition": "s", "removeprefix": "s", "removesuffix": "s", "replace": "ss[i]",
            "rfind": "s[ii]", "rindex": "s[ii]", "rjust": "i[c]", "rpartition": "s", "rsplit": "[si],sep maxsplit",
            "rstrip": "[s]", "split": "[si],sep maxsplit", "splitlines": "[i],keepends", "startswith": "s[ii]",
            "strip": "[s]", "swapcase": "", "title": "", "upper": "", "zfill": "i"},
    int: {"as_integer_ratio": "", "bit_count": "", "bit_length": "", "conjugate": "",
          "to_bytes": "io[x],length byteorder signed"},
    float: {"as_integer_ratio": "", "conjugate": "", "hex": "", "is_integer": ""},
    list: {"append": "x", "clear": "", "copy": "", "count": "x", "extend": "l", "index": "x[ii]", "insert": "ix",
           "pop": "[i]", "remove": "x", "reverse": "", "sort": ""},
    tuple: {"count": "x", "index": "x[ii]"},
    range: {"count": "x", "index": "x"},
    dict: {"clear": "", "copy": "", "get": "k[x]", "items": "", "keys": "", "pop": "k[x]", "popitem": "",
           "setdefault": "k[x]", "update": "[d]", "values": ""},
    frozenset: {"copy": "", "difference": "[zz]", "intersection": "[zz]", "isdisjoint": "z", "issubset": "z",
                "issuperset": "z", "symmetric_difference": "z", "union": "[zz]"},
    set: {"add": "k", "clear": "", "copy": "", "difference": "[zz]", "difference_update": "[zz]", "discard": "k",
          "intersection": "[zz]", "intersection_update": "[zz]", "isdisjoint": "z", "issubset": "z", "issuperset": "z",
          "pop": "", "remove": "k", "symmetric_difference": "z", "symmetric_difference_update": "z", "union": "[zz]",
          "update": "[zz]"},
}
WORDS = ["", "a", "b", "abc", "ab", " ", "key", "é", "日", "a b  c", "\t", "\n", "x,y,,z", ",", "0", "-17", "3.5", "1_000", "ß", "Ab cD",
         "line\r\nnext\x0bmore", "{}", "{0!r:>8}|{1}", "{:^7}", "nan", " 42 ", "-0x1f", "e1", "1e5", "xyzzy"]
SPECS = ["", "d", "5", "<5", ">8", "^9", "*^12", "05", "+", " ", "+.3f", ".2f", "e", ".4g", "g", ",", "_", "012,", "x", "#x", "#b", "o",
         "X", "c", "%", ".1%", "s", ".3", "10.3", "é<6", "+d", "=8", "n", "z.1f", "020,.2f", "08b", "_x", "q"]
PERCENTS = ["%s", "%r", "%d", "%5d|", "%-6s|", "%05.1f", "%x", "%#o", "%e", "%g", "%%", "%c", "%s %s", "%.2s", "%+d", "%q", "%", "100%"]


def literal(value):
    """The word that says the value to oracle.cpp."""
    if value is None:
        return "n"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return f"i{value}"
    return ("t" if isinstance(value, str) else "b") + (value.encode() if isinstance(value, str) else value).hex()


def no_address(value):
    """Nothing in it would be shown, or ordered in a set, by its address."""
    if isinstance(value, (set, frozenset)):
        return all(is_plain(v) for v in value)
    if isinstance(value, dict):
        return all(is_plain(k) for k in value) and all(map(no_address, value.values()))
    return True


def argument(rng, kind, receiver):
    """A word and its value, or None."""
    def slot(fits):
        fit = [k for k in range(SLOTS) if not nests(table[k], frozenset()) and fits(table[k]) and weight(table[k]) < 60]
        if not fit:
            return None
        k = rng.choice(fit)
        return f"@{k}", table[k]
    if kind == "s" or kind == "c":
        if rng.random() < 0.03:
            return "i7", 7
        word = rng.choice(WORDS)
        if kind == "c":
            word = rng.choice(["*", "é", "ab", "-"])
        if receiver and rng.random() < 0.5 and kind == "s":
            a = rng.randrange(len(receiver))
            value = receiver[a:a + rng.choice([1, 1, 2, 3])]
        else:
            value = word if isinstance(receiver, str) else word.encode()
        return literal(value), value
    if kind == "i":
        value = rng.choice([0, 1, 2, 3, 5, 9, -1, -2, -5, None]) if rng.random() < 0.1 else rng.randrange(-3, 12)
        return literal(value), value
    if kind == "o":
        value = rng.choice(["little", "big"])
        return literal(value), value
    if kind == "k":
        return slot(lambda v: is_plain(v) or isinstance(v, (list, dict)))
    if kind == "l":
        return slot(lambda v: isinstance(v, (list, tuple, set, frozenset, dict, str, range, int)) and no_address(v))
    if kind == "z":
        return slot(lambda v: isinstance(v, (list, tuple, set, frozenset, dict, str, range, int)) and
                    (isinstance(v, int) or all(is_plain(k) for k in v)))
    if kind == "d":
        return slot(lambda v: isinstance(v, (dict, int)) and no_address(v))
    return slot(lambda v: not nests(v, frozenset()))


def small_result(value):
    return list(value) if not isinstance(value, (int, float, str, bytes, tuple, list, dict, set, frozenset, range, type(None), A)) else value


def stored(to, perform):
    def run():
        value = small_result(perform())
        table[to] = value
        return repr(value)
    return run


def call_method(rng, to, i):
    receiver = table[i]
    kinds = METHODS.get(type(receiver))
    if kinds is None or nests(receiver, frozenset()) or weight(receiver) > 60 or not no_address(receiver):
        return None
    name = rng.choice(list(kinds))
    if name == "clear" and rng.random() < 0.8:
        return None
    form, _, names = kinds[name].partition(",")
    names = names.split()
    words, given, by_name = [], [], {}
    optional, place = False, 0
    for letter in form:
        if letter == "[":
            optional = True
            continue
        if letter == "]" or (optional and rng.random() < 0.5):
            break
        made = argument(rng, letter, receiver)
        if made is None:
            return None
        if names and letter in "iso" and rng.random() < 0.3 or by_name:
            if place >= len(names):
                break
            words.append(f"{names[place]}={made[0]}")
            by_name[names[place]] = made[1]
        else:
            words.append(made[0])
            given.append(made[1])
        place += 1
    if isinstance(receiver, (list, dict)) and any(v is receiver for v in given):
        return None
    if name == "to_bytes":
        if receiver.bit_length() > 80 or isinstance(receiver, bool):
            return None
        given = given[:2]
        words = [w for w in words if not w.startswith("signed")][:2]
        by_name.pop("signed", None)
    if name in ("sort", "count", "index", "remove") and isinstance(receiver, (list, tuple)) and \
            not all(is_plain(v) for v in receiver):
        return None
    if name == "sort" and len({type(v) for v in receiver}) > 1:
        return None
    if name in ("find", "index", "count", "rfind", "rindex") and isinstance(receiver, bytes) and given and given[0] is None:
        return None
    return guarded(f"call {to} @{i} {name} " + " ".join(words), stored(to, lambda: getattr(receiver, name)(*given, **by_name)))


BUILTINS = {
    "sorted": sorted, "sorted_back": lambda v: sorted(v, reverse=True), "list": list, "tuple": tuple, "set": set,
    "frozenset": frozenset, "reversed": lambda v: list(reversed(v)), "enumerate": lambda v: list(enumerate(v, 3)),
    "zip": lambda v: list(zip(v, v)), "sum": sum, "min": min, "max": max, "any": any, "all": all, "abs": abs,
    "invert": lambda v: ~v, "int": int, "float": float, "round": round, "round_1": lambda v: round(v, 1),
    "round_back": lambda v: round(v, -2),
}


def builtin(rng, to, i, j):
    roll = rng.random()
    value, other = table[i], table[j]
    if nests(value, frozenset()) or nests(other, frozenset()) or weight(value) > 60 or weight(other) > 60 or \
            not no_address(value) or not no_address(other):
        return None
    if roll < 0.5:
        return call_method(rng, to, i)
    if roll < 0.6:
        name = rng.choice(list(BUILTINS))
        walks = isinstance(value, (str, bytes, tuple, list, dict, set, frozenset, range))
        if name in ("sorted", "sorted_back", "min", "max", "sum") and walks and len({type(v) for v in value}) > 1:
            return None
        if name in ("set", "frozenset") and walks and not all(is_plain(v) for v in value):
            return None
        if name in ("int", "float", "abs", "invert", "round", "round_1", "round_back"):
            if not isinstance(value, (int, float, str, list)) or (name.startswith("round") and isinstance(value, (str, list))):
                return None
        return guarded(f"builtin {to} {name} @{i}", stored(to, lambda: BUILTINS[name](value)))
    if roll < 0.72:
        op = rng.choice(["|", "&", "^", "-", "<<", ">>", "**", "|", "&", "^"])
        if op in ("<<", "**") and not (isinstance(other, int) and abs(other) < 70 and
                                       not (op == "**" and (isinstance(value, float) or other < 0))):
            return None
        if rng.random() < 0.3 and op != "**":
            if type(value) in (dict, list) or op == "<<" or (value is other and isinstance(value, set)):
                return None
            holder = [value]
            def perform():
                exec(f"holder[0] {op}= other", {"holder": holder, "other": other})
                return holder[0]
            return guarded(f"in_place {i} {op} @{j}", stored(i, perform))
        perform = eval(f"lambda a, b: a {op} b")
        return guarded(f"operate {to} {op} @{i} @{j}", stored(to, lambda: perform(value, other)))
    if roll < 0.82:
        bounds = [rng.choice([None, rng.randrange(-9, 10)]) for _ in range(2)] + [rng.choice([None, 1, 2, 3, -1, -2, -3, 0])]
        where = slice(*bounds)
        words = " ".join(map(literal, bounds))
        what = rng.random()
        if what < 0.5 or not isinstance(value, list):
            if not isinstance(value, (str, bytes, tuple, list, range)):
                return None
            return guarded(f"get_slice {to} @{i} {words}", stored(to, lambda: value[where]))

        def change_slice():
            if what < 0.8:
                value[where] = other
            else:
                del value[where]
            return repr(value)
        if what < 0.8 and (value is other or not isinstance(other, (list, tuple, str, range, int))):
            return None
        return guarded(f"set_slice @{i} {words} @{j}" if what < 0.8 else f"del_slice @{i} {words}", change_slice)
    if roll < 0.87:
        if isinstance(value, (set, frozenset, dict)) and not (is_plain(other) or isinstance(other, (list, dict))):
            return None
        if isinstance(value, A) or (isinstance(value, (tuple, list)) and not is_plain(other)):
            return None
        return guarded(f"in @{i} @{j}", lambda: str(other in value))
    if roll < 0.94:
        spec = rng.choice(SPECS)
        if not isinstance(value, (int, float, str, list)) or isinstance(value, list) and not spec:
            return None
        return guarded(f"format {to} @{i} {literal(spec)}", stored(to, lambda: format(value, spec)))
    if roll < 0.98:
        pattern = rng.choice(PERCENTS)
        if isinstance(value, A):
            return None
        return guarded(f"percent {to} {literal(pattern)} @{i}", stored(to, lambda: pattern % value))
    if not isinstance(value, (int, float, list)) or not isinstance(other, (int, float)):
        return None
    return guarded(f"divmod {to} @{i} @{j}", stored(to, lambda: divmod(value, other)))


def change(rng, to):
    j = rng.randrange(SLOTS)
    what = rng.choice(["append", "append", "extend", "insert", "pop", "put", "set_item", "set_item", "set_item", "del_item",
                       "clear", "add_key", "add_key", "add_key", "discard", "pop_key", "set_attribute", "set_attribute",
                       "del_attribute", "drop"])
    if weight(table[j]) > 100:
        return None
    if what == "drop":
        table[to] = None
        return f"none {to}", "None"
    if what in ("append", "extend", "insert", "pop", "put"):
        i = pick(rng, list)
        if i is None or weight(table[i]) > 300:
            return None
        at = rng.randrange(-3, 8)

        def perform():
            if what == "append":
                table[i].append(table[j])
                return ""
            if what == "extend":
                table[i].extend(table[j])
                return ""
            if what == "insert":
                table[i].insert(at, table[j])
                return repr(table[i])
            if what == "pop":
                table[to] = table[i].pop(at)
                return repr(table[to])
            table[i][at] = table[j]
            return repr(table[i])
        if what == "extend" and (not isinstance(table[j], list) or i == j):
            return None
        line = {"append": f"append {i} {j}", "extend": f"extend {i} {j}", "insert": f"insert {i} {at} {j}",
                "pop": f"pop {to} {i} {at}", "put": f"put {i} {at} {j}"}[what]
        return guarded(line, perform)
    if what in ("set_item", "del_item", "clear"):
        i = pick(rng, dict)
        if i is None or weight(table[i]) > 300:
            return None
        if what == "clear":
            if rng.random() < 0.8:
                return None
            table[i].clear()
            return f"clear {i}", ""
        key = rng.randrange(SLOTS)
        if nests(table[key], frozenset()):
            return None

        def perform():
            if what == "set_item":
                table[i][table[key]] = table[j]
                return str(len(table[i]))
            del table[i][table[key]]
            return repr(table[i])
        return guarded(f"set_item {i} {key} {j}" if what == "set_item" else f"del_item {i} {key}", perform)
    if what in ("add_key", "discard", "pop_key"):
        i = pick(rng, set)
        if i is None or weight(table[i]) > 300:
            return None
        if what == "pop_key":
            def perform():
                table[to] = table[i].pop()
                return repr(table[to])
            return guarded(f"pop_key {to} {i}", perform)
        if not is_plain(table[j]) and not isinstance(table[j], (list, dict)):
            return None

        def perform():
            getattr(table[i], "add" if what == "add_key" else "discard")(table[j])
            return repr(table[i])
        return guarded(f"{what} {i} {j}", perform)
    i = pick(rng, A)
    if i is None:
        return None
    name = rng.choice(NAMES)

    def perform():
        if what == "set_attribute":
            setattr(table[i], name, table[j])
        else:
            delattr(table[i], name)
        return ""
    if what == "del_attribute" and not hasattr(table[i], name):
        return None  # the words differ between Python's versions
    return guarded(f"set_attribute {i} {name} {j}" if what == "set_attribute" else f"del_attribute {i} {name}", perform)


def compute(rng, to, i, j):
    what = rng.choice(["+", "-", "*", "/", "//", "%", "index", "slice", "get_item", "get_attribute", "keys"])
    if weight(table[i]) + weight(table[j]) > 100:
        return None
    if what == "*" and any(isinstance(table[k], int) and abs(table[k]) > 3 for k in (i, j)) and \
            any(isinstance(table[k], (str, bytes, list, tuple)) for k in (i, j)):
        return None
    if what == "%" and isinstance(table[i], (str, bytes)):
        return None
    if what in "+-*///%":
        def perform():
            a, b = table[i], table[j]
            table[to] = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b,
                         "//": lambda: a // b, "%": lambda: a % b}[what]()
            return repr(table[to])
        return guarded(f"{what} {to} {i} {j}", perform)
    at, end = rng.randrange(-4, 9), rng.randrange(-4, 9)
    if what == "index":
        i = pick(rng, (str, list, tuple))
        if i is None:
            return None

        def perform():
            table[to] = table[i][at]
            return repr(table[to])
        return guarded(f"index {to} {i} {at}", perform)
    if what == "slice":
        i = pick(rng, (str, list))
        if i is None:
            return None
        table[to] = table[i][at:end]
        return f"slice {to} {i} {at} {end}", repr(table[to])
    if what in ("get_item", "keys"):
        i = pick(rng, dict)
        if i is None or weight(table[i]) > 200:
            return None
        if what == "keys":
            items = []
            for item in table[i].items():
                items.append(item)
            table[to] = items
            return f"keys {to} {i}", repr(table[to])
        if nests(table[j], frozenset()):
            return None

        def perform():
            table[to] = table[i][table[j]]
            return repr(table[to])
        return guarded(f"get_item {to} {i} {j}", perform)
    i = pick(rng, A)
    if i is None:
        return None
    name = rng.choice(NAMES)

    def perform():
        table[to] = getattr(table[i], name)
        return repr(table[to])
    return guarded(f"get_attribute {to} {i} {name}", perform)


def ask(rng, to, i, j):
    what = rng.choice(["size", "size", "size", "hash", "repr", "==", "==", "is", "<", "truth", "len", "type", "tracked",
                       "count", "collect", "weak", "look"])
    if what == "size":
        return f"size {i}", str(sys.getsizeof(table[i]))
    if what == "hash":
        if not is_plain(table[i]) and not isinstance(table[i], (list, dict, set)):
            return None
        return guarded(f"hash {i}", lambda: str(hash(table[i])))
    if what == "repr":
        return f"repr {i}", repr(table[i])
    if what in ("==", "<"):
        if nests(table[i], frozenset()) or nests(table[j], frozenset()):
            return None
        if what == "<" and isinstance(table[i], (set, frozenset)) != isinstance(table[j], (set, frozenset)):
            return None
        return guarded(f"{what} {i} {j}", lambda: str(table[i] == table[j] if what == "==" else table[i] < table[j]))
    if what == "is":
        if not all(isinstance(table[k], (list, dict, set, A, bool, type(None))) for k in (i, j)):
            return None
        return f"is {i} {j}", str(table[i] is table[j])
    if what == "truth":
        return f"truth {i}", str(bool(table[i]))
    if what == "len":
        return guarded(f"len {i}", lambda: str(len(table[i])))
    if what == "type":
        return f"type {i}", type(table[i]).__name__
    if what == "tracked":
        return f"tracked {i}", str(gc.is_tracked(table[i]))
    if what == "count":
        if not isinstance(table[i], (list, dict, set, A)):
            return None
        return f"count {i}", str(sys.getrefcount(table[i]))
    if what == "collect":
        generation = rng.choice([0, 1, 2, 2])
        return f"collect {generation}", str(gc.collect(generation))
    w = rng.randrange(WEAK)
    if what == "weak":
        def perform():
            weak[w] = weakref.ref(table[i])
            return ""
        return guarded(f"weak {w} {i}", perform)
    if weak[w] is None:
        return None
    return f"look {w}", repr(weak[w]())


def reached():
    """What the table leads to, classes and what is behind them left out."""
    found, seen = [], set()
    pending = list(table)
    while pending:
        value = pending.pop()
        if id(value) in seen or isinstance(value, type):
            continue
        seen.add(id(value))
        found.append(value)
        pending.extend(gc.get_referents(value))
    return found


def in_words(counts):
    return "".join(f"{name} {counts[name]} " for name in sorted(counts) if counts[name])


def type_counts(values):
    counts = {}
    for value in values:
        counts[type(value).__name__] = counts.get(type(value).__name__, 0) + 1
    return in_words(counts)


def deep_size(start):
    """Pympler's asizeof: each object once, its sys.getsizeof rounded up to 8. None where the graph has a string, number or
    tuple twice: whether that is one object is no matter of size; or an instance, whose attributes krait has in a table."""
    total, seen, pending, atoms = 0, set(), [start], set()
    while pending:
        value = pending.pop()
        if isinstance(value, A):
            return None
        if isinstance(value, (int, float, str, bytes, tuple)):
            key = (type(value), id(value) if isinstance(value, tuple) else repr(value))
            if key in atoms:
                return None
            atoms.add(key)
        if id(value) in seen:
            continue
        seen.add(id(value))
        total += (sys.getsizeof(value) + 7) // 8 * 8
        if isinstance(value, dict):
            pending.extend(value.keys())
            pending.extend(value.values())
        elif isinstance(value, (list, tuple, set, frozenset)):
            pending.extend(value)
    return total


def arrows(text):
    more = ("more references", "more backreferences")  # a label may have the words of a key
    return str(sum(" -> " in line and "too_many" not in line and not any(m in line for m in more) for line in text.splitlines()))


def ask_graph(rng, i, j):
    """What the thread's graph is. A collection came before, so both have no garbage. An empty list is ignored in drawings,
    because objgraph would ignore the default, which is (), wherever that is."""
    what = rng.choice(["types", "growth", "leaking", "referents", "referrers", "chain", "back_chain", "size", "size", "arrows",
                       "back_arrows"])
    containers = (list, dict, set, frozenset, tuple, A)
    if what == "referents":
        return f"graph_referents {i}", type_counts(gc.get_referents(table[i]))
    if what == "size":
        size = deep_size(table[i])
        return None if size is None else (f"graph_size {i}", str(size))
    ours = reached()
    tracked = [value for value in ours if gc.is_tracked(value)]
    ids = set(map(id, tracked))
    if what == "types":
        return "graph_types", in_words(objgraph.typestats(objects=tracked))
    if what == "growth":
        grown = objgraph.growth(limit=None, peak_stats=peaks, filter=lambda value: id(value) in ids)
        return "graph_growth", in_words({name: delta for name, _, delta in grown})
    if what == "leaking":
        return "graph_leaking", type_counts(objgraph.get_leaking_objects(tracked)) if tracked else ""
    if not isinstance(table[i], containers) or table[i] == ():
        return None
    others = {id(value) for value in gc.get_objects()} - ids
    if what == "referrers":
        return f"graph_referrers {i}", type_counts([v for v in gc.get_referrers(table[i]) if id(v) in ids])
    if what.endswith("arrows") and any(isinstance(value, A) for value in ours):
        return None  # objgraph looks for an instance's __dict__, which makes one
    if what == "arrows":
        out = io.StringIO()
        objgraph.show_refs([table[i]], output=out, extra_ignore=[],
                           filter=lambda value: not isinstance(value, type))
        return f"graph_arrows {i}", arrows(out.getvalue())
    if what == "back_arrows":
        out = io.StringIO()
        objgraph.show_backrefs([table[i]], output=out, extra_ignore=[], too_many=1000,
                               filter=lambda value: id(value) in ids)
        return f"graph_back_arrows {i}", arrows(out.getvalue())
    if not isinstance(table[j], containers) or table[j] == ():
        return None
    target = table[j]
    if what == "chain":
        chain = objgraph.find_ref_chain(table[i], lambda value: value is target, extra_ignore={id(A)})
        return f"graph_chain {i} {j}", str(len(chain))
    chain = objgraph.find_backref_chain(table[i], lambda value: value is target, extra_ignore=others)
    return f"graph_back_chain {i} {j}", str(len(chain))


def reset():
    for k in range(SLOTS):
        table[k] = None
    for k in range(WEAK):
        weak[k] = None
    peaks.clear()
    gc.collect()


def main():
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable] + sys.argv, dict(os.environ, PYTHONHASHSEED="0"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--krait", required=True)
    parser.add_argument("--scripts", type=int, default=500)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="where the scripts go")
    options = parser.parse_args()
    gc.disable()
    # CPython lets a class share fewer new names with each instance that it makes; what comes too late gets a dict, which
    # counts in a collection. All names come with the first instance here.
    first = A()
    for name in NAMES:
        setattr(first, name, None)
    del first
    gc.freeze()  # the table and this program hold values from outside of what is collected, as krait's table does
    lines, expected, sizes, graphs = [], [], 0, 0
    for word, kind in (("i1", int), ("t61", str), ("b", bytes)):
        lines.append(f"methods {word}")
        left_out = {"denominator", "imag", "numerator", "real"}  # attributes, not methods
        expected.append("".join(f"{n} " for n in sorted(dir(kind)) if n[0] != "_" and n not in left_out))
    for number in range(options.scripts):
        rng = random.Random(options.seed * 1_000_003 + number)
        reset()
        lines.append("new")
        expected.append("")
        done = 0
        while done < options.steps:
            outcome = step(rng)
            if outcome is None:
                continue
            if objgraph and outcome[0].startswith("collect 2"):
                for _ in range(4):
                    asked = ask_graph(rng, rng.randrange(SLOTS), rng.randrange(SLOTS))
                    if asked is not None:
                        lines.append(outcome[0])
                        expected.append(outcome[1])
                        outcome = asked
                        graphs += 1
            lines.append(outcome[0])
            expected.append(outcome[1])
            sizes += outcome[0].startswith("size ")
            done += 1
    script = "\n".join(lines) + "\n"
    if options.keep:
        with open(options.keep, "w", encoding="utf-8") as file:
            file.write(script)
    run = subprocess.run([options.krait], input=script.encode(), capture_output=True, check=False)
    got = run.stdout.decode().split("\n")[:-1]
    wrong = 0
    for k, (line, want) in enumerate(zip(lines, expected)):
        have = got[k] if k < len(got) else "(no more output)"
        if have == want:
            continue
        start = max((n for n in range(k + 1) if lines[n] == "new"), default=0)
        print(f"operation {k - start} of script {lines[:k + 1].count('new') - 1} (line {k + 1}): {line}\n"
              f"  CPython {want}\n  krait   {have}")
        wrong += 1
        if wrong == 10 or k >= len(got):
            break
    if run.returncode != 0 or run.stderr:
        print(f"exit status {run.returncode}: {run.stderr.decode()[:1000]}")
        wrong += 1
    print(f"{options.scripts} scripts, {len(lines)} operations, {sizes} sizes, {graphs} graphs: {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
