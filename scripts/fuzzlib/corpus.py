"""The committed corpus: few inputs that cover most of what all inputs cover."""
import re
import subprocess
import tempfile
from pathlib import Path

from .paths import PROGRAMS, TESTS, Problem

MOST_FILES = 40  # of a target


def update(targets, found):
    """Chooses from tests/fuzz/corpus and the folders of `found`."""
    for target in targets:
        committed = TESTS / "corpus" / target
        committed.mkdir(parents=True, exist_ok=True)
        features = _features(target, [f for f in (committed, found / target) if f.is_dir()])
        chosen = _cover(features)
        contents = [Path(path).read_bytes() for path in chosen]
        for old in committed.iterdir():
            old.unlink()
        for number, content in enumerate(contents):
            (committed / f"{number:02}").write_bytes(content)
        covered = set().union(*(features[path] for path in chosen)) if chosen else set()
        everything = set().union(*features.values()) if features else set()
        print(f"{target}: {len(chosen)} of {len(features)} inputs, {len(covered)} of {len(everything)} features, "
              f"{sum(map(len, contents))} bytes")


def _features(target, folders):
    """What libFuzzer sees each input do, as numbers: edges and how often they are taken."""
    with tempfile.TemporaryDirectory() as scratch:
        control = Path(scratch, "control")
        nowhere = Path(scratch, "merged")
        nowhere.mkdir()
        command = [PROGRAMS / f"fuzz_{target}", "-set_cover_merge=1", f"-merge_control_file={control}", nowhere, *folders]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        if done.returncode != 0 or not control.exists():
            raise Problem(f"fuzz_{target} could not be merged:\n{done.stderr[-2000:]}")
        lines = control.read_text().splitlines()
    paths = lines[2:2 + int(lines[0])]
    features = {path: set() for path in paths}
    for line in lines[2 + len(paths):]:
        if found := re.match(r"FT (\d+) (.*)", line):
            features[paths[int(found[1])]] = set(found[2].split())
    return features


def _cover(features):
    """Greedily: each next input adds the most; the shortest of equals."""
    size = {path: Path(path).stat().st_size for path in features}
    chosen, covered = [], set()
    while len(chosen) < MOST_FILES:
        best = max(features, key=lambda path: (len(features[path] - covered), -size[path]), default=None)
        if best is None or not features[best] - covered:
            break
        chosen.append(best)
        covered |= features[best]
    return chosen
