"""bench/micro: each row in a process of its own, so that it has a peak RSS and no other row's leftovers."""
import json
import re
import subprocess

from .figures import Metric
from .launch import run
from .paths import built

METRICS = (Metric("cpu", "CPU time, user + system, ns per malloc + free"),
           Metric("wall", "Wall time, ns per malloc + free, rows with threads"),
           Metric("rss", "Peak RSS, MiB", 1 / 1024))
SECONDS_A_ROW = 0.4

THREADS = re.compile(r"/[0-9]+t$")


class Row:
    def __init__(self, name, options=()):
        self.name = name
        self.options = options
        self.one_thread = THREADS.search(name) is None

    def measure(self, allocator, environment=None):
        command = [built("krait_micro"), *self.options, f"--benchmark_filter=^{self.name}/iterations:",
                   "--benchmark_format=json"]
        done = run(command, allocator, one_cpu=self.one_thread, environment=environment)
        entry = json.loads(done.output)["benchmarks"][0]
        per_pair = entry["iterations"] / entry["pairs"]
        measured = {("cpu", self.name): entry["cpu_time"] * per_pair, ("rss", self.name): done.peak_rss_kib}
        if not self.one_thread:
            measured["wall", self.name] = entry["real_time"] * per_pair
        return measured


def rows(pattern, options=()):
    listed = subprocess.run([built("krait_micro"), *options, "--benchmark_list_tests"],
                            capture_output=True, text=True, check=True)
    names = (line.split("/iterations:")[0] for line in listed.stdout.split())
    return [Row(name, options) for name in names if re.search(pattern, name)]
