#!/usr/bin/python3
"""CPython as the judge of every method, operator, built-in function and format of krait's values, with right and with wrong
arguments.

    calls.py --krait PROGRAM [--calls N] [--sizes N] [--texts N] [--seed S] [--all]

oracle.py has random programs; here are single calls: receivers x methods x arguments of every type, as many of them as
asked for, chosen by chance. What is compared is what is answered or raised, to the last word, whether it is one of the
operands itself, and what the receiver is afterwards. Then the sizes of random values, against sys.getsizeof, and cases and classes of texts of characters
from all of Unicode. --all prints all differences, not only the first ten. Meant for CPython 3.11; runs itself under
PYTHONHASHSEED=0.
"""
import argparse
import os
import random
import subprocess
import sys

RECEIVERS = ["", "a", "abc", "a,b,,c", " x y ", "é", "straße", "日本", "\U0001f40d", "é,ü,,ø", "日,本é,,語日本",
             "a\U0001f40d,\U0001f40d日本,c", "a line,that is,longer than a register,of the machine", "Title Case", "x\ty\nz\r\n", "0042", "1e5", "1_000",
             "class", "_x1", "x1·", "１２", "²", "{0}-{1}", "%s", "a\x00b", "İ", "ǅ", "Σας",
             b"", b"a", b"abc", b"a,b,,c", b" x y ", b"\xff\x00", b"Title Case", b"x\ty\nz\r\n", b"0042", b"-7",
             0, 1, -1, 255, 256, -129, 10**18, 2**63, -2**64, 3**80, True, False,
             0.0, -0.0, 1.5, -2.5, 1e22, 1e23, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan"), 0.1,
             [], [1], [3, 1, 2], ["b", "a"], [1, 1.0, True], [k * 7919 % 1009 - 300 for k in range(400)],
             [(-7) ** (k % 20) for k in range(300)], [5, True, 5.0, -7, False] * 50, (), (1,), (3, 1, 2), ("a", "b", "a"),
             {}, {"a": 1}, {1: 2, "b": [3]}, set(), {1, 2, 3}, set(range(30)), set(range(0, 900, 7)), {"a", "b"}, {(1, 2), (3, 4), (5, 6)}, frozenset(),
             frozenset([1, 2]), range(0), range(5), range(9, 0, -2)]
ARGUMENTS = [None, True, False, 0, 1, -1, 2, 3, 8, 97, -5, 1000, 2**70, 0.0, 1.5, float("nan"), "", "a", "b", ",", "abc", "é", " ",
             "日", "x y", "utf-8", "ascii", "latin-1", "little", "big", "日本", "\U0001f40d", ",,", b"", b"a", b",",
             b"xyz", [], [1, 2], ["a", "b"], ["é", "", "x"], ["日", "é"], ("\U0001f40d", "日本", "a"), ["", "é", ""],
             ["", ""], (),
             ("a", "b"), (1,), (b"a", b"x"), {}, {"a": 1}, {1: "x"}, set(), {1, 2}, {"a"}, frozenset([1]), range(3)]
KEYWORDS = ["sep", "maxsplit", "keepends", "tabsize", "key", "reverse", "encoding", "errors", "length", "byteorder", "signed", "x",
            "width"]
LEFT_OUT = {"encode", "decode", "fromhex"}  # codecs and error handlers: docs/values.md


def word(value):
    """As oracle.cpp reads it; None for what it has no words for."""
    if value is None:
        return "n"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return f"i{value}"
    if isinstance(value, float):
        return f"f{value!r}"
    if isinstance(value, str):
        return "t" + value.encode().hex()
    if isinstance(value, bytes):
        return "b" + value.hex()
    kinds = {list: "L", tuple: "U", dict: "D", set: "S", frozenset: "Z", range: "R"}
    if isinstance(value, dict):
        items = [w for pair in value.items() for w in pair]
    elif isinstance(value, range):
        items = [value.start, value.stop, value.step]
    else:
        items = list(value)
    return f"{kinds[type(value)]}({';'.join(map(word, items))})"


def again(value):
    """A new one of the same contents: a call may change it."""
    if isinstance(value, list):
        return [again(v) for v in value]
    if isinstance(value, dict):
        return {k: again(v) for k, v in value.items()}
    if isinstance(value, set):
        # As the other side makes it: one key after the other.
        made = set()
        for key in value:
            made.add(key)
        return made
    return value


def shown(value):
    if isinstance(value, (reversed, zip, enumerate)) or "iterator" in type(value).__name__ or "dict_" in type(value).__name__:
        value = list(value)
    return repr(value)


def methods(receiver):
    left_out = {"denominator", "imag", "numerator", "real", "start", "stop", "step", "mapping"} | LEFT_OUT
    names = [n for n in dir(type(receiver)) if n[0] != "_" and n not in left_out]
    return names


def is_itself(result, receiver):
    """Of one character CPython has one object most of the time, krait always: not said."""
    return result is receiver and not (isinstance(result, (str, bytes)) and len(result) == 1)


def one(rng):
    receiver = again(rng.choice(RECEIVERS))
    names = methods(receiver)
    if not names:
        return None
    name = rng.choice(names)
    count = rng.choice([0, 1, 1, 1, 2, 2, 3, 4])
    given = [again(rng.choice(ARGUMENTS)) for _ in range(count)]
    if name in ("add", "fromkeys") and any(v is None or v != v for v in given):
        return None  # hashed by their addresses
    if isinstance(receiver, (set, frozenset)) and rng.random() < 0.2:
        given.insert(rng.randrange(len(given) + 1), receiver)
    if name in ("fromkeys", "from_bytes", "maketrans") or (name == "sort" and rng.random() < 0.3):
        given = given[:1]
    by_name = {}
    if rng.random() < 0.12:
        by_name[rng.choice(KEYWORDS)] = again(rng.choice(ARGUMENTS))
    line = " ".join(["method", word(receiver), name] + ["self" if v is receiver else word(v) for v in given] +
                    [f"{k}={word(v)}" for k, v in by_name.items()])
    try:
        result = getattr(receiver, name)(*given, **by_name)
        answer = shown(result) + (" itself" if is_itself(result, receiver) else "")
    except Exception as e:  # pylint: disable=broad-except
        answer = f"{type(e).__name__}: {e}"
    return line, answer + " | " + repr(receiver)


BUILTINS = {
    "sorted": sorted, "sorted_back": lambda v: sorted(v, reverse=True), "list": list, "tuple": tuple, "set": set,
    "frozenset": frozenset, "reversed": reversed, "enumerate": lambda v: enumerate(v, 3), "zip": lambda v: zip(v, v), "sum": sum,
    "min": min, "max": max, "any": any, "all": all, "abs": abs, "invert": lambda v: ~v, "int": int, "float": float,
    "round": round, "round_1": lambda v: round(v, 1), "round_back": lambda v: round(v, -2)}
OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "<", "<=", ">", ">=", "==", "!="]


def spec(rng):
    pick = rng.choice
    return (pick(["", "", "", "<", ">", "^", "=", "*<", "é^", "0="]) + pick(["", "", "", "+", " ", "-"]) + pick(["", "", "", "z"]) +
            pick(["", "", "", "#"]) + pick(["", "", "0"]) + pick(["", "", "1", "5", "12", "20"]) + pick(["", "", "", ",", "_"]) +
            pick(["", "", ".0", ".1", ".3", ".10", "."]) + pick(["", "", "d", "b", "o", "x", "X", "c", "n", "e", "E", "f", "F", "g", "G",
                                                                  "%", "s", "q"]))


def percent(rng):
    pick = rng.choice
    return (pick(["", "a", "%%"]) + "%" + pick(["", "", "(a)"]) + pick(["", "", "-", "+", " ", "0", "#", "-0", "+#"]) +
            pick(["", "", "1", "5", "12", "*"]) + pick(["", "", ".0", ".1", ".3", ".10", "."]) +
            pick(["d", "i", "u", "x", "X", "o", "e", "E", "f", "F", "g", "G", "c", "r", "s", "a", "%", "q", ""]) + pick(["", "", "z"]))


def other(rng):
    """A question that is no method."""
    what = rng.choice(["builtin", "operate", "operate", "format", "percent", "get", "slice", "in", "divmod"])
    a, b = (again(rng.choice(RECEIVERS + ARGUMENTS)) for _ in range(2))
    if what == "builtin":
        name = rng.choice(list(BUILTINS))
        line, ask = f"builtin 0 {name} {word(a)}", lambda: BUILTINS[name](a)
    elif what == "operate":
        op = rng.choice(OPERATORS)
        if op in ("<<", "**") and not (isinstance(b, int) and abs(b) < 100):
            return None
        if op == "**" and isinstance(a, float) and (a < 0 or b < 0):
            return None  # complex
        if op == "**" and isinstance(b, float):
            return None
        if op == "*" and any(isinstance(n, int) and n > 300 for n in (a, b)):
            return None
        if op == "%" and isinstance(a, (str, bytes)):
            return None
        # pylint: disable=eval-used
        line, ask = f"operate 0 {op} {word(a)} {word(b)}", lambda: eval(f"a {op} b", {"a": a, "b": b})
    elif what == "format":
        text = spec(rng)
        if not isinstance(a, (int, float, str)):
            return None
        line, ask = f"format 0 {word(a)} {word(text)}", lambda: format(a, text)
    elif what == "percent":
        text = percent(rng)
        if rng.random() < 0.5:
            a = (a, b)
        line, ask = f"percent 0 {word(text)} {word(a)}", lambda: text % a
    elif what == "get":
        line, ask = f"get 0 {word(a)} {word(b)}", lambda: a[b]
    elif what == "slice":
        bounds = [rng.choice(ARGUMENTS[:14]) for _ in range(3)]
        if isinstance(a, dict) or not hasattr(a, "__getitem__") or (isinstance(a, range) and 2**70 in bounds):
            return None
        line, ask = f"get_slice 0 {word(a)} " + " ".join(map(word, bounds)), lambda: a[slice(*bounds)]
    elif what == "in":
        line, ask = f"in {word(a)} {word(b)}", lambda: b in a
    else:
        line, ask = f"divmod 0 {word(a)} {word(b)}", lambda: divmod(a, b)
    try:
        result = ask()
        # Of negative numbers shifted by nothing CPython returns some themselves, by accident.
        same = what == "operate" and op not in ("<<", ">>") and a is not b and not (isinstance(result, (str, bytes)) and len(result) == 1)
        return line, shown(result) + (" first" if same and result is a else " second" if same and result is b else "")
    except Exception as e:  # pylint: disable=broad-except
        return line, f"{type(e).__name__}: {e}"


def any_value(rng, depth=0):
    pick = rng.choice
    what = pick(["int", "float", "str", "bytes", "single"] + (["list", "tuple", "dict", "set", "frozenset", "range"] if depth < 3 else []))
    if what == "int":
        return pick([1, -1]) * rng.getrandbits(rng.randrange(1, 400))
    if what == "float":
        return rng.uniform(-1e9, 1e9)
    if what == "str":
        letters = pick(["abc xyz", "abcé", "abc日本", "ab\U0001f40dc"])
        return "".join(pick(letters) for _ in range(pick([0, 1, 2, 7, 30, 200])))
    if what == "bytes":
        return rng.randbytes(pick([0, 1, 2, 7, 30, 200]))
    if what == "single":
        return pick([None, True, False, 0.5, 7])
    if what == "range":
        return range(rng.randrange(-9, 9), rng.randrange(9, 99), rng.randrange(1, 9))
    count = pick([0, 1, 2, 3, 4, 5, 6, 8, 9, 11, 20, 50, 86, 200])
    if what in ("list", "tuple"):
        items = tuple(any_value(rng, depth + 2) for _ in range(count))
        return list(items) if what == "list" else items
    keys = [key for key in (any_value(rng, 3) for _ in range(count)) if key is not None]
    if what == "dict":
        return {key: 1 for key in keys} if rng.random() < 0.5 else {str(key): key for key in keys}
    made = set()
    for key in keys:
        made.add(key)
    return made if what == "set" else frozenset(made)


def rebuilt(value):
    """As the other side makes it: dicts and sets key by key, lists from a tuple."""
    if isinstance(value, list):
        return list(tuple(value))
    if isinstance(value, dict):
        made = {}
        for key, item in value.items():
            made[key] = item
        return made
    return again(value)


def size(rng):
    value = rebuilt(any_value(rng))
    if isinstance(value, frozenset):
        made = set()
        for key in value:
            made.add(key)
        value = frozenset(made)
    return f"sizeof {word(value)}", str(sys.getsizeof(value))


TEXT_METHODS = [n for n in dir(str) if n.startswith("is")] + ["lower", "upper", "title", "swapcase", "casefold", "capitalize"]


def text_of_any(rng):
    def character():
        while True:
            c = rng.choice([rng.randrange(0x80), rng.randrange(0x800), rng.randrange(0x800, 0x3000), rng.randrange(0x110000)])
            if not 0xd800 <= c < 0xe000:
                return chr(c)
    text = "".join(rng.choice([character(), character(), rng.choice("aAΣß'-ǅİ\u0345\u00ad")]) for _ in range(rng.randrange(1, 5)))
    name = rng.choice(TEXT_METHODS + ["repr"])
    if name == "repr":
        return f"str 0 x{text.encode().hex()}", repr(text)
    result = getattr(text, name)()
    return f"method {word(text)} {name}", f"{result!r}{' itself' if is_itself(result, text) else ''} | {text!r}"


def main():
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable] + sys.argv, dict(os.environ, PYTHONHASHSEED="0"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--krait", required=True)
    parser.add_argument("--calls", type=int, default=12_000)
    parser.add_argument("--sizes", type=int, default=1_000)
    parser.add_argument("--texts", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    asked = [q for q in ((one if rng.random() < 0.5 else other)(rng) for _ in range(options.calls)) if q is not None]
    asked += [size(rng) for _ in range(options.sizes)] + [text_of_any(rng) for _ in range(options.texts)]
    script = "".join(line + "\n" for line, _ in asked)
    run = subprocess.run([options.krait], input=script.encode(), capture_output=True, check=False)
    got = run.stdout.decode().split("\n")
    wrong = [(line, want, have) for (line, want), have in zip(asked, got + ["(no more output)"] * len(asked)) if want != have]
    for line, want, have in wrong if options.all else wrong[:10]:
        print(f"{line}\n  CPython {want}\n  krait   {have}")
    print(f"{len(asked)} questions, {options.sizes} of them sizes, {options.texts} of texts: {len(wrong)} differences")
    if run.returncode != 0 or run.stderr:
        print(f"exit status {run.returncode}: {run.stderr.decode()[:1000]}")
    return 1 if wrong or run.returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
