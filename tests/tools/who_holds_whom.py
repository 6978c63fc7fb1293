"""Compares the tree of holders in a picture of krait doctor's with the graph that the program printed.

  who_holds_whom.py SAID PICTURE.json

A block's holder is the last one of those without which nothing leads to it. Each of them is found by leaving one out and
walking from the roots.
"""
import json
import sys

edges, roots = {}, {}
for line in open(sys.argv[1]):
    words = line.split()
    if words[0] == "edge":
        edges.setdefault(words[1], []).append(words[2])
    elif words[0] == "root":
        roots[words[1]] = words[2]


def reached_without(left_out):
    to_visit = [block for name, block in roots.items() if name != left_out and block != left_out]
    reached = set(to_visit)
    while to_visit:
        for to in edges.get(to_visit.pop(), []):
            if to != left_out and to not in reached:
                reached.add(to)
                to_visit.append(to)
    return reached


reached = reached_without(None)
held_by = {node: reached - reached_without(node) - {node} for node in [*roots, *reached]}


def holder_of(block):
    holders = [node for node, held in held_by.items() if block in held]
    return min(holders, key=lambda node: len(held_by[node]), default=None)  # they lie within each other


wrong = []
told = {}


def walk(node, holder):
    for each in node.get("held", []):
        told[each["address"]] = holder
        if each["retained"]["blocks"] != len(held_by.get(each["address"], [])) + 1:
            wrong.append(f"{each['address']} retains {each['retained']['blocks']} blocks")
        walk(each, each["address"])


for holder in json.load(open(sys.argv[2]))["holders"]:
    names = [name for name in roots if f"`{name}`" in holder["name"]]
    if names or holder["name"].startswith("(more"):
        walk(holder, names[0] if names else None)
for block in reached:
    if told.get(block, "nobody") != holder_of(block):
        wrong.append(f"{block} is held by {told.get(block, 'nobody')}, not by {holder_of(block)}")
if len(reached) < 100 or len({holder_of(block) for block in reached}) < 20:
    wrong.append(f"too simple a graph: {len(reached)} blocks")
print("\n".join(wrong) or "all as they are")
