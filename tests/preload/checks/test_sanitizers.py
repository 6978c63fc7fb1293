#!/usr/bin/python3
"""In a program built with a sanitizer krait steps aside, says so, and the sanitizer finds what it finds without krait."""
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

LIBRARY, KRAIT = os.environ["LIBRARY"], os.environ.get("KRAIT")
SOURCE = pathlib.Path(__file__).with_name("sanitized.c")
STARTS = pathlib.Path(__file__).parents[3] / "scripts" / "sanitizer-starts"
SKIPPED = 77
ASIDE = "krait: this program is built with {}, which brings its own malloc: krait steps aside\n"
NAMES = {"address": "AddressSanitizer", "thread": "ThreadSanitizer", "memory": "MemorySanitizer"}
MISTAKES = {"address": "overflow", "thread": "race", "memory": "uninitialised"}


def clang_runtime_folder():
    found = subprocess.run(["clang-14", "-print-runtime-dir"], capture_output=True, text=True)
    return found.stdout.strip()


@functools.cache
def why_not(compiler, sanitizer):
    """Why programs built so do not start on this machine, or nothing."""
    probe = subprocess.run([STARTS, compiler, sanitizer], capture_output=True, text=True)
    return probe.stderr.strip() if probe.returncode == SKIPPED else ""


class Sanitizers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.program = os.path.join(folder.name, "sanitized")

    def build(self, compiler, sanitizer, *flags):
        if shutil.which(compiler) is None:
            self.skipTest(f"no {compiler}")
        if reason := why_not(compiler, sanitizer):
            self.skipTest(reason)
        subprocess.run([compiler, "-g", f"-fsanitize={sanitizer}", *flags, SOURCE, "-o", self.program, "-pthread"], check=True)

    def run_program(self, *command, **variables):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
        return subprocess.run(command, env={**clean, "LD_LIBRARY_PATH": clang_runtime_folder(), **variables},
                              capture_output=True, text=True)

    def assert_steps_aside(self, sanitizer, line):
        mistake, findings = MISTAKES[sanitizer], r"(?:ERROR|WARNING|SUMMARY): \w+: [\w-]+"
        correct = self.run_program(self.program, LD_PRELOAD=LIBRARY)
        self.assertEqual((correct.returncode, correct.stderr), (3, line))
        alone = self.run_program(self.program, mistake)
        under_krait = self.run_program(self.program, mistake, LD_PRELOAD=LIBRARY)
        self.assertTrue(re.findall(findings, alone.stderr))
        self.assertEqual(re.findall(findings, under_krait.stderr), re.findall(findings, alone.stderr))
        self.assertEqual(under_krait.returncode, alone.returncode)

    def check(self, compiler, sanitizer, *flags):
        self.build(compiler, sanitizer, *flags)
        self.assert_steps_aside(sanitizer, ASIDE.format(NAMES[sanitizer]))

    def test_gcc_address(self):
        self.check("gcc", "address")

    def test_gcc_thread(self):
        self.check("gcc", "thread")

    def test_clang_address(self):
        self.check("clang-14", "address")

    def test_clang_address_as_a_library(self):
        self.check("clang-14", "address", "-shared-libsan")

    def test_clang_thread(self):
        self.check("clang-14", "thread")

    def test_clang_memory(self):
        self.check("clang-14", "memory")

    def test_gcc_runtime_in_the_program_is_silent(self):
        for sanitizer, flag in (("address", "-static-libasan"), ("thread", "-static-libtsan")):
            with self.subTest(sanitizer=sanitizer):
                self.build("gcc", sanitizer, flag)
                self.assert_steps_aside(sanitizer, "")

    def test_program_with_default_options_of_its_own_needs_one_more(self):
        self.build("gcc", "address", "-DOWN_DEFAULT_OPTIONS")
        refused = self.run_program(self.program, LD_PRELOAD=LIBRARY)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("ASan runtime does not come first in initial library list", refused.stderr)
        served = self.run_program(self.program, LD_PRELOAD=LIBRARY, ASAN_OPTIONS="verify_asan_link_order=0")
        self.assertEqual((served.returncode, served.stderr), (3, ASIDE.format("AddressSanitizer")))

    @unittest.skipIf(KRAIT is None, "no krait command")
    def test_krait_run_says_it_once(self):
        for compiler in ("gcc", "clang-14"):
            with self.subTest(compiler=compiler):
                self.build(compiler, "address")
                result = self.run_program(KRAIT, "run", self.program)
                self.assertEqual((result.returncode, result.stderr), (3, ASIDE.format("AddressSanitizer")))


if __name__ == "__main__":
    outcome = unittest.main(exit=False).result
    skipped = {getattr(test, "test_case", test) for test, _ in outcome.skipped}  # a subtest's, too
    sys.exit(1 if not outcome.wasSuccessful() else SKIPPED if len(skipped) == outcome.testsRun else 0)
