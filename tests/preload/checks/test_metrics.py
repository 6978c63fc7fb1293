#!/usr/bin/python3 -B
"""KRAIT_METRICS: the file that a process writes about itself, and who writes it."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from krait_library import LIBRARY, run

SOON = 60  # seconds: only ever waited for in full by a test that fails
FORKING = "import os, time\nif os.fork() == 0: time.sleep(0.5); raise SystemExit\nos.wait()"


class Metrics(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, *command, **options):
        """Starts the command under preload with these options, and ends it when the test is over."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
        environment.update({f"KRAIT_{name}": str(value) for name, value in options.items()}, LD_PRELOAD=LIBRARY)
        process = subprocess.Popen(command, env=environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, condition):
        end = time.monotonic() + SOON
        while not condition():
            self.assertLess(time.monotonic(), end, "it did not happen")
            time.sleep(0.01)

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def python(self, script, **options):
        result = run("/usr/bin/python3", "-c", script, METRICS_INTERVAL="10", **options)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_appears_while_the_program_runs_and_a_parser_takes_it(self):
        file = self.folder / "krait.prom"
        process = self.start("/bin/sleep", "1000", METRICS=file, METRICS_INTERVAL=10)
        self.wait_for(file.exists)
        text = file.read_text(encoding="ascii")
        self.assertIsNone(process.poll())
        self.assertRegex(text, r"\nkrait_arenas_created_total [1-9]\d*\n")
        self.assertRegex(text, r'\nkrait_class_pools\{size="\d+"\} [1-9]\d*\n')
        self.assertRegex(text, r"\nkrait_process_rss_bytes [1-9]\d+\n")
        promtool = shutil.which("promtool")
        if promtool is None:
            self.skipTest("no promtool: the metrics are not parsed")
        checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True,
                                 check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

    def test_readers_see_whole_texts_only(self):
        file = self.folder / "krait.prom"
        self.start("/bin/sleep", "1000", METRICS=file, METRICS_INTERVAL=10)
        self.wait_for(file.exists)
        seen = set()

        def several_were_read():
            with open(file, encoding="ascii") as opened:
                text = opened.read()
                seen.add(os.fstat(opened.fileno()).st_mtime_ns)
            self.assertTrue(text.startswith("# HELP ") and text.endswith("\n# EOF\n"), text[-80:])
            return len(seen) >= 20
        self.wait_for(several_were_read)

    def test_last_write_is_at_exit(self):
        file = self.folder / "krait.prom"
        result = run(METRICS=str(file), METRICS_INTERVAL="86400000")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        passed = re.search(r"^krait_passthrough_calls_total (\d+)$", file.read_text(encoding="ascii"), re.MULTILINE)
        self.assertGreater(int(passed[1]), 1000)  # small_life.cpp: blocks over 512 bytes
        self.assertEqual(self.names(), ["krait.prom"])

    def test_process_id_in_the_name_is_a_label_too(self):
        process = self.start("/bin/sleep", "1000", METRICS=self.folder / "%p.prom", METRICS_INTERVAL=10)
        file = self.folder / f"{process.pid}.prom"
        self.wait_for(file.exists)
        samples = [line for line in file.read_text(encoding="ascii").splitlines() if not line.startswith("#")]
        self.assertEqual([line for line in samples if f'pid="{process.pid}"' not in line], [])

    def test_forked_child_writes_a_file_of_its_own(self):
        self.python(FORKING, METRICS=str(self.folder / "%p.prom"))
        self.assertEqual(len(self.names()), 2)
        for name in self.names():
            text = (self.folder / name).read_text(encoding="ascii")
            self.assertIn(f'pid="{name.removesuffix(".prom")}"', text)

    def test_forked_child_leaves_the_file_of_its_parent_alone(self):
        file = self.folder / "krait.prom"
        script = f"import os, time\nfile = {str(file)!r}\nwhile not os.path.exists(file): time.sleep(0.01)\n" \
                 "if os.fork() == 0:\n    blocks = [bytes(1000) for _ in range(100000)]\n" \
                 "    assert os.listdir('/proc/self/task') == [str(os.getpid())]\n    raise SystemExit\n" \
                 "assert os.wait()[1] == 0\nos.kill(os.getpid(), 9)"
        run("/usr/bin/python3", "-c", script, METRICS=str(file), METRICS_INTERVAL="86400000")
        passed = re.search(r"^krait_passthrough_calls_total (\d+)$", file.read_text(encoding="ascii"), re.MULTILINE)
        self.assertLess(int(passed[1]), 100000)  # the child's

    def test_fork_passes_on_no_descriptor(self):
        script = "import os; folder = '/proc/self/fd/'\nfor _ in range(200):\n    if os.fork() == 0:\n" \
                 "        fds = [folder + n for n in os.listdir(folder)]\n" \
                 "        os._exit(any('krait.prom' in os.readlink(fd) for fd in fds if os.path.islink(fd)))\n" \
                 "    assert os.wait()[1] == 0"
        self.python(script, METRICS=str(self.folder / "krait.prom"))

    def test_thread_only_where_asked_for(self):
        script = "import os, sys, time; tasks = '/proc/self/task/'\n" \
                 "def names(): return sorted(open(tasks + task + '/comm').read().strip() for task in os.listdir(tasks))\n" \
                 "end = time.monotonic() + float(sys.argv[1])\n" \
                 "while names() == ['python3', 'python3'] and time.monotonic() < end: time.sleep(0.01)\n" \
                 "print(*names())"  # the thread gives itself its name
        program = ("/usr/bin/python3", "-c", script, str(SOON))
        self.assertEqual(run(*program).stdout, "python3\n")
        self.assertEqual(run(*program, METRICS="0").stdout, "python3\n")
        self.assertEqual(run(*program, METRICS=str(self.folder / "krait.prom")).stdout, "krait-metrics python3\n")

    def test_thread_takes_no_signals(self):
        process = self.start("/bin/sleep", "1000", METRICS=self.folder / "krait.prom")
        usual_signals = 0x7fffffff & ~(1 << 8 | 1 << 18)  # SIGKILL and SIGSTOP cannot be blocked

        def blocked(task):
            mask = re.search(r"^SigBlk:\s*(\w+)$", (task / "status").read_text(encoding="ascii"), re.MULTILINE)[1]
            return (task / "comm").read_text(encoding="ascii").strip(), int(mask, 16) & usual_signals

        # The first thread blocks them too, until the helper is started.
        tasks = pathlib.Path(f"/proc/{process.pid}/task")
        self.wait_for(lambda: dict(map(blocked, tasks.iterdir())) == {"sleep": 0, "krait-metrics": usual_signals})

    def test_program_ends_though_its_first_thread_left_early(self):
        script = "import ctypes; ctypes.CDLL(None).pthread_exit(None)"
        file = self.folder / "krait.prom"
        process = self.start("/usr/bin/python3", "-c", script, METRICS=file, METRICS_INTERVAL=10)
        self.assertEqual(process.wait(timeout=SOON), 0)

    def test_no_thread_to_be_had(self):
        file = self.folder / "krait.prom"
        command = [os.environ["REFUSE"], "thread", "--", "/usr/bin/env", f"LD_PRELOAD={LIBRARY}",
                   f"KRAIT_METRICS={file}", "/bin/sleep", "0"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode == 77:
            self.skipTest(result.stderr)
        self.assertEqual((result.returncode, result.stderr), (0, f"krait: KRAIT_METRICS={file}: no thread could be "
                                                                 "started for it, it is written at exit only\n"))
        self.assertEqual(self.names(), ["krait.prom"])

    def test_unwritable_file_is_said_once(self):
        missing = str(self.folder / "missing" / "krait.prom")
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for name in (missing, str(pipe), str(self.folder), "x" * 5000):
            with self.subTest(name=name[:40]):
                result = run("/bin/sleep", "0.2", METRICS=name, METRICS_INTERVAL="10")
                self.assertEqual((result.returncode, result.stdout), (0, ""))
                self.assertEqual(result.stderr, f"krait: KRAIT_METRICS={name}: this file cannot be written\n")
        self.assertEqual(self.names(), ["pipe"])
        self.assertTrue(pipe.is_fifo())

    def test_full_disk_leaves_the_last_whole_text(self):
        file = self.folder / "krait.prom"
        file.write_text("the last one\n", encoding="ascii")
        script = f"ulimit -f 1; trap '' XFSZ; exec env LD_PRELOAD={LIBRARY} KRAIT_METRICS={file} /bin/sleep 0.1"
        result = subprocess.run(["/bin/bash", "-c", script], capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stderr),
                         (0, f"krait: KRAIT_METRICS={file}: this file cannot be written\n"))
        self.assertEqual((self.names(), file.read_text(encoding="ascii")), (["krait.prom"], "the last one\n"))


if __name__ == "__main__":
    unittest.main()
