"""What the figures were measured on."""
import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from .paths import ROOT

PACKAGES = ("libc6", "libmimalloc2.0", "libjemalloc2", "libtcmalloc-minimal4", "g++", "gcc-12", "python3.11",
            "lua5.4", "perl", "sqlite3", "redis-server", "z3", "minisat")


def describe():
    return {
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "processors": os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "kernel": platform.release(),
        "huge_pages": _first_line("/sys/kernel/mm/transparent_hugepage/enabled"),
        "load": os.getloadavg()[0],
        "commit": _output("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "packages": _packages(),
    }


def in_one_line():
    return f"{os.cpu_count()} x {_cpu()}, Linux {platform.release()}, load {os.getloadavg()[0]:.1f}"


def _cpu():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _packages():
    lines = _output("dpkg-query", "-W", "-f", "${Package} ${Version}\n", *PACKAGES).splitlines()
    return dict(line.split(" ", 1) for line in lines if line.count(" ") and line.split(" ", 1)[1])


def _output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _first_line(path):
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
