#!/usr/bin/python3 -B
"""What scripts/bench computes and how it reads its command line."""
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from benchlib import allocators, shape, tables  # noqa: E402
from benchlib.allocators import Allocator, resolve  # noqa: E402
from benchlib.figures import Figures, Metric, geometric_mean  # noqa: E402
from benchlib.paths import Problem  # noqa: E402


def figures(**by_name):
    made = Figures()
    for name, values in by_name.items():
        for value in values:
            made.add(Allocator(name), {("cpu", "row"): value})
    return made


class FiguresTest(unittest.TestCase):
    def test_ratio_is_taken_within_rounds(self):
        drifting = figures(krait=[1, 10, 100], mimalloc=[2, 20, 200])
        self.assertEqual(drifting.ratio("cpu", "row", "krait", "mimalloc"), 0.5)
        self.assertFalse(drifting.within_noise("cpu", "row", "krait", "mimalloc"))

    def test_ratios_on_both_sides_of_one_are_noise(self):
        even = figures(krait=[9, 10, 11], mimalloc=[10, 10, 10])
        self.assertTrue(even.within_noise("cpu", "row", "krait", "mimalloc"))

    def test_one_round_judges_nothing(self):
        self.assertFalse(figures(krait=[10], mimalloc=[10]).within_noise("cpu", "row", "krait", "mimalloc"))

    def test_best_is_the_lowest_median(self):
        two = figures(glibc=[1, 9, 9], mimalloc=[5, 5, 5])
        self.assertEqual(two.best("cpu", "row", ["glibc", "mimalloc"]), "mimalloc")

    def test_geometric_mean(self):
        self.assertAlmostEqual(geometric_mean([0.5, 2.0, None]), 1.0)
        self.assertIsNone(geometric_mean([]))


class TableTest(unittest.TestCase):
    def test_best_is_a_peer_never_krait_or_the_floor(self):
        four = [Allocator(name) for name in ("krait", "floor", "glibc", "mimalloc")]
        measured = figures(krait=[3] * 3, floor=[1] * 3, glibc=[6] * 3, mimalloc=[4] * 3)
        row = tables.table(measured, Metric("cpu", "CPU"), four, "mimalloc").splitlines()[3]
        self.assertEqual(row.split(), ["row", "3.00(0.75)", "1.00(0.25)", "6.00(1.50)", "4.00", "mimalloc", "0.75"])


class AllocatorsTest(unittest.TestCase):
    def test_a_library_under_a_name_with_settings(self):
        with tempfile.NamedTemporaryFile(suffix=".so") as library:
            found, = resolve(f"mine={library.name}:A=1:B=x=y")
        self.assertEqual((found.name, str(found.library)), ("mine", library.name))
        self.assertEqual(found.environment, {"A": "1", "B": "x=y"})

    def test_settings_for_one_that_is_known(self):
        found, = resolve("arena1=glibc:MALLOC_ARENA_MAX=1")
        self.assertEqual((found.library, found.environment), (None, {"MALLOC_ARENA_MAX": "1"}))

    def test_krait_with_settings_is_no_peer(self):
        with mock.patch.dict(allocators.BUILT, {"krait": Path(__file__)}):
            kept, peer = resolve("kept=krait:KRAIT_DECAY=-1,peer=glibc:MALLOC_ARENA_MAX=1")
            self.assertEqual((kept.is_peer, peer.is_peer), (False, True))

    def test_what_is_wrong_is_named(self):
        for text, named in (("nonesuch", "nonesuch"), ("x=/no/such.so", "/no/such.so"), ("glibc,glibc", "twice"),
                            ("x=glibc:A", "VARIABLE=value")):
            with self.assertRaisesRegex(Problem, named):
                resolve(text)


class ShapeTest(unittest.TestCase):
    def test_kinds(self):
        for text, kinds in {
            "mov    (%rdx),%rcx": {"loads"}, "mov    %rcx,(%rax)": {"stores"}, "mov    %fs:0x0,%rdx": {"loads"},
            "mov    %fs:(%rdx),%rax": {"loads"}, "mov    %rax,%fs:0x10(%rdx)": {"stores"},
            "cmp    $0x1,0x8(%rax)": {"loads"}, "addl   $0x1,(%rax)": {"loads", "stores"},
            "lock cmpxchg %rcx,(%rdx)": {"locked", "loads", "stores"},
            "xchg   %rax,(%rdx)": {"locked", "loads", "stores"}, "lea    0x8(%rax),%rdx": set(),
            "jne    13e0 <free+0x50>": {"branches"}, "jmp    1060 <__libc_free@plt>": {"jumps"},
            "call   1060 <x@plt>": {"calls"}, "push   %rbx": {"push_pop"}, "ret": set(), "mov %rdi,%rax": set(),
        }.items():
            self.assertEqual(set(shape.kinds(text)) - {"instructions"}, kinds, text)

    def test_lines_end_with_the_first_return(self):
        code = [(0x1000, "mov %rdi,%rax"), (0x103f, "ret"), (0x1080, "jmp 2000 <slow>")]
        self.assertEqual(shape.lines(code), 1)
        self.assertEqual(shape.lines([(0x1001, "nop"), (0x1040, "ret")]), 2)
        self.assertEqual(shape.lines([(0x1000, "mov %rdi,%rax"), (0x1080, "jmp 2000 <slow>")]), 3)


if __name__ == "__main__":
    unittest.main()
