#!/usr/bin/python3
"""Core files have what a program touched, not what krait reserved: the kernel's, and gcore's, which has untouched pages too."""
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import unittest

LIBRARY, MOSTLY_FREED = os.environ["LIBRARY"], os.environ["MOSTLY_FREED"]
MIB = 1 << 20
PATTERN = pathlib.Path("/proc/sys/kernel/core_pattern")


def allow_core_files():
    for limit in resource.RLIMIT_CORE, resource.RLIMIT_FSIZE:  # the reservation is of gigabytes
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (256 * MIB if hard == resource.RLIM_INFINITY else min(256 * MIB, hard), hard))


def kernel_writes_files():
    """Into the working folder, under a name that sizes() finds."""
    pattern = PATTERN.read_text() if PATTERN.exists() else ""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    return "core" in pattern and pattern[0] not in "|/" and (hard == resource.RLIM_INFINITY or hard >= 256 * MIB)


class CoreFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def sizes(self, pattern):
        """Bytes long, bytes on disk."""
        (core,) = self.folder.glob(pattern)
        about = core.stat()
        core.unlink()
        return about.st_size, about.st_blocks * 512

    def crash(self, *command, preload=""):
        with open(os.devnull, "rb") as nothing:
            status = subprocess.run(command, cwd=self.folder, env={**os.environ, "LD_PRELOAD": preload}, stdin=nothing,
                                    stderr=subprocess.DEVNULL, preexec_fn=allow_core_files).returncode
        self.assertLess(status, 0)
        return self.sizes("*core*")

    @unittest.skipUnless(kernel_writes_files(), "the kernel writes no core files here")
    def test_small_program(self):
        command = "/bin/sh", "-c", "kill -ABRT $$"
        (length_alone, disk_alone), (length, disk) = self.crash(*command), self.crash(*command, preload=LIBRARY)
        self.assertLess(length - length_alone, 2 * MIB)
        self.assertLess(disk - disk_alone, MIB // 2)

    @unittest.skipUnless(kernel_writes_files(), "the kernel writes no core files here")
    def test_freed_memory_is_holes(self):
        length, disk = self.crash(MOSTLY_FREED, preload=LIBRARY)
        self.assertGreater(length, 64 * MIB)
        self.assertLess(disk, 16 * MIB)

    @unittest.skipIf(shutil.which("gdb") is None, "no gdb")
    def test_gcore_of_a_small_program(self):
        sleeper = subprocess.Popen(["/bin/cat"], env={**os.environ, "LD_PRELOAD": LIBRARY}, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        try:
            sleeper.stdin.write(b"a line\n")
            sleeper.stdin.flush()
            self.assertEqual(sleeper.stdout.readline(), b"a line\n")  # by now it has allocated
            said = subprocess.run(["gdb", "-q", "-nx", "-batch", "-p", str(sleeper.pid), "-ex", f"gcore {self.folder}/core"],
                                  capture_output=True, text=True, preexec_fn=allow_core_files, timeout=100)
        finally:
            sleeper.kill()
            sleeper.communicate()
        if "ptrace" in said.stderr:
            self.skipTest("gdb may not trace processes")
        self.assertLess(self.sizes("core")[0], 8 * MIB)


if __name__ == "__main__":
    unittest.main()
