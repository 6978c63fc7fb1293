#!/usr/bin/python3 -B
"""KRAIT_LIMIT and KRAIT_LIMIT_HARD: what is refused, when, and that freed memory can be had again."""
import json
import os
import subprocess
import tempfile
import unittest

from krait_library import run

GREEDY = os.environ["GREEDY"]
LIMIT_MIB = 64
WANTED_MIB = 200


def greedy(size, how="malloc", **options):
    """(MiB taken, refused, MiB taken again after all was freed), and the statistics at the end."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "statistics.json")
        result = run(GREEDY, str(size), str(WANTED_MIB), how, STATS=path, **options)
        assert (result.returncode, result.stderr) == (0, ""), result
        with open(path, encoding="ascii") as file:
            return tuple(int(word) for word in result.stdout.split()), json.load(file)


class Hard(unittest.TestCase):
    options = {"LIMIT": f"{LIMIT_MIB}M", "LIMIT_HARD": "1"}

    def assert_held(self, size, how="malloc"):
        (taken, refused, again), stats = greedy(size, how, **self.options)
        self.assertTrue(refused)
        self.assertLessEqual(taken, LIMIT_MIB)
        self.assertGreater(taken, LIMIT_MIB // 2)
        self.assertGreaterEqual(again, LIMIT_MIB // 2)
        self.assertGreater(stats["limit_refusals"], 0)
        self.assertGreater(stats["limit_alarms"], 0)
        self.assertEqual(stats["bytes_limit"], LIMIT_MIB << 20)

    def test_pools(self):
        for size in (24, 512):
            with self.subTest(size=size):
                self.assert_held(size)

    def test_passthrough(self):
        for size in (600, 5000, 100_000, 1_000_000):
            with self.subTest(size=size):
                self.assert_held(size)

    def test_every_function(self):
        for how in ("calloc", "realloc", "memalign"):
            for size in (200, 5000):
                with self.subTest(how=how, size=size):
                    self.assert_held(size, how)

    def test_threads(self):
        for size in (200, 5000):
            with self.subTest(size=size):
                (taken, refused, again), _ = greedy(size, "threads", **self.options)
                self.assertTrue(refused)
                self.assertLessEqual(taken, LIMIT_MIB)
                self.assertGreater(again, 0)

    def test_without_the_first_thread(self):
        for size in (200, 100_000):
            with self.subTest(size=size):
                self.assert_held(size, "without-first-thread")

    def test_without_thread_caches(self):
        (taken, refused, _), _ = greedy(200, TCACHE="0", **self.options)
        self.assertTrue(refused)
        self.assertLessEqual(taken, LIMIT_MIB)

    def test_one_request_over_the_limit(self):
        (taken, refused, _), _ = greedy(LIMIT_MIB << 20, **self.options)
        self.assertEqual((taken, refused), (0, 1))

    def test_a_limit_out_of_reach_refuses_nothing(self):
        (taken, refused, _), stats = greedy(200, LIMIT="4G", LIMIT_HARD="1")
        self.assertEqual((taken, refused), (WANTED_MIB, 0))
        self.assertEqual((stats["limit_refusals"], stats["limit_alarms"]), (0, 0))


class Soft(unittest.TestCase):
    def test_nothing_is_refused(self):
        for size in (200, 5000):
            with self.subTest(size=size):
                (taken, refused, _), stats = greedy(size, LIMIT=f"{LIMIT_MIB}M")
                self.assertEqual((taken, refused), (WANTED_MIB, 0))
                self.assertGreater(stats["limit_alarms"], 0)
                self.assertEqual(stats["limit_refusals"], 0)

    def test_near_it_nothing_free_is_kept(self):
        went_back = {}
        for limit in ("unlimited", f"{LIMIT_MIB}M"):
            _, stats = greedy(200, LIMIT=limit, RETAIN="1G")
            went_back[limit] = stats["pools_purged"] * stats["pool_bytes"] >> 20
        self.assertEqual(went_back["unlimited"], 0)
        self.assertGreater(went_back[f"{LIMIT_MIB}M"], WANTED_MIB - 4)


    def test_what_is_freed_near_it_goes_back_again_and_again(self):
        result = run(os.environ["NEAR_LIMIT"], LIMIT=f"{LIMIT_MIB}M")
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class Spelling(unittest.TestCase):
    def test_no_limit(self):
        for value in ("", "0", "unlimited", "max"):
            with self.subTest(value=value):
                _, stats = greedy(5000, LIMIT=value, LIMIT_HARD="1")
                self.assertEqual(stats["bytes_limit"], 0)

    def test_anything_else_is_named(self):
        for value in ("much", "-5", "5Q"):
            with self.subTest(value=value):
                message = run(LIMIT=value).stderr
                self.assertRegex(message, rf"\Akrait: KRAIT_LIMIT={value}: neither a number of bytes, nor cgroup[^\n]*\n\Z")


class ControlGroup(unittest.TestCase):
    """Needs a control group that may be given a limit: skipped where there is none."""
    def limited(self, file, value):
        for root in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory"):
            if os.path.exists(f"{root}/{'cgroup.controllers' if file != 'memory.limit_in_bytes' else file}"):
                break
        else:
            self.skipTest("no such control groups here")
        group = f"{root}/krait-test-{os.getpid()}"
        try:
            os.mkdir(group)
            self.addCleanup(os.rmdir, group)
            with open(f"{group}/{file}", "w", encoding="ascii") as limit:
                limit.write(str(value))
        except OSError as error:
            self.skipTest(f"no limit can be set here: {error}")
        command = f"echo $$ > {group}/cgroup.procs && exec {GREEDY} 200 {WANTED_MIB} malloc"
        return run("/bin/sh", "-c", command, LIMIT="cgroup", LIMIT_HARD="1")

    def assert_held(self, file):
        result = self.limited(file, LIMIT_MIB << 20)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        taken, refused, _ = (int(word) for word in result.stdout.split())
        self.assertEqual(refused, 1)
        self.assertLessEqual(taken, LIMIT_MIB)

    def test_version_2(self):
        self.assert_held("memory.max")

    def test_version_1(self):
        self.assert_held("memory.limit_in_bytes")

    def test_a_group_without_a_limit(self):
        result = run(GREEDY, "5000", "20", "malloc", LIMIT="cgroup")
        self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
