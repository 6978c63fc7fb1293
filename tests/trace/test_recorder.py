#!/usr/bin/python3 -B
"""What libkrait_trace.so records of programs, compared with what was counted, said or seen otherwise."""
import collections
import math
import os
import pathlib
import resource
import subprocess
import tempfile
import unittest

LIBRARY, TOTALS, EVENTS, COUNTING, PLUGIN = (os.environ[name] for name in
                                             ("LIBRARY", "TOTALS", "EVENTS", "COUNTING", "PLUGIN"))
COUNTED = ("allocs", "frees", "bytes", "live", "live_bytes", "peak")


class Recorder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "trace"

    def run_under(self, preload, *arguments, prepare=None, program=EVENTS, **variables):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
        environment.update({name: str(value) for name, value in variables.items()}, LD_PRELOAD=preload)
        return subprocess.run([program, *map(str, arguments)], env=environment, capture_output=True, text=True,
                              check=False, preexec_fn=prepare)

    def trace(self, *arguments, status=0, errors="", prepare=None, file=None, settings=None, **options):
        """Runs the program with everything recorded, and returns what it printed."""
        options = {"EVERY": 0} | options
        variables = {f"KRAIT_TRACE_{name}": value for name, value in options.items()} | (settings or {})
        run = self.run_under(LIBRARY, *arguments, prepare=prepare, KRAIT_TRACE=file or self.file, **variables)
        self.assertEqual((run.returncode, run.stderr), (status, errors))
        return run.stdout

    def totals(self, file=None):
        read = subprocess.run([TOTALS, file or self.file], capture_output=True, text=True, check=False)
        self.assertEqual((read.returncode, read.stderr), (0, ""))
        numbers = {name: int(number) for name, number in (line.split() for line in read.stdout.splitlines())}
        self.assertEqual((numbers["twice"], numbers["lost"]), (0, 0))
        return numbers

    def counted(self, *arguments, folder=None):
        """What the reference counts: of the process, and of its children in no order."""
        folder = self.folder / "counts"
        folder.mkdir()
        run = self.run_under(COUNTING, *arguments, COUNTS=folder / "counts")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        read = {path.name: dict(zip(COUNTED, map(int, path.read_text().split()))) for path in folder.iterdir()}
        return read.pop("counts"), sorted(read.values(), key=str)

    def assert_same(self, totals, counts, names=COUNTED):
        self.assertEqual({name: totals[name] for name in names}, {name: counts[name] for name in names})

    def test_totals_are_those_of_a_reference_to_the_byte(self):
        counts, _ = self.counted("family")
        self.trace("family")
        totals = self.totals()
        self.assert_same(totals, counts)
        self.assertEqual((totals["strangers"], totals["is_whole"], totals["cut_bytes"]), (0, 1, 0))
        self.assertGreater(totals["reallocs"], 1000)

    def test_totals_are_the_references_with_exceptions(self):
        counts, _ = self.counted("exceptions")
        self.assertEqual(self.trace("exceptions"), "2000\n")
        self.assert_same(self.totals(), counts)

    def test_totals_are_the_references_with_threads_that_hand_blocks_over(self):
        counts, _ = self.counted("threads")
        for _ in range(3):
            self.trace("threads")
            totals = self.totals()
            self.assert_same(totals, counts, ("bytes", "live", "live_bytes", "allocs", "frees"))
            self.assertEqual(totals["strangers"], 0)
            self.assertEqual(totals["threads"], 7)

    def test_no_block_is_two_threads_at_a_time_in_the_history(self):
        # Without caches a block that is freed is another thread's at once.
        for _ in range(3):
            self.trace("threads", settings={"KRAIT_TCACHE": 0})
            self.assertEqual(self.totals()["strangers"], 0)

    def test_children_do_not_record_unless_they_are_to_be_followed(self):
        counts, _ = self.counted("forks")
        self.trace("forks")
        self.assertEqual([path.name for path in self.folder.iterdir() if path.is_file()], ["trace"])
        self.assert_same(self.totals(), counts)

    def test_followed_children_have_files_of_their_own(self):
        counts, of_children = self.counted("forks")
        self.trace("forks", FOLLOW=1)
        files = sorted(path for path in self.folder.iterdir() if path.is_file())
        self.assertEqual(len(files), 4)
        read = sorted((self.totals(path) for path in files), key=lambda each: each["allocs"])
        self.assert_same(read.pop(), counts)
        found = sorted(({name: each[name] for name in COUNTED} for each in read), key=str)
        self.assertEqual(found, of_children)

    def test_followed_forks_among_users_of_streams_come_to_an_end(self):
        run = self.run_under(LIBRARY, program=os.environ["STREAMS"], KRAIT_TRACE=f"{self.file}.%p", KRAIT_TRACE_EVERY=0,
                             KRAIT_TRACE_FOLLOW=1)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        files = list(self.folder.iterdir())
        self.assertGreater(len(files), 2)
        for path in files[:20]:
            self.totals(path)

    def test_children_of_a_single_thread_can_use_streams(self):
        self.trace("forks_with_streams", FOLLOW=1)
        files = list(self.folder.iterdir())
        self.assertEqual(len(files), 4)
        for path in files:
            self.totals(path)

    def test_children_under_a_filter_that_knows_fork_go_on_without_a_record(self):
        for follows in (0, 1):
            run = self.run_under(LIBRARY, "everything", "forks", program=os.environ["FILTERED"], KRAIT_TRACE_EVERY=0,
                                 KRAIT_TRACE=self.folder / str(follows) / "trace", KRAIT_TRACE_FOLLOW=follows,
                                 prepare=(self.folder / str(follows)).mkdir)
            if run.returncode == 77:
                self.skipTest(run.stderr)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            file, = (self.folder / str(follows)).iterdir()
            self.assertGreaterEqual(self.totals(file)["allocs"], 800_000)

    def test_a_file_whose_descriptor_another_took_before_a_filter_came(self):
        database = self.folder / "database"
        self.assertEqual(self.trace("daemon", database), "0\n")
        self.assertGreaterEqual(self.totals()["allocs"], 100_000)

    def test_a_file_that_cannot_be_found_again_when_a_filter_comes_is_told(self):
        database = self.folder / "database"
        gone = f"krait: trace: {self.file}: No such file or directory, recording stops\n"
        self.assertEqual(self.trace("daemon", database, self.file, errors=gone), "0\n")

    def test_what_was_written_is_there_after_a_kill(self):
        self.trace("killed", 200000, status=-9)
        totals = self.totals()
        self.assertEqual(totals["is_whole"], 0)
        self.assertGreater(totals["allocs"], 100000)
        self.assertLessEqual(totals["allocs"], 200100)

    def test_samples_are_there_after_a_kill(self):
        self.trace("killed", 2_000_000, status=-9, EVERY=1 << 20)
        totals = self.totals()
        self.assertEqual(totals["is_whole"], 0)
        self.assertGreater(totals["allocs"], 0)

    def test_any_cut_of_a_file_can_be_read(self):
        self.trace("family")
        whole = self.file.read_bytes()
        last = 0
        for length in sorted({0, 8, 100, 400, *range(0, len(whole), max(1, len(whole) // 40)), len(whole)}):
            cut = self.folder / "cut"
            cut.write_bytes(whole[:length])
            read = subprocess.run([TOTALS, cut], capture_output=True, text=True, check=False)
            if read.returncode == 0:
                allocs = int(read.stdout.split()[1])
                self.assertGreaterEqual(allocs, last)
                last = allocs
            else:
                self.assertIn("not a trace", read.stderr)
                self.assertLess(length, 400)
        self.assertGreater(last, 15000)

    def test_nothing_is_missing_after_an_end_without_destructors(self):
        self.trace("ends_at_once", 5000, status=3)
        self.assertGreaterEqual(self.totals()["live"], 5000)

    def test_exec_keeps_what_there_was_and_the_next_program_does_not_write_over_it(self):
        self.trace("execs", 30000)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["trace"])
        self.assertGreaterEqual(self.totals()["live"], 30000)

    def test_a_followed_exec_has_a_second_file(self):
        self.trace("execs", 5000, FOLLOW=1)
        files = sorted(self.folder.iterdir())
        self.assertEqual(len(files), 2)
        self.assertEqual(files[1].name, files[0].name + ".2")
        self.assertGreaterEqual(self.totals(files[0])["live"], 5000)
        self.assertGreater(self.totals(files[1])["reallocs"], 1000)

    def test_blocks_of_signal_handlers_are_there(self):
        handled = int(self.trace("signals"))
        totals = self.totals()
        stacks = subprocess.run([TOTALS, "--stacks", "24", "24", self.file], capture_output=True, text=True, check=True)
        self.assertGreaterEqual(len(stacks.stdout.splitlines()), handled)
        self.assertEqual(totals["strangers"], 0)

    def test_a_child_of_a_bare_fork_leaves_the_file_alone(self):
        counts, _ = self.counted("bare_fork")
        self.trace("bare_fork")
        self.assert_same(self.totals(), counts)
        own = subprocess.run([TOTALS, "--stacks", "778", "778", self.file], capture_output=True, text=True, check=True)
        self.assertEqual(own.stdout, "")

    def test_children_of_a_bare_fork_wait_for_no_thread(self):
        self.trace("bare_forks_beside_threads")
        self.assertEqual(self.totals()["strangers"], 0)

    def test_libraries_that_come_and_go(self):
        counts, _ = self.counted("plugin", PLUGIN)
        self.trace("plugin", PLUGIN)
        self.assert_same(self.totals(), counts)

    def test_ten_thousand_threads_in_a_row_take_no_memory_each(self):
        self.trace("threads_in_a_row", 10000)
        totals = self.totals()
        self.assertEqual(totals["threads"], 10001)
        self.assertGreaterEqual(totals["allocs"], 500000)
        self.assertEqual(totals["strangers"], 0)
        self.assertLess(totals["resident"], 32 << 20)

    def test_many_threads_at_once(self):
        run = self.run_under(LIBRARY, "threads_at_once", 10000, KRAIT_TRACE=self.file, KRAIT_TRACE_EVERY=0)
        if run.returncode == 77:
            self.skipTest("the machine allows fewer threads")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        totals = self.totals()
        self.assertEqual(totals["threads"], 10001)
        self.assertGreaterEqual(totals["allocs"], 500000)
        self.assertEqual(totals["strangers"], 0)

    def test_stacks_are_those_that_libgcc_sees(self):
        said = collections.defaultdict(list)
        for line in self.trace("stacks", FRAMES=64).splitlines():
            size, address = line.split()
            said[int(size)].append(int(address, 16))
        shown = subprocess.run([TOTALS, "--stacks", "12341", "12359", self.file], capture_output=True, text=True,
                               check=True)
        found = collections.defaultdict(list)
        for line in shown.stdout.splitlines():
            size, address = line.split()
            found[int(size)].append(int(address, 16))
        self.assertEqual(sorted(found), sorted(said))
        self.assertEqual(len(said), 11)
        for size, frames in said.items():
            # The innermost frame calls backtrace there and malloc here. Frames that a signal interrupted are one more.
            theirs = frames[1:]
            ours = found[size][1:]
            self.assertEqual(len(ours), len(theirs), size)
            for mine, other in zip(ours, theirs):
                self.assertIn(mine - other, (0, 1) if size == 12347 else (0,), size)

    def test_no_more_frames_than_asked_for(self):
        self.trace("stacks", FRAMES=3)
        self.assertEqual(self.totals()["deepest"], 3)

    def test_mappings_of_the_program_and_no_others(self):
        self.trace("mappings")
        totals = self.totals()
        self.assertEqual((totals["maps"], totals["unmaps"], totals["mapped"]), (2, 1, 65536 + 8192))

    def test_a_full_disk_is_told_once_and_the_program_goes_on(self):
        full = pathlib.Path("/dev/full")
        if not full.exists():
            self.skipTest("no /dev/full")
        said = "krait: trace: /dev/full: No space left on device, recording stops\n"
        self.trace("blocks", 100000, file=full, errors=said)

    def test_a_limit_on_files_is_told_once_and_the_program_goes_on(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        said = f"krait: trace: {self.file}: File too large, recording stops\n"
        self.trace("blocks", 300000, prepare=limit, errors=said)
        self.assertGreater(self.totals()["allocs"], 100)

    def test_a_folder_that_is_not_there(self):
        missing = self.folder / "missing" / "trace"
        said = f"krait: trace: {missing}: No such file or directory, recording stops\n"
        self.trace("blocks", 10, file=missing, errors=said)

    def test_without_the_option_nothing_is_written(self):
        run = self.run_under(LIBRARY, "family")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_samples_are_unbiased(self):
        """200 seeds: the mean of the estimates lies within three standard errors of what was asked for."""
        estimates, said = [], None
        for seed in range(1, 201):
            said = self.trace("sampled", EVERY=16384, SEED=seed).split()
            totals = self.totals()
            self.assertEqual(totals["strangers"], 0)
            estimates.append((totals["estimated_bytes"], totals["estimated_live"]))
        for index, true in enumerate(map(int, said)):
            numbers = [each[index] for each in estimates]
            mean = sum(numbers) / len(numbers)
            error = math.sqrt(sum((each - mean) ** 2 for each in numbers) / (len(numbers) - 1) / len(numbers))
            # The program's own runtime asks for some as well: what is not from its loop is less than this.
            others = 130000
            self.assertLess(mean, true + others + 3 * error)
            self.assertGreater(mean, true - 3 * error)
            self.assertLess(error, true / 20)

    def live_totals(self, *arguments, **options):
        """Of the program's live blocks, read while it runs."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
        environment.update({f"KRAIT_{name}": str(value) for name, value in options.items()}, LD_PRELOAD=LIBRARY)
        with subprocess.Popen([EVENTS, "waits", *arguments], env=environment, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as process:
            self.assertEqual(process.stdout.readline(), "ready\n")
            environment.pop("LD_PRELOAD")
            read = subprocess.run([TOTALS, "--live", str(process.pid)], env=environment, capture_output=True, text=True,
                                  check=False)
            process.stdin.close()
            self.assertEqual(process.wait(), 0)
        numbers = {name: int(number) for name, number in (line.split() for line in read.stdout.splitlines())}
        return numbers, read.stderr

    def test_live_blocks_of_a_running_process_that_takes_samples(self):
        totals, errors = self.live_totals(TRACE=self.file, TRACE_EVERY=65536, TRACE_SEED=7)
        self.assertEqual(errors, "")
        self.assertGreater(totals["live"], 60)
        self.assertLess(abs(totals["estimated_live"] - 2000 * 4321), 2000 * 4321 / 2)
        self.assertGreaterEqual(totals["modules"], 1)
        self.assertGreaterEqual(totals["deepest"], 3)

    def test_live_blocks_of_a_running_process_that_asked_for_tracing(self):
        totals, errors = self.live_totals("1")
        self.assertEqual(errors, "")
        self.assertGreaterEqual(totals["live_bytes"], 2000 * 4321)
        self.assertLess(totals["live_bytes"], 2000 * 4321 + 20000)
        self.assertEqual(totals["twice"], 0)

    def test_live_blocks_of_a_running_process_that_records_every_event(self):
        totals, errors = self.live_totals(TRACE=self.file, TRACE_EVERY=0)
        self.assertEqual(errors, "")
        self.assertGreaterEqual(totals["live_bytes"], 2000 * 4321)
        self.assertLess(totals["live_bytes"], 2000 * 4321 + 100000)
        self.assertEqual((totals["twice"], totals["strangers"], totals["without_stack"]), (0, 0, 0))

    def test_live_blocks_that_cannot_be_had(self):
        _, errors = self.live_totals()
        self.assertIn("records nothing: start it with KRAIT_TRACE=FILE", errors)


if __name__ == "__main__":
    unittest.main()
