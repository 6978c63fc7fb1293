#!/usr/bin/python3 -B
"""Prints the types of samples of a pprof profile and their sums: a decoder that shares nothing with the writer."""
import gzip
import sys


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        else:
            sys.exit(f"wire type {key & 7}")
        yield key >> 3, value


def numbers(data):
    at, read = 0, []
    while at < len(data):
        number, at = varint(data, at)
        read.append(number)
    return read


profile = list(fields(gzip.open(sys.argv[1]).read()))
texts = [value.decode() for key, value in profile if key == 6]
assert texts[0] == ""
types = [texts[dict(fields(value))[1]] for key, value in profile if key == 1]
units = [texts[dict(fields(value))[2]] for key, value in profile if key == 1]
locations = {dict(fields(value))[1] for key, value in profile if key == 4}
functions = {dict(fields(value))[1] for key, value in profile if key == 5}
assert len(locations) == sum(key == 4 for key, _ in profile) and len(functions) == sum(key == 5 for key, _ in profile)
assert 0 not in locations | functions
sums = [0] * len(types)
for key, value in profile:
    if key == 2:
        sample = dict(fields(value))
        assert set(numbers(sample.get(1, b""))) <= locations
        sums = [a + b for a, b in zip(sums, numbers(sample[2]), strict=True)]
assert set(units[1::2]) == {"bytes"}
for name, total in zip(types, sums):
    print(name, total)
