#!/usr/bin/python3 -B
"""The frames of Python in traces of it, compared with where its source says that it allocates."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

KRAIT, LIBRARY, PROGRAM, PLUGIN = (os.environ[name] for name in ("KRAIT", "LIBRARY", "PROGRAM", "PLUGIN"))
PYTHON = "/usr/bin/python3"
SOURCE = pathlib.Path(PROGRAM).read_text(encoding="utf-8").splitlines()


def line_of(mark):
    return next(number for number, text in enumerate(SOURCE, 1) if text.endswith(f"# LINE {mark}"))


@unittest.skipUnless(sys.version_info[:2] == (3, 11), "another version than the one whose layout is known")
class Python(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "trace"
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("KRAIT_", "PYTHON"))}

    def krait(self, *arguments):
        run = subprocess.run([KRAIT, *map(str, arguments)], env=self.environment, capture_output=True, text=True,
                             check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run

    def trace(self, case, *options, arguments=()):
        return self.krait("trace", "--all", "--frames", 64, "-q", *options, "-o", self.file, "--", PYTHON, PROGRAM, case,
                          *arguments)

    def read(self, file=None):
        """Of each size of block, the Python frames of its stack, innermost first."""
        self.krait("report", file or self.file, "--json", self.folder / "json")
        read = json.loads((self.folder / "json").read_text(encoding="utf-8"))
        self.frames = read["frames"]
        return read["stacks"]

    def python_stacks(self, file=None):
        found = {}
        for stack in self.read(file):
            size = stack["allocated"]["bytes"] / max(1, stack["allocated"]["calls"])
            frames = [self.frames[each] for each in stack["frames"]]
            names = [(each["function"], each["line"]) for each in frames if each["file"].endswith((".py", "made>", ">"))]
            found.setdefault(round(size), []).append((names, frames))
        return found

    def assert_innermost(self, stacks, size, *expected):
        """Some stack of that size has these (function, line) as its innermost frames of Python."""
        for names, _ in stacks.get(size, []):
            if names[:len(expected)] == list(expected):
                return names
        return self.fail(f"{size}: wanted {expected}, there are {[names for names, _ in stacks.get(size, [])]}")

    def test_sites_have_their_function_and_line(self):
        self.trace("everything")
        stacks = self.python_stacks()
        everything = [name for name in stacks if 70000 < name < 70020]
        self.assertGreaterEqual(len(everything), 14, sorted(stacks)[-40:])
        def at(mark, function=None):
            return function or mark, line_of(mark)
        # bytearray asks for one more byte.
        names = self.assert_innermost(stacks, 70002, at("keep"), at("straight"))
        self.assertEqual([name for name, _ in names], ["keep", "straight", "everything", "<module>"])
        self.assert_innermost(stacks, 70003, at("method", "Holder.__init__"))
        self.assert_innermost(stacks, 70004, at("property", "Holder.more"))
        self.assert_innermost(stacks, 70005, at("generator"), at("generated", "everything"))
        self.assert_innermost(stacks, 70006, at("compared"), at("sorts"))
        self.assert_innermost(stacks, 70007, *[at("deep")] * 11, ("everything", line_of("generated") + 2))
        self.assert_innermost(stacks, 70008, *[at("through_c", "deep_through_c")] * 6)
        self.assert_innermost(stacks, 70009, at("coroutine", "awaited"), at("awaits", "waits"), at("sends", "completed"))
        self.assert_innermost(stacks, 70010, at("unicode", "größer"))
        self.assert_innermost(stacks, 70011, at("callback", "calls_back"))
        names = self.assert_innermost(stacks, 70012, at("thread", "in_thread"))
        self.assertIn("Thread.run", [name for name, _ in names])
        self.assert_innermost(stacks, 70013, at("raises"))
        self.assert_innermost(stacks, 70014, at("comprehension", "everything.<locals>.<listcomp>"))
        self.assert_innermost(stacks, 70015, ("made", 2), ("<module>", 3))
        # No evaluation loop is left in a stack with Python frames, and what its threads do without the lock is theirs.
        for names, frames in (each for of_size in stacks.values() for each in of_size):
            if names and len(frames) < 64: # of one that is cut the outermost frame may be the loop
                self.assertNotIn("_PyEval_EvalFrameDefault", [each["function"] for each in frames])
        self.assertTrue(any(names[:1] == [("without_lock", line_of("without_lock"))]
                            for of_size in stacks.values() for names, _ in of_size))

        # Places are Python's, in reports and beside the source.
        text = self.krait("report", self.file, "--by", "allocated", "-n", 200).stdout
        self.assertIn(f"sites.py:{line_of('keep')}", text)
        self.assertIn("from straight", text)
        lines = self.krait("lines", self.file, "--source", PROGRAM).stdout
        self.assertIn("68.4 KiB", next(line for line in lines.splitlines() if line.endswith("# LINE keep")))

    def test_innermost_frames_are_kept_where_there_are_too_many(self):
        self.krait("trace", "--all", "--frames", 8, "-q", "-o", self.file, "--", PYTHON, PROGRAM, "everything")
        stacks = self.python_stacks()
        for names, frames in stacks[70007]:
            self.assertEqual(len(frames), 8)
            self.assertGreaterEqual(names.count(("deep", line_of("deep"))), 3)

    def test_an_interpreter_within_has_frames_of_its_own(self):
        self.trace("subinterpreter")
        stacks = self.python_stacks()
        self.assert_innermost(stacks, 70021, ("within", 2), ("<module>", 3))
        self.assert_innermost(stacks, 70022, ("subinterpreter", line_of("after_other")))

    def test_forks(self):
        self.trace("forks", "--follow")
        self.assert_innermost(self.python_stacks(), 70032, ("forks", line_of("forked")))
        child = next(self.folder.glob("trace.[0-9]*"))
        self.assert_innermost(self.python_stacks(child), 70031, ("forks", line_of("forked")))

    def test_code_that_comes_and_goes(self):
        self.trace("code_comes_and_goes")
        stacks = self.python_stacks()
        for i in range(35):
            self.assertEqual({name for names, _ in stacks[1033 + i] for name in names[:1]
                              if name[0].startswith("made_")},
                             {(f"made_{i % 7}", 2 + i % 5)})

    def test_threads_that_outlive_the_interpreter(self):
        for _ in range(2):
            self.trace("busy_threads")

    def test_samples(self):
        self.krait("trace", "--every", 4096, "-q", "-o", self.file, "--", PYTHON, PROGRAM, "everything")
        self.assert_innermost(self.python_stacks(), 70002, ("keep", line_of("keep")))

    def test_snapshots_of_a_running_program(self):
        for every in (0, 1):
            environment = self.environment | {"LD_PRELOAD": LIBRARY, "KRAIT_TRACE": str(self.file),
                                              "KRAIT_TRACE_EVERY": str(every), "PYTHONMALLOC": "malloc"}
            with subprocess.Popen([PYTHON, PROGRAM, "serve"], env=environment, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True) as process:
                self.assertEqual(process.stdout.readline(), "ready\n")
                process.stdin.write("10\n")
                process.stdin.flush()
                self.assertEqual(process.stdout.readline(), "done\n")
                snapshot = self.folder / f"snapshot{every}"
                self.krait("snapshot", process.pid, "-o", snapshot)
                process.stdin.close()
                self.assertEqual(process.wait(), 0)
            self.assert_innermost(self.python_stacks(snapshot), 1001, ("serve.<locals>.<genexpr>", line_of("served")),
                                  ("serve", line_of("served")))

    def test_libraries_that_take_turns_at_an_address(self):
        paths = [self.folder / "one.so", self.folder / "other.so"]
        for path in paths:
            shutil.copyfile(PLUGIN, path)
        self.assertEqual(self.trace("plugins", arguments=paths).stdout, "1\n")
        stacks = self.python_stacks()
        for path, size in zip(paths, (70040, 70041)):
            objects = {each["object"] for _, frames in stacks[size] for each in frames}
            self.assertEqual(objects & set(map(str, paths)), {str(path)})

    def test_python_can_be_left_out(self):
        self.environment["KRAIT_TRACE_PYTHON"] = "0"
        self.trace("straight")
        self.assertEqual([names for of_size in self.python_stacks().values() for names, _ in of_size if names], [])

    def test_pymalloc_can_be_asked_for(self):
        self.environment["PYTHONMALLOC"] = "pymalloc"
        few = int(self.read_calls())
        del self.environment["PYTHONMALLOC"]
        self.assertGreater(int(self.read_calls()), 4 * few)

    def read_calls(self):
        self.trace("straight")
        self.krait("report", self.file, "--json", self.folder / "json")
        return json.loads((self.folder / "json").read_text(encoding="utf-8"))["total"]["allocated"]["calls"]


if __name__ == "__main__":
    unittest.main()
