#!/usr/bin/python3
"""CPython as the judge of krait's collector.

    oracle.py --krait PROGRAM [--scripts N] [--seed S] [--keep FILE]

Writes random scripts over a table of objects, runs each in this interpreter and in PROGRAM (oracle.cpp, the same
operations on krait's objects), and compares what happened: every finalizer, weak callback and count, in order.
Meant for CPython 3.11, whose rules the collector follows.

Three families of scripts:
  full    explicit full collections, everything allowed in finalizers and callbacks; the exact order is compared
  young   explicit collections of any generation, freezes; what one operation causes is compared as a set, because krait
          drops all references inside garbage before anything dies, CPython object by object
  auto    automatic collections with small thresholds
"""
import argparse
import gc
import random
import subprocess
import sys
import weakref

SLOTS = 12  # size of the table
BATCH = 200  # scripts at a time: this interpreter's collector has to look at them, too
EDGES = ("e0", "e1", "e2", "e3")

# ---- the interpreter: the operations on CPython's objects

table = [None] * SLOTS
actions = {}  # id -> operations that its finalizer or callback performs
events = []
quiet = False


def react(identity, self):
    operations = actions.get(identity)
    if operations is not None:
        i = 0
        while i < len(operations):  # no iterator: it would count as an allocation
            execute(operations[i], self)
            i += 1


class Node:
    __slots__ = ("id",) + EDGES + ("__weakref__",)


class FinalNode(Node):
    __slots__ = ()

    def __del__(self):
        if not quiet:
            events.append(f"finalize {self.id}")
            react(self.id, self)


class Weak(weakref.ref):
    __slots__ = ("id",)


def called(weak):
    if not quiet:
        events.append(f"callback {weak.id} {weak() is None}")
        react(weak.id, None)


def ids(objects):
    return " ".join(sorted(str(o.id) for o in objects if isinstance(o, (Node, Weak))))


def execute(op, self):
    what = op[0]
    if what == "new":
        node = FinalNode() if op[3] else Node()
        node.id = op[2]
        node.e0 = node.e1 = node.e2 = node.e3 = None
        table[op[1]] = node
    elif what == "edge":
        if isinstance(table[op[1]], Node) and table[op[3]] is not None:
            setattr(table[op[1]], EDGES[op[2]], table[op[3]])
    elif what == "cut":
        if isinstance(table[op[1]], Node):
            setattr(table[op[1]], EDGES[op[2]], None)
    elif what == "drop":
        table[op[1]] = None
    elif what == "follow":
        if isinstance(table[op[2]], Node):
            table[op[1]] = getattr(table[op[2]], EDGES[op[3]])
    elif what == "rescue":
        table[op[1]] = self
    elif what == "weak":
        if isinstance(table[op[2]], Node):
            weak = Weak(table[op[2]], called if op[4] else None)
            weak.id = op[3]
            table[op[1]] = weak
    elif what == "look":
        if isinstance(table[op[1]], Weak):
            target = table[op[1]]()
            events.append(f"look {table[op[1]].id} {'dead' if target is None else target.id}")
    elif what == "collect":
        found = gc.collect(op[1])
        events.append(f"collected {found}")
    elif what == "count":
        automatic = gc.isenabled()
        gc.disable()  # the tuple of counts is itself an allocation that counts
        young, middle, old = gc.get_count()
        events.append(f"count {young} {middle} {old}")
        gc.collect(0)
        if automatic:
            gc.enable()
    elif what == "older_count":
        young, middle, old = gc.get_count()
        events.append(f"older_count {middle} {old}")
    elif what == "objects":
        found = sum(isinstance(o, (Node, Weak)) for o in gc.get_objects(generation=op[1]))
        events.append(f"objects {found}")
    elif what == "relations":
        if isinstance(table[op[1]], Node):
            node = table[op[1]]
            events.append(f"relations of {node.id}: to {ids(gc.get_referents(node))} from {ids(gc.get_referrers(node))}")
    elif what == "state":
        if table[op[1]] is not None:
            tracked = "tracked" if gc.is_tracked(table[op[1]]) else "untracked"  # formatting a bool would allocate
            finalized = "finalized" if gc.is_finalized(table[op[1]]) else "whole"
            events.append(f"state {table[op[1]].id} {tracked} {finalized}")
    elif what == "freeze":
        gc.freeze()
    elif what == "unfreeze":
        gc.unfreeze()


def interpret(script, iterator):
    global quiet
    thresholds, automatic, operations = script
    gc.set_threshold(*thresholds)
    quiet = False
    gc.freeze()  # zeroes the counts
    if automatic:
        gc.enable()
    for op in iterator:
        execute(op, None)
        events.append("--")
    gc.disable()


def settle():
    """Back to an empty table; all that is left is frozen, and the collector's counters are at their start."""
    global quiet
    quiet = True
    for i in range(SLOTS):
        table[i] = None
    gc.unfreeze()
    gc.collect()
    gc.collect()
    gc.freeze()
    gc.collect()


def stats():
    return [(s["collections"], s["collected"], s["uncollectable"]) for s in gc.get_stats()]


def run_here(script):
    actions.clear()
    actions.update(script["actions"])
    body = script["thresholds"], script["family"] == "auto", script["operations"]
    iterator = iter(script["operations"])
    settle()
    before = stats()
    gc.freeze()
    gc.collect()
    base = gc.get_freeze_count()
    gc.freeze()
    events.clear()
    interpret(body, iterator)
    happened = list(events)
    happened.append(f"frozen {gc.get_freeze_count() - base if script['freezes'] else 0}")
    if script["family"] == "auto":
        after = stats()
        rows = [tuple(a - b for a, b in zip(x, y)) for x, y in zip(after, before)]
        rows[2] = (rows[2][0] - 1,) + rows[2][1:]
        happened.append(f"stats {rows}")
    settle()
    return happened


# ---- the generator


def generate(rng, number):
    family = ("full", "young", "auto")[number % 3]
    next_id = [0]

    def new_id():
        next_id[0] += 1
        return next_id[0]

    def slot():
        return rng.randrange(SLOTS)

    def edge():
        return rng.randrange(len(EDGES))

    script_actions = {}
    strict = family == "full"
    freezes = family == "young" and rng.random() < 0.3

    def choose_reactions(identity, resurrectable):
        """What a finalizer or a callback does besides being noted."""
        chosen = []
        while rng.random() < 0.35:
            kind = rng.choice(("rescue", "drop", "cut", "edge", "new", "look", "collect", "follow", "weak"))
            if kind == "rescue" and resurrectable:
                chosen.append(("rescue", slot()))
            elif not strict:
                continue
            elif kind == "drop":
                chosen.append(("drop", slot()))
            elif kind == "cut":
                chosen.append(("cut", slot(), edge()))
            elif kind == "edge":
                chosen.append(("edge", slot(), edge(), slot()))
            elif kind == "look":
                chosen.append(("look", slot()))
            elif kind == "follow":
                chosen.append(("follow", slot(), slot(), edge()))
            elif kind == "new" and next_id[0] < 200:
                chosen.append(make_new())
            elif kind == "weak" and next_id[0] < 200:
                chosen.append(make_weak())
        if not strict and resurrectable:
            chosen = chosen[:1]
        if chosen:
            script_actions[identity] = chosen

    def make_new():
        identity, final = new_id(), rng.random() < 0.4
        operation = ("new", slot(), identity, int(final))
        if final:
            choose_reactions(identity, True)
        return operation

    def make_weak():
        identity = new_id()
        with_callback = 1
        operation = ("weak", slot(), slot(), identity, with_callback)
        choose_reactions(identity, False)
        return operation

    operations = []
    length = rng.randrange(10, 90) if family != "auto" else rng.randrange(100, 400)
    weights = {"new": 30, "edge": 45, "cut": 4, "drop": 14, "follow": 8, "state": 2}
    if family == "auto":
        weights.update(count=1)
    else:
        weights.update(weak=10, look=4, collect=8, older_count=2, relations=2)
        if family == "young":
            weights.update(objects=2)
        if freezes:
            weights.update(freeze=2)
    kinds, odds = list(weights), list(weights.values())
    for _ in range(length):
        kind = rng.choices(kinds, odds)[0]
        if kind == "new":
            operations.append(make_new())
        elif kind == "edge":
            operations.append(("edge", slot(), edge(), slot()))
        elif kind == "cut":
            operations.append(("cut", slot(), edge()))
        elif kind == "drop" or kind == "look" or kind == "state" or kind == "relations":
            operations.append((kind, slot()))
        elif kind == "follow":
            operations.append(("follow", slot(), slot(), edge()))
        elif kind == "weak":
            operations.append(make_weak())
        elif kind == "collect":
            operations.append(("collect", 2 if strict else rng.randrange(3)))
        elif kind == "objects":
            operations.append(("objects", rng.randrange(3)))
        else:
            operations.append((kind,))
    if family != "auto":
        operations.append(("collect", 2))
    thresholds = (rng.randrange(3, 12), rng.randrange(0, 4), rng.randrange(0, 3)) if family == "auto" else (700, 10, 10)
    return {
        "family": family,
        "freezes": freezes,
        "thresholds": thresholds,
        "actions": script_actions,
        "operations": operations,
    }


def text_of(script):
    lines = [f"script {script['family']} {int(script['freezes'])} {' '.join(map(str, script['thresholds']))}"]
    for identity, chosen in script["actions"].items():
        lines += [f"on {identity} {' '.join(map(str, op))}" for op in chosen]
    lines += [" ".join(map(str, op)) for op in script["operations"]]
    return "\n".join(lines + ["end"])


# ---- the comparison


def canonical(happened, exact):
    if exact:
        return happened
    groups, group = [], []
    for event in happened + ["--"]:
        if event == "--":
            groups.append(sorted(group))
            group = []
        else:
            group.append(event)
    return groups


def answers(program, scripts, keep):
    """What krait does with the scripts: a list of events for each."""
    text = "\n".join(text_of(s) for s in scripts) + "\n"
    if keep:
        with open(keep, "w", encoding="ascii") as file:
            file.write(text)
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"oracle.py: {program} ended with {done.returncode}\n{done.stderr}")
    blocks = [block.splitlines() for block in done.stdout.split("=====\n")[:-1]]
    if len(blocks) != len(scripts):
        sys.exit(f"oracle.py: {len(scripts)} scripts, {len(blocks)} answers")
    return blocks


def compare(program, scripts, keep):
    """Exits with a description of the first difference; returns the number of events compared."""
    compared = 0
    for script, theirs in zip(scripts, answers(program, scripts, keep)):
        ours = run_here(script)
        exact = script["family"] == "full"
        if canonical(ours, exact) != canonical(theirs, exact):
            print(f"a script differs:\n{text_of(script)}\n")
            position = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), "at the end")
            print(f"first difference: event {position}")
            for name, lines in (("CPython", ours), ("krait", theirs)):
                print(f"--- {name}")
                print("\n".join(f"{i:4} {line}" for i, line in enumerate(lines)))
            sys.exit(1)
        compared += sum(event != "--" for event in ours)
    return compared


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--krait", required=True)
    parser.add_argument("--scripts", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="write each batch of scripts here, the last one stays")
    options = parser.parse_args()
    if sys.version_info[:2] != (3, 11):
        sys.exit("oracle.py: needs CPython 3.11")

    gc.disable()
    rng = random.Random(options.seed)
    compared = 0
    for first in range(0, options.scripts, BATCH):
        scripts = [generate(rng, first + i) for i in range(min(BATCH, options.scripts - first))]
        compared += compare(options.krait, scripts, options.keep)
    print(f"{options.scripts} scripts, {compared} events: equal")


if __name__ == "__main__":
    main()
