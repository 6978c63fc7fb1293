# Methods, slices, formats, named arguments: what python3 and tiny print alike (values.out).


def area(width, height=2, *rest, **more):
    return width * height, rest, more


def plain(a, b, c):
    return a + b + c


def said(function, *given, **named):
    try:
        return function(*given, **named)
    except Exception as e:
        return str(e)


print(area(3), area(3, height=5), area(1, 2, 3, 4, x=1), area(*[1, 2], **{"y": 3}))
print(said(area))
print(said(area, 1, width=2))
print(said(plain, 1))
print(said(plain))
print(said(plain, 1, 2, 3, 4))
print(said(plain, 1, 2, d=3))
print(said(lambda a, b=1: a, 1, 2, 3))
print(said("a".split, None, x=1))
print(said([].append))
print("a,b,c".split(","), f"{3.14159:.2f} {'x'!r:>5} {{}}", "{:>6}|{a}".format("ab", a=1))
print([1, 2, 3, 4, 5][::-2], "abcdef"[1:5:2], (1, 2, 3)[::-1])
items = [1, 2, 3, 4]
items[1:3] = "xyz"
print(items)
del items[::2]
print(items, sorted("hello", key=lambda c: c, reverse=True), list(enumerate("ab", start=1)))
for a, b in zip([1, 2], "xy"):
    print(a, b, sep="-", end=";\n")
print({k: v for k, v in zip("ab", [1, 2])}, {x % 2 for x in range(5)}, 6 & 3 | 8, 1 << 70, ~5)
print(int("ff", 16), float("1e3"), round(2.5), divmod(7, -2), max(3, 1, 2), min("hello", key=ord))
print(isinstance(True, int), frozenset([1]) | {2}, {"a": 1} | {"b": 2}, 1 < 2 < 3 > 2)


def squares(n):
    for i in range(n):
        yield i * i


print(list(squares(4)), sum(squares(5)), next(squares(1)), "%05.1f %s" % (2.25, "x"))
print(list(map(str, squares(3))), list(filter(None, [0, 1, "", "a"])), list(reversed(range(3))))
keys = {1, 2}
keys |= {3}
print(keys, int.from_bytes(bytes([1, 2]), "big"), str.maketrans("a", "b"), {"b": 1, "a": 2}.keys())
print({frozenset([1, 2]): "a set as key"}[frozenset([2, 1])], {1} < {1, 2}, {1, 2} - {1}, {1, 2} ^ {2, 3})
print("ß".upper(), "naïve".title(), "a\tb".expandtabs(4), "x".center(5, "*"), "%x|%-5d|%+.1e" % (255, 3, 12345.6))


def named(x, y=0, *rest, **more):
    return x, y, rest, more


print(named(x=1, **{"y": 2}), named(y=3, *[4]), named(1, **{"z": 5}, y=6))


def itself():
    yield 1
    try:
        next(running)
    except ValueError as e:
        yield e.args[0]


running = itself()
print(list(running), list(running))
try:
    print([1] * 2 ** 61)
except MemoryError:
    print("too much")


class Metre:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        if isinstance(other, Metre):
            return self.n == other.n
        if isinstance(other, int):
            return self.n == other
        return NotImplemented

    def __ne__(self, other):
        return False if isinstance(other, str) else NotImplemented

    def __add__(self, other):
        return Metre(self.n + other.n) if isinstance(other, Metre) else NotImplemented

    def __radd__(self, other):
        return Metre(self.n + other) if isinstance(other, int) else NotImplemented

    def __lt__(self, other):
        return self.n < other.n if isinstance(other, Metre) else NotImplemented

    def __iadd__(self, other):
        return NotImplemented

    def __index__(self):
        return self.n

    def __float__(self):
        return self.n + 0.5

    def __round__(self, digits=None):
        return "round", digits

    def __divmod__(self, other):
        return "divmod", other

    def __rdivmod__(self, other):
        return "rdivmod", other


class Foot(Metre):
    def __eq__(self, other):
        return True if isinstance(other, Metre) else NotImplemented

    def __int__(self):
        return 12


class Odd:
    def __index__(self):
        return "one"

    def __int__(self):
        return "two"

    def __float__(self):
        return 3


m = Metre(2)
print(m == Metre(2), m == 2, 2 == m, m == "2", "2" == m, 3 == m, m != 2, m != 3, 3 != m, m != Metre(2))
print(m == Foot(9), Foot(9) == m, Foot(1) != m, m in [1, 2], [1, 2].index(m), (1, m) == (1, 2), {1: m} == {1: 2})
print((m + m).n, (5 + m).n, said(lambda: m + 1), said(lambda: "a" + m), said(lambda: m < 1), said(lambda: 1 < m))
m += m
print(m.n, m < Metre(9), Metre(9) > m, said(lambda: m <= m))
print("abcdef"[m], [0, 1, 2, 3, 4, 5][m:], "ab" * Metre(2), Metre(2) * [0], "abcdef"[Metre(1):Metre(5):Metre(2)])
print(int(m), float(m), int(Foot(1)), round(m), round(m, 1), divmod(m, 3), divmod(7, m), m != "x")
print(said(lambda: [1][Odd()]), said(int, Odd()), said(float, Odd()), said(lambda: "a" * Odd()), said(divmod, Odd(), 1))
print(NotImplemented, said(round, None), said(lambda: [1][:Odd()]))
line = [1, 2, 3]
line.insert(Metre(1), "in")
print(line, line.pop(Metre(2)), "x".ljust(Metre(3)) + "|", list(range(Metre(3))), round(2.675, Metre(1)), "a b c".split(" ", Metre(1)))
print(sum([]), sum([], True), sum([0], True), sum([1 << 61] * 9), sum([1, 2.5, 3]), sum([True, 2], 1 << 70), sum([], 1.5))
print(sorted([3, -1, 2, True, 0, 1]), sorted([5, 1 << 70, -7], reverse=True), sorted([2, 1.5, 1]), sorted([1, True, 0, False]))
