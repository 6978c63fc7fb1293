"""Running one command under one allocator, through krait_launch."""
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .paths import Problem, built

# The processor that one-thread rows are pinned to: the last one, since the first serves most interrupts.
ONE_CPU = max(os.sched_getaffinity(0))


@dataclass
class Run:
    cpu_s: float
    wall_s: float
    peak_rss_kib: int
    faults: int
    output: str
    samples: list  # (seconds, KiB) when asked for


class Launch:
    """A command that has been started; finish() waits for it."""

    def __init__(self, command, allocator, *, one_cpu=False, environment=None, sample=False, stdin=None):
        self._folder = tempfile.TemporaryDirectory(prefix="krait-bench-")
        self._result = Path(self._folder.name) / "result"
        self._samples = Path(self._folder.name) / "samples"
        self._what = f"{Path(command[0]).name} under {allocator.name}"
        line = [str(built("krait_launch")), "--result", str(self._result)]
        if one_cpu:
            line += ["--cpu", str(ONE_CPU)]
        if allocator.library:
            line += ["--preload", str(allocator.library)]
        for name, value in {**(environment or {}), **allocator.environment}.items():
            line += ["--env", f"{name}={value}"]
        if sample:
            line += ["--sample", str(self._samples)]
        line += ["--", *map(str, command)]
        self._process = subprocess.Popen(line, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True)

    def has_ended(self):
        return self._process.poll() is not None

    def kill(self):
        """The command dies with its launcher."""
        self._process.kill()
        self._process.wait()

    def finish(self, timeout=300):
        try:
            output, errors = self._process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Problem(f"{self._what}: no end after {timeout} s") from None
        with self._folder:
            if not self._result.exists():
                raise Problem(f"{self._what}: {errors.strip()}")
            result = json.loads(self._result.read_text())
            samples = []
            if self._samples.exists():
                lines = (line.split() for line in self._samples.read_text().splitlines())
                samples = [(float(at), int(kib)) for at, kib in lines if int(kib) >= 0]
        if "cannot be preloaded" in errors:
            raise Problem(f"{self._what}: {errors.strip()[:500]}")
        if result["status"] != 0:
            raise Problem(f"{self._what}: exit status {result['status']}: {errors.strip()[-500:]}")
        return Run(result["user_s"] + result["system_s"], result["wall_s"], result["peak_rss_kib"],
                   result["minor_faults"] + result["major_faults"], output, samples)


def run(command, allocator, timeout=300, **options):
    return Launch(command, allocator, **options).finish(timeout)
