"""Where things are."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "fuzz"
BUILD = ROOT / "build" / "fuzz"
PROGRAMS = BUILD / "tests"
FINDINGS = BUILD / "findings"
LOGS = BUILD / "logs"


class Problem(Exception):
    """What the user is told in one line."""
