"""Runs one misuse program under an allocator and says what came of it."""
import os
import signal
import subprocess
from dataclasses import dataclass

PATIENCE = 30  # seconds, thousands of times what a program takes on an idle machine


@dataclass(frozen=True)
class Outcome:
    kind: str      # told: a line on stderr, then abort; silent; crash: a signal without a word; hang
    message: str   # stderr
    address: str   # what the mistake is about, as the program prints it
    process: int

    @property
    def quoted(self):
        """With what krait says, where it is krait that says it."""
        if self.kind == "told" and self.message.startswith("krait: "):
            return f"told: {self.message.removeprefix('krait: ').split(': address')[0]}"
        return self.kind


def run(program, arguments, preload=None, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
    environment.update(variables)
    if preload:
        environment["LD_PRELOAD"] = str(preload)
    process = subprocess.Popen([program, *map(str, arguments)], env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    try:
        address, message = process.communicate(timeout=PATIENCE)
        kind = _kind(process.returncode, message)
    except subprocess.TimeoutExpired:
        process.kill()
        address, message = process.communicate()
        kind = "hang"
    return Outcome(kind, message, address.strip(), process.pid)


def _kind(status, message):
    if status == 0:
        return "silent"
    if status > 0:
        raise RuntimeError(f"a misuse program ended with status {status}: {message}")
    return "told" if status == -signal.SIGABRT and message else "crash"
