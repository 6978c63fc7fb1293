"""What allocates in Python: objects of many types, cycles, threads, generators, big integers, exceptions."""
import collections
import concurrent.futures
import decimal
import gc
import hashlib
import itertools
import json
import random
import re
import zlib

rng = random.Random(7)


class Node:
    def __init__(self, name):
        self.name = name
        self.links = []


def graph(size):
    nodes = [Node(f"node-{i}") for i in range(size)]
    for node in nodes:
        node.links += rng.sample(nodes, 3)
    return sum(len(link.name) for node in nodes for link in node.links)


def words(seed):
    own = random.Random(seed)
    text = " ".join("".join(own.choices("abcdefgh", k=own.randrange(1, 12))) for _ in range(20000))
    return collections.Counter(re.findall(r"\b[a-d]\w*\b", text)).most_common(5)


def deep(depth):
    try:
        return deep(depth - 1) if depth else 1 / 0
    except ZeroDivisionError as error:
        raise ValueError(depth) from error


print(graph(20000), graph(20000))
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for result in pool.map(words, range(8)):
        print(result)
tree = {f"key{i}": [i, str(i), {"nested": [None] * (i % 7)}] for i in range(20000)}
text = json.dumps(tree, sort_keys=True)
assert json.loads(text) == tree
print(len(text), hashlib.sha256(text.encode()).hexdigest())
print(zlib.crc32(zlib.compress(text.encode(), 6)))
print(sum(map(int, str(3 ** 8000))), decimal.Decimal(2).sqrt(decimal.Context(prec=500)))
print(sum(1 for _ in itertools.permutations(range(8))))
try:
    deep(50)
except ValueError as error:
    print(error.args, type(error.__cause__).__name__)
cycles = [Node(i) for i in range(50000)]
for node in cycles:
    node.links.append(node)
del cycles, node
print(gc.collect() >= 50000)
