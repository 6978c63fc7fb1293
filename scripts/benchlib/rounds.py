"""Interleaved rounds: each row under each allocator in turn, the order rotated, so that drift hits all alike."""
import sys
import time

from .figures import Figures
from .paths import Problem


def run_rounds(rows, allocators, rounds, seconds_a_round):
    """rows: objects with a name and measure(allocator) -> {(metric key, row name): value}.

    seconds_a_round is what one allocator is known to take for all rows. Ctrl-C ends early with what there is.
    """
    figures = Figures()
    total = len(rows) * len(allocators) * rounds
    _say(f"{len(rows)} rows x {len(allocators)} allocators x {rounds} rounds: "
         f"about {_duration(seconds_a_round * len(allocators) * rounds)}\n")
    started, done, failed = time.monotonic(), 0, set()
    try:
        for round_number in range(rounds):
            for row_number, row in enumerate(rows):
                turn = (round_number + row_number) % len(allocators)
                for allocator in allocators[turn:] + allocators[:turn]:
                    if (row.name, allocator.name) not in failed:
                        _progress(done, total, started, round_number, rounds, row.name, allocator.name)
                        try:
                            figures.add(allocator, row.measure(allocator))
                        except Problem as problem:
                            failed.add((row.name, allocator.name))
                            _say(f"{_fresh_line()}{row.name}: {problem}\n")
                    done += 1
    except KeyboardInterrupt:
        _say("\nstopped; the tables show what was measured so far")
    _say(_fresh_line())
    return figures, bool(failed)


def _progress(done, total, started, round_number, rounds, row, allocator):
    if not sys.stderr.isatty():
        if done * 10 // total != (done - 1) * 10 // total:
            _say(f"{done * 100 // total}% ")
        return
    left = (time.monotonic() - started) / done * (total - done) if done else 0
    _say(f"\r\033[K{done * 100 // total:3}%  round {round_number + 1}/{rounds}  {_duration(left)} left  "
         f"{row}  {allocator}")


def _fresh_line():
    return "\r\033[K" if sys.stderr.isatty() else "\n"


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _say(text):
    sys.stderr.write(text)
    sys.stderr.flush()
