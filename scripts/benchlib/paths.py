"""Where things are, from the root of the project."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
BENCH = BUILD / "bench"


class Problem(Exception):
    """Something the user can put right; printed as one line."""


def built(name):
    """The path of a program of the bench, which must have been built."""
    path = BENCH / name
    if not path.exists():
        raise Problem(f"{path.relative_to(ROOT)} is missing: cmake --preset release && cmake --build --preset release")
    return path
