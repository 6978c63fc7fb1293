#!/usr/bin/python3
"""Python's values in C++, measured: krait_bench_values and CPython by turns, a process a row.

    values.py PROGRAM [--rounds N] [--rows NAME,...] [--preload LIBRARY]

CPU time of an operation, the best of the rounds, the median of the ratios within a round; and the peak of resident memory,
less that of an empty run. CPython's empty loop is taken off its single operations.
"""
import argparse
import os
import statistics
import subprocess
import sys

PYTHON = r"""
import resource, sys, time
name = sys.argv[1]
M = 1_000_000
class Plain: pass
class Slots: __slots__ = ('x', 'y')
def loop(n):
    for i in range(n): pass
def r_int(n):
    for i in range(n): i + 1000
def r_float(n):
    x = 1.5
    for i in range(n): x + 1.0
def r_str(n):
    a, b = 'some text, ', 'and some more'
    for i in range(n): a + b
def r_tuple(n):
    a, b = 1, 2
    for i in range(n): (a, b)
def r_list(n):
    a, b = 1, 2
    for i in range(n): [a, b]
def r_append(n):
    l = []
    for i in range(n): l.append(1)
def r_dict(n):
    for i in range(n):
        d = {}; d['a'] = 1; d['b'] = 1
KEYS = ['key' + str(i) for i in range(1000)]
def r_dict_insert(n):
    for i in range(0, n, 1000):
        d = {}
        for k in KEYS: d[k] = 1
def r_dict_lookup(n):
    d = {k: 1 for k in KEYS}
    for i in range(0, n, 1000):
        for k in KEYS: d[k]
def r_attribute_dict(n):
    p = Plain(); p.x = 1
    for i in range(n): p.x = p.x
def r_attribute_slots(n):
    p = Slots(); p.x = 1
    for i in range(n): p.x = p.x
def r_instances(n):
    kept = []
    for i in range(n):
        p = Plain(); p.x = 1; p.y = 2
        kept.append(p)
def r_generator(n):
    def numbers(n):
        for k in range(n): yield k
    sum(numbers(n))
def record(i):
    s = str(i)
    return {'id': i, 'name': 'customer number ' + s, 'mail': 'customer.' + s + '@example.org', 'score': i * 0.37,
            'active': i % 3 == 0, 'tags': ['tag' + s, 'group' + str(i % 1000), i % 7], 'at': {'x': i * 0.5, 'y': -float(i)}}
def r_document(n):
    kept = [record(i) for i in range(n)]
MIXED = [k * 7919 % 1000 for k in range(1000)]
def r_sorted(n):
    for i in range(0, n, 1000): sorted(MIXED)
def r_split_join(n):
    text = 'alpha,beta,gamma,delta,epsilon'
    for i in range(n): ','.join(text.split(','))
def r_format(n):
    x = 1234.5678
    for i in range(n): format(x, '>12,.2f')
def r_slices(n):
    l = list(range(20))
    for i in range(n): l[2:18:3]
def r_range_sum(n): sum(range(n))
def r_nothing(n): pass
N = {'dict': 5 * M, 'instances': 2 * M, 'document': 170_000, 'split_join': M, 'format': M, 'slices': M, 'nothing': 1}.get(name, 10 * M)
SINGLE = ('int', 'float', 'str', 'tuple', 'list', 'append', 'dict', 'attribute_dict', 'attribute_slots', 'split_join', 'format',
          'slices')
spent = 0
if name in SINGLE:
    begin = time.process_time_ns(); loop(N); spent = time.process_time_ns() - begin
begin = time.process_time_ns()
globals()['r_' + name](N)
print((time.process_time_ns() - begin - spent) / N, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, sep='\t')
"""
ROWS = ["int", "float", "str", "tuple", "list", "append", "dict", "dict_insert", "dict_lookup", "attribute_dict",
        "attribute_slots", "instances", "generator", "document", "sorted", "split_join", "format", "slices", "range_sum"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--preload")
    options = parser.parse_args()
    environment = dict(os.environ)
    preloaded = dict(environment, LD_PRELOAD=options.preload) if options.preload else environment

    def measure(who, row):
        command = [sys.executable, "-c", PYTHON, row] if who == "python" else [options.program, who, row]
        run = subprocess.run(command, capture_output=True, text=True, check=False,
                             env=preloaded if who == "krait" else environment)
        if run.returncode != 0:
            return None
        time, memory = run.stdout.split()
        return float(time), int(memory)

    print(f"{'':16}{'krait':>9}{'python':>9}{'ratio':>7}{'variant':>9}{'json':>9}{'ratio':>7}  "
          f"memory, MiB: krait, python, variant, json")
    sides = ["krait", "python", "variant", "json"]
    empty = {who: measure(who, "nothing")[1] for who in sides}
    for row in options.rows.split(","):
        times = {who: [] for who in sides}
        peaks = {who: [] for who in sides}
        for _ in range(options.rounds):
            for who in sides:
                outcome = measure(who, row)
                if outcome is not None:
                    times[who].append(outcome[0])
                    peaks[who].append(max(outcome[1] - empty[who], 0) / 1024)

        def ratio(other):
            return statistics.median(k / o for k, o in zip(times["krait"], times[other])) if times[other] else None

        def shown(number, form):
            return "-" if number is None else format(number, form)
        best = {who: min(times[who]) if times[who] else None for who in sides}
        print(f"{row:16}{shown(best['krait'], '.1f'):>9}{shown(best['python'], '.1f'):>9}{shown(ratio('python'), '.2f'):>7}"
              f"{shown(best['variant'], '.1f'):>9}{shown(best['json'], '.1f'):>9}{shown(ratio('json'), '.2f'):>7}  "
              + ", ".join(shown(min(peaks[who]) if peaks[who] else None, ".1f") for who in sides), flush=True)


if __name__ == "__main__":
    main()
