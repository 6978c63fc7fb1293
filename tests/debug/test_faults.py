#!/usr/bin/python3 -B
"""Each mistake of faults.cpp under libkrait_debug.so: the end of the process and what is said, to the byte where no
address or number of another run is in it; and that a program without mistakes hears nothing."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
from dataclasses import dataclass

LIBRARY, PROGRAM = os.environ["LIBRARY"], os.environ["PROGRAM"]
SIZES = (0, 10, 480, 1000, 20000, 1 << 20)
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
# docs/debug.md shows it.
NAMES = """#include <stdlib.h>
#include <string.h>

static char* copy_of(const char* text) {
    char* copy = malloc(strlen(text));
    strcpy(copy, text);
    return copy;
}

int main(void) {
    char* name = copy_of("Ada Lovelace");
    free(name);
}
"""


@dataclass
class Run:
    status: int
    addresses: list  # what the program printed
    said: str        # standard error, with p for the last address that it printed, N for numbers of blocks and threads

    @property
    def first(self):
        return self.said.partition("\n")[0]


def run(*arguments, descriptors=(), **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
    environment.update(LD_PRELOAD=LIBRARY, **variables)
    done = subprocess.run([PROGRAM, *map(str, arguments)], env=environment, capture_output=True, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, timeout=300, pass_fds=descriptors)
    addresses = done.stdout.split()
    said = done.stderr
    if addresses:
        said = said.replace(f"address {addresses[-1]},", "address p,")
    said = re.sub(r"\b(block|thread) (\d+|\?)", r"\1 N", said)
    return Run(done.returncode, addresses, said)


NO_START = "krait: free of a pointer that is not the start of a block"


class Faults(unittest.TestCase):
    def expect(self, first, *arguments, status=-signal.SIGABRT, **variables):
        came = run(*arguments, **variables)
        self.assertEqual((came.first, came.status), (first, status), f"{arguments}: {came.said}")
        return came

    def line(self, what, size, api="malloc"):
        return f"krait: {what}: address p, {size} bytes of {api}, block N, thread N"

    def at_exit(self, what, size):
        return self.line(f"{what}, found by the check at exit", size)

    def behind(self, size):
        return self.line("block written to behind its end, found by free", size)

    def test_a_whole_report(self):
        said = self.expect(self.behind(10), "behind", 10, 3).said
        frame = r"        (\S+\+0x[0-9a-f]+|0x[0-9a-f]+ \(not loaded any more\))\n"
        self.assertRegex(said, r"^krait: .*\n"
                         r"    API 'm', malloc\n"
                         r"    7 bytes before it, at p-7: fd fd fd fd fd fd fd, as they should be\n"
                         r"    8 bytes behind it, at p\+10: 41 41 41 fd fd fd fd fd, but all should be fd\n"
                         r"        p\+10 is 41\n        p\+11 is 41\n        p\+12 is 41\n"
                         r"    data at p: cd cd cd cd cd cd cd cd cd cd\n"
                         r"    made as block N by\n"
                         rf"(?:{frame})+"
                         r"    asked for by\n"
                         rf"(?:{frame})+$")
        self.assertIn(f"        {os.path.realpath(PROGRAM)}+0x", said)

    def test_a_whole_report_of_a_freed_block(self):
        said = self.expect(self.at_exit("freed block written to", 100), "after_free", 100, 20).said
        self.assertIn("    byte p+20 is 41, but all of a freed block should be dd\n", said)
        self.assertIn("    data at p: " + 16 * "dd " + ".. " + 7 * "dd " + "dd\n", said)
        self.assertRegex(said, r"    made as block N by\n(        \S+\+0x\w+\n)+    freed by\n(        \S+\+0x\w+\n)+$")

    def test_written_behind(self):
        for size in SIZES:
            for count in (1, 8, 16, 64):
                self.expect(self.behind(size), "behind", size, count)
            self.expect(self.behind(size), "behind_nul", size)

    def test_written_before(self):
        for size in SIZES:
            for count in (1, 8, 16, 64) if size < 1 << 20 else (1, 8, 16):  # its mapping begins there
                came = run("before", size, count)
                self.assertEqual(came.status, -signal.SIGABRT, f"{size} {count}: {came.said}")
                self.assertRegex(came.said, "^krait: block written to before its start, found by free: address p, ")
                if count <= 16:
                    self.assertIn(f", {size} bytes", came.first)
        self.assertIn("        p-1 is 41\n", run("before", 10, 1).said)

    def test_nothing_of_the_head_is_left(self):
        for size in (10, 1000, 20000):
            for case, what in (("twice_without_head", "double free"),
                               ("another_head", "block written to before its start, found by free")):
                said = self.expect(f"krait: {what}: address p, thread N", case, size).said
                self.assertIn("    its size and what follows are not known any more, ", said)

    def test_of_every_maker(self):
        for case in ("calloc", "realloc", "new", "new_array"):
            for size in (10, 1000):
                self.expect(self.behind(size), f"behind_{case}", size)
        for alignment in (16, 32, 64, 4096, 65536):
            for side, words in (("behind", "behind its end"), ("before", "before its start")):
                self.expect(self.line(f"block written to {words}, found by free", 100),
                            f"{side}_aligned", 100, alignment)

    def test_found_elsewhere(self):
        for size in (10, 1000, 20000):
            for case, finder in (("behind_then_realloc", "realloc"), ("behind_then_size", "malloc_usable_size"),
                                 ("behind_then_exit", "the check at exit")):
                self.expect(self.line(f"block written to behind its end, found by {finder}", size), case, size)

    def test_on_demand(self):
        came = run("behind_then_check")
        self.assertEqual((came.status, came.addresses[-1]), (0, "1"))
        self.assertRegex(came.said, "^krait: block written to behind its end, found by krait_check: ")
        came = run("after_free_check")
        self.assertEqual((came.status, came.addresses[-1]), (0, "1"))
        self.assertTrue(came.said.startswith("krait: freed block written to, found by krait_check: "), came.said)

    def test_every_so_many_requests(self):
        self.expect("", "behind_then_any_request", status=0)
        self.expect(self.line("block written to behind its end, found by the check of every so many calls", 48),
                    "behind_then_any_request", KRAIT_DEBUG_EVERY="1")

    def test_written_to_after_free(self):
        for size in SIZES[1:]:
            for place in (0, 8, size - 1):
                self.expect(self.at_exit("freed block written to", size), "after_free", size, place)
        self.expect(self.line("freed block written to, found by the check at exit", 48), "after_realloc")
        self.expect(self.at_exit("freed block written to behind its end", 48), "after_free_behind")
        self.expect(self.at_exit("freed block written to before its start", 48), "after_free_before")

    def test_quarantine(self):
        self.expect("", "after_free_others", status=0)
        self.expect(self.line("freed block written to, found by its leaving the quarantine", 48), "after_free_others",
                    KRAIT_DEBUG_QUARANTINE="10K")
        self.expect("", "after_free", status=0, KRAIT_DEBUG_QUARANTINE="0")
        for most in ("64G", "1T"):  # more than there is memory for
            self.expect(self.at_exit("freed block written to", 100), "after_free", 100, 5, KRAIT_DEBUG_QUARANTINE=most)
        # In its room of 64 KiB a block of 20,000 bytes has place, one of 40,000 has none.
        self.expect("", "after_free", 40000, 5, status=0, KRAIT_DEBUG_QUARANTINE="64K")
        self.expect(self.line("freed block written to, found by the check at exit", 20000), "after_free", 20000, 5,
                    KRAIT_DEBUG_QUARANTINE="64K")

    def test_freed_twice(self):
        for size in SIZES:
            self.expect(self.line("double free", size), "twice", size)
        for size in (10, 20000):
            for case in ("twice_threads", "twice_at_once", "twice_aligned"):
                self.expect(self.line("double free", size), case, size)
        for size in (10, 1000):
            self.expect(self.line("double free", size), "twice_later", size)
            self.expect(self.line("double free", size, "malloc"), "twice_delete", size)
        for size in (10, 480, 1000, 20000):  # nothing is kept
            self.expect("krait: double free of a block that is not kept any more: address p, thread N", "twice", size,
                        KRAIT_DEBUG_QUARANTINE="0")
        # Its mapping is gone.
        self.expect("krait: free of what is no block: address p, thread N", "twice", 1 << 20, KRAIT_DEBUG_QUARANTINE="0")

    def test_no_block(self):
        for size in (48, 1000, 20000, 1 << 20):
            for count in (1, 8, 16, 40):
                came = run("interior", size, count)
                self.assertEqual(came.status, -signal.SIGABRT, came.said)
                self.assertRegex(came.first, rf"^{NO_START}: address 0x\w+, "
                                             rf"{count} bytes behind the start of a block of {size} bytes, thread N$")
        for size in (48, 1000, 20000):
            for count in (16, 32):
                came = run("in_front", size, count)
                self.assertEqual(came.status, -signal.SIGABRT, came.said)
                self.assertRegex(came.first, rf"^{NO_START}: address 0x\w+, "
                                             rf"{count} bytes before the start of a block of {size} bytes, thread N$")
        came = run("interior_freed", 48, 16)
        self.assertIn("16 bytes behind the start of a freed block of 48 bytes", came.first)
        self.expect("krait: free of what is no block: address p, thread N", "no_block", 64)
        for case in ("stack", "global"):
            came = run(case)
            self.assertEqual(came.status, -signal.SIGABRT, came.said)
            self.assertRegex(came.said, rf"^({NO_START}|free\(\): invalid )")

    def test_of_freed(self):
        for size in (0, 10, 20000, 1 << 20):
            self.expect(self.line("realloc of a freed block", size), "realloc_freed", size)
            self.expect(self.line("size of a freed block", size), "size_freed", size)

    def test_letters(self):
        for size in (10, 1000):
            for case, request, api in (
                    ("malloc_delete", "operator delete", "malloc"),
                    ("malloc_delete_array", "operator delete[]", "malloc"),
                    ("new_free", "free", "operator new"),
                    ("new_realloc", "realloc", "operator new"),
                    ("new_delete_array", "operator delete[]", "operator new"),
                    ("new_array_free", "free", "operator new[]"),
                    ("new_array_delete", "operator delete", "operator new[]"),
                    ("new_array_nothrow_delete", "operator delete", "operator new[]"),
                    ("aligned_new_delete", "operator delete", "aligned operator new"),
                    ("new_aligned_delete", "aligned operator delete", "operator new")):
                self.expect(f"krait: {request} of a block of {api}: address p, {size} bytes, block N, thread N",
                            case, size)
                if size == 10:
                    self.expect("", case, size, status=0, KRAIT_DEBUG_MISMATCH="0")
            self.expect(f"krait: operator delete with size {size + 1} of a block of {size} bytes: "
                        "address p, block N, thread N", "new_sized_delete", size)
            self.expect(f"krait: sized free with size {size - 1} of a block of {size} bytes: "
                        "address p, block N, thread N", "malloc_sized_free", size)

    def test_in_a_forked_child_with_threads(self):
        self.expect(self.behind(48), "in_child", status=0)

    def test_in_a_program_with_a_system_call_filter(self):
        said = self.expect(self.behind(48), "behind_a_filter").said
        self.assertIn(f"        {os.path.realpath(PROGRAM)}+0x", said)

    def test_a_socket_of_another_gets_no_report(self):
        mine, its = socket.socketpair()
        with mine, its:
            came = run("behind", descriptors=(its.fileno(),), KRAIT_DEBUG_REPORT=str(its.fileno()))
            its.close()
            self.assertEqual((came.first, mine.recv(1)), (self.behind(48), b""))

    def test_the_manual_s_way_with_gdb(self):
        if not shutil.which("gdb") or not shutil.which("cc"):
            self.skipTest("no gdb, or no cc")
        root = pathlib.Path(__file__).parents[2]
        commands = re.findall(r"^    \(gdb\) (.*)$", (root / "docs/debug.md").read_text(encoding="utf-8"), re.MULTILINE)
        commands[0] = commands[0].replace("libkrait_debug.so.0", LIBRARY)
        with tempfile.TemporaryDirectory() as folder:
            source, program = f"{folder}/names.c", f"{folder}/names"
            pathlib.Path(source).write_text(NAMES, encoding="utf-8")
            subprocess.run(["cc", "-g", "-O0", "-w", "-o", program, source], check=True, timeout=300)
            said = subprocess.run(["gdb", "-nx", "-q", "-batch", *(f"-ex={each}" for each in commands), program],
                                  capture_output=True, text=True, errors="replace", timeout=300, env=CLEAN)
        if "SIGTRAP" not in said.stdout:
            self.skipTest(f"gdb has no program to stop here: {said.stderr}")
        self.assertIn("New value = 0 '\\000'", said.stdout, said.stderr)

    def test_stop(self):
        self.expect("", "stop", status=-signal.SIGTRAP, KRAIT_DEBUG_STOP="50")
        self.expect("", "stop", status=0, KRAIT_DEBUG_STOP="1000000")

    def test_stacks_are_as_deep_as_asked_for(self):
        for frames in (0, 1, 3):
            said = run("behind", KRAIT_DEBUG_FRAMES=str(frames)).said
            self.assertEqual(said.count("+0x"), 2 * frames, said)
            self.assertEqual(said.count("        not known\n"), 2 if frames == 0 else 0)

    def test_what_cpython_s_own_hooks_find(self):
        python = ["/usr/bin/python3", "-c", "import _testcapi; _testcapi.pymem_buffer_overflow()"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
        has_module = [*python[:2], "import _testcapi"]
        if not os.path.exists(python[0]) or subprocess.run(has_module, capture_output=True).returncode:
            self.skipTest("no Python with _testcapi")

        def end(**variables):
            return subprocess.run(python, env=environment | variables, capture_output=True, text=True, timeout=300)
        theirs = end(PYTHONMALLOC="malloc_debug")
        ours = end(PYTHONMALLOC="malloc", LD_PRELOAD=LIBRARY)
        self.assertEqual((theirs.returncode, ours.returncode), (-signal.SIGABRT, -signal.SIGABRT))
        self.assertIn("    16 bytes originally requested\n", theirs.stderr)
        self.assertIn("        at tail+0: 0x78 *** OUCH\n", theirs.stderr)
        self.assertRegex(ours.stderr, r"^krait: block written to behind its end, found by free: .*, 16 bytes of ")
        self.assertIn("    8 bytes behind it, at p+16: 78 fd fd fd fd fd fd fd, but all should be fd\n"
                      "        p+16 is 78\n", ours.stderr)

    @unittest.skipUnless(os.path.exists(os.environ.get("KRAIT", "")), "the command is not built")
    def test_krait_run_puts_names_to_it(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}

        def run_by_command(case):
            return subprocess.run([os.environ["KRAIT"], "run", "--debug", "--", PROGRAM, case], env=environment,
                                  timeout=300, capture_output=True, text=True)
        place = rf" at \S*/faults\.cpp:\d+ \({re.escape(os.path.realpath(PROGRAM))}\+0x\w+\)\n"
        for case, before, function in (("behind", "made as block", "fresh"), ("twice", "freed by", ""),
                                       ("after_free", "made as block", "fresh")):
            done = run_by_command(case)
            self.assertEqual(done.returncode, -signal.SIGABRT, done.stderr)
            self.assertRegex(done.stderr, rf"{before}.*\n(        .*\n)*        .*{function}\S*{place}")
        # It is out of the way of descriptors that scripts use.
        script = 'exec 3>/dev/null 4>/dev/null 5>/dev/null 9>/dev/null; exec "$0" behind'
        done = subprocess.run([os.environ["KRAIT"], "run", "--debug", "--", "/bin/sh", "-c", script, PROGRAM],
                              env=environment, timeout=300, capture_output=True, text=True)
        self.assertRegex(done.stderr, place)
        # What is right says nothing, and whoever reads standard error sees its end.
        done = run_by_command("right")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "0\n", ""))

    def test_silence(self):
        for variables in ({}, {"KRAIT_DEBUG_EVERY": "5000"}, {"KRAIT_DEBUG_QUARANTINE": "0"},
                          {"KRAIT_DEBUG_QUARANTINE": "1K"}, {"KRAIT_LARGE": "own"}, {"KRAIT_TCACHE": "0"},
                          {"KRAIT_LARGE": "next"}, {"KRAIT_DEBUG_PATH": "/the/command/s"}):
            came = run("right", **variables)
            self.assertEqual((came.said, came.status, came.addresses), ("", 0, ["0"]), variables)


if __name__ == "__main__":
    unittest.main()
