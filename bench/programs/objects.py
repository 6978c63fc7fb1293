"""What Python programs allocate: objects built and dropped, JSON, syntax trees, strings."""
import ast
import json
import pathlib


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


def objects():
    points = [Point(i, i * 0.5) for i in range(100_000)]
    by_name = {f"point {i}": p for i, p in enumerate(points)}
    return sum(p.x for p in by_name.values())


def documents():
    text = json.dumps([{"id": i, "name": f"name {i}", "values": [i * 0.5] * 4} for i in range(20_000)])
    return sum(len(json.loads(text)) for _ in range(3))


def trees():
    source = pathlib.Path(ast.__file__).read_text()
    return sum(len(ast.dump(ast.parse(source))) for _ in range(3))


def strings():
    words = [f"word{i % 5000}" for i in range(200_000)]
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return len(" ".join(words).split())


for _ in range(3):
    objects()
    documents()
    trees()
    strings()
