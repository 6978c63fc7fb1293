"""A redis-server under an allocator, spoken to over its socket."""
import os
import signal
import socket
import subprocess
import tempfile
import time
from glob import glob
from pathlib import Path

from .allocators import Allocator
from .launch import Launch
from .paths import Problem

START_S = 10


class Server:
    """with Server(allocator) as server: ...; afterwards server.done is what it cost."""

    def __init__(self, allocator, sample=False):
        self._folder = tempfile.TemporaryDirectory(prefix="krait-redis-")
        self.path = Path(self._folder.name) / "socket"
        command = ["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "no",
                   "--dir", self._folder.name, "--loglevel", "warning"]
        self._launch = Launch(command, _in_front_of_jemalloc(allocator), sample=sample)
        self.done = None

    def __enter__(self):
        self._socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + START_S
        while self._socket.connect_ex(str(self.path)) != 0:
            if self._launch.has_ended():
                self._launch.finish()
            if self._launch.has_ended() or time.monotonic() > deadline:
                self._launch.kill()
                raise Problem("redis-server does not start")
            time.sleep(0.01)
        self._replies = self._socket.makefile("rb")
        self._pid = self._process_id()
        return self

    def __exit__(self, *error):
        self._socket.close()
        os.kill(self._pid, signal.SIGTERM)
        self.done = self._launch.finish()
        self._folder.cleanup()

    def call_all(self, commands, at_once=1000):
        """Sends the commands in pipelines and waits for the replies, which must be one line each."""
        batch, size = [], 0
        for command in commands:
            batch.append(_encoded(command))
            size += 1
            if size == at_once:
                self._exchange(batch)
                batch, size = [], 0
        self._exchange(batch)

    def benchmark(self, *arguments):
        """redis-benchmark, itself under no allocator but its own."""
        subprocess.run(["redis-benchmark", "-s", str(self.path), "-q", *arguments], check=True, capture_output=True)

    def resident_kib(self):
        for line in Path(f"/proc/{self._pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1])
        raise Problem("redis-server has no Rss")

    def _exchange(self, batch):
        self._socket.sendall(b"".join(batch))
        for _ in batch:
            reply = self._replies.readline()
            if reply[:1] not in (b"+", b":"):
                raise Problem(f"redis-server answered {reply!r}")

    def _process_id(self):
        self._socket.sendall(_encoded((b"INFO", b"server")))
        length = int(self._replies.readline()[1:])
        text = self._replies.read(length + 2).decode()
        return next(int(line.split(":")[1]) for line in text.splitlines() if line.startswith("process_id:"))


def _encoded(words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def _in_front_of_jemalloc(allocator):
    """Debian's redis-server is linked with jemalloc: to run it under glibc, libc itself must be preloaded."""
    if allocator.library:
        return allocator
    return Allocator(allocator.name, Path(glob("/usr/lib/*/libc.so.6")[0]), allocator.environment)
