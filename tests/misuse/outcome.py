"""Makes one misuse under an allocator and says what came of it."""
import os
import signal
import subprocess
from dataclasses import dataclass

PATIENCE = 60  # seconds, thousands of times what a program takes on an idle machine

# The program's own exit statuses (misuse.hpp).
HARM, REFUSED = 3, 4


@dataclass(frozen=True)
class Outcome:
    kind: str      # told: a line on stderr, then abort; or refused, as the standard has it
                   # crash: a signal without a word; hang
                   # silent: the program came to its end
                   # harm: one block had two owners, or the allocator wrote into a block in use
    message: str   # stderr
    address: str   # what the mistake is about, as the program prints it
    process: int
    is_refused: bool = False


def run(program, kind, size, preload=None, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
    environment.update(variables)
    if preload:
        environment["LD_PRELOAD"] = str(preload)
    process = subprocess.Popen([program, kind, str(size)], env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    try:
        said, message = process.communicate(timeout=PATIENCE)
        came = _kind(process.returncode, message)
    except subprocess.TimeoutExpired:
        process.kill()
        said, message = process.communicate()
        came = "hang"
    return Outcome(came, message, said.partition("\n")[0], process.pid, process.returncode == REFUSED)


def _kind(status, message):
    if status == 0:
        return "silent"
    if status == REFUSED:
        return "told"
    if status == HARM:
        return "harm"
    if status > 0:
        raise RuntimeError(f"the misuse program ended with status {status}: {message}")
    return "told" if status == -signal.SIGABRT and message else "crash"
