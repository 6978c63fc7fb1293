#!/usr/bin/python3
"""Core files have what a program touched, and not what krait reserved: the kernel's, and gcore's, which writes untouched pages too."""
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
    resource.setrlimit(resource.RLIMIT_CORE, (256 * MIB, 256 * MIB))
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 * MIB, 256 * MIB))  # the reservation is of gigabytes


def kernel_writes_files():
    return PATTERN.exists() and PATTERN.read_text()[0] not in "|/\n" and resource.getrlimit(resource.RLIMIT_CORE)[1] != 0


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
        sleeper = subprocess.Popen(["/bin/sleep", "100"], env={**os.environ, "LD_PRELOAD": LIBRARY})
        try:
            said = subprocess.run(["gdb", "-q", "-nx", "-batch", "-p", str(sleeper.pid), "-ex", f"gcore {self.folder}/core"],
                                  capture_output=True, text=True, preexec_fn=allow_core_files, timeout=100)
        finally:
            sleeper.kill()
            sleeper.wait()
        if "ptrace" in said.stderr:
            self.skipTest("gdb may not trace processes")
        self.assertLess(self.sizes("core")[0], 8 * MIB)


if __name__ == "__main__":
    unittest.main()
