# The parts of python_memory.py that tiny's language can say: python3 and tiny print the same.
import gc, sys, weakref

def count(x): return sys.getrefcount(x) - 2

print('names: two names for one object')
x = [200]; y = x
print(x is y, x == y, type(x).__name__)
x = [200]
print(x is y, x == y)
x = 'text'
print(type(x).__name__, type(y).__name__)
y.append(1); alias = y
print(alias, y is alias)

print('counts: what makes a reference and what removes one')
a = []; print(count(a))
b = a; print(count(a))
box = [a, a]; print(count(a))
del b; print(count(a))
box = None; print(count(a))

print('cascade: one count at zero takes the rest along')
class Link:
    def __init__(self, name, next): self.name, self.next = name, next
    def __del__(self): print('gone', self.name)
chain = Link('one', Link('two', Link('three', None)))
del chain

print('cycles: counts cannot, the collector can')
gc.collect(); gc.disable()
class Person:
    def __init__(self, name): self.name = name; self.friend = None
p, q = Person('p'), Person('q'); p.friend, q.friend = q, p
w = weakref.ref(p, lambda _: print('callback: p has died'))
del p, q
print(w() is not None, gc.collect(), w() is None)
root = Person('root'); t1, t2 = Person('t1'), Person('t2'); t1.friend, t2.friend = t2, t1; root.friend = root
del t1, t2
print('collected', gc.collect(), 'root lives', root.friend is root)
print('tracked', gc.is_tracked(root), gc.is_tracked(42), gc.is_tracked('s'), gc.is_tracked([]), gc.is_tracked({}), gc.is_tracked({'a': []}))
class Phoenix:
    saved = None
    def __init__(self): self.me = self
    def __del__(self): Phoenix.saved = self
Phoenix(); print('found', gc.collect(), 'resurrected', Phoenix.saved is not None)
Phoenix.saved = None; print('again', gc.collect(), 'finalized once', Phoenix.saved is None)
gc.enable()

print('reuse: small integers, interned strings, free lists')
i, j = int('256'), int('256'); print(i is j)
i, j = int('257'), int('257'); print(i is j, i == j)
s, t = ''.join(['co', 'de']), ''.join(['co', 'de']); print(s is t, sys.intern(s) is sys.intern(t))
d = [1.5, 2.5]; old = id(d); del d; e = [3.5]; print('same shell', id(e) == old)

print('sizes: the shell, and what hangs on it')
for v in (0, 1, 2**30, 2**60, 1.0, True, None, '', 'a', 'abc', 'é', '€', (), (1,), (1, 2), [], [1], {}, {1: 1}, set(), {1}):
    print(repr(v), sys.getsizeof(v))
grow, sizes = [], []
for k in range(40):
    grow.append(k)
    if not sizes or sizes[-1] != sys.getsizeof(grow): sizes.append(sys.getsizeof(grow))
print('list grows', sizes)
g = {'b': 1, 'a': 2}; g['c'] = 3; del g['b']; g['b'] = 4; print('order', list(g))

print('streaming')
def squares(n):
    for k in range(n): yield k * k
print(sum(squares(1000)))
def cleaned_up():
    try:
        yield 1
        yield 2
    finally:
        print('cleaned up half way')
half = cleaned_up(); print(next(half)); del half
def leak():
    large = [0] * 1000
    return lambda: len(large)
f = leak(); print('closure keeps', f())

print('errors and closures')
class Refused(ValueError): pass
def careful(n):
    try:
        if n == 0: raise Refused('not zero')
        return 100 // n + [1, 2, 3][n]
    except Refused as e:
        return 'refused: ' + str(e)
    except (IndexError, TypeError) as e:
        return type(e).__name__ + ': ' + str(e)
    finally:
        print('tried', n)
for n in (0, 1, 7): print(careful(n))
def counter():
    n = 0
    def step(by=1):
        nonlocal n
        n += by
        return n
    return step
step = counter(); step(); step(10); print(step())
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(15), 2**100 % 1000007, -7 // 2, 7.5 % 2, [k * k for k in range(10) if k % 2 == 1])
