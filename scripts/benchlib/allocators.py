"""The allocators: a name, a library to preload, and the environment that it needs."""
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path

from .paths import BENCH, BUILD, Problem

# The peers that krait is compared with come from Debian; `floor` is the unsafe limit in bench/floor.
DEBIAN = {
    "mimalloc": ("libmimalloc.so.2", "libmimalloc2.0"),
    "jemalloc": ("libjemalloc.so.2", "libjemalloc2"),
    "tcmalloc": ("libtcmalloc_minimal.so.4", "libtcmalloc-minimal4"),
}
BUILT = {"krait": BUILD / "libkrait.so", "floor": BENCH / "libfloor.so"}
DEFAULT = ("glibc", "krait", *DEBIAN)
REFERENCE = "mimalloc"


@dataclass(frozen=True)
class Allocator:
    name: str
    library: Path | None = None
    environment: dict = field(default_factory=dict)

    @property
    def is_peer(self):
        """Peers are what `best` is taken from: anything but krait, under whatever name and setting, and the floor."""
        return self.name not in BUILT and self.library not in BUILT.values()


def resolve(text):
    """Allocators from `a,b,name=path.so,name=a:VARIABLE=value`; without text the default ones that are there."""
    if text is None:
        return [a for a in (_known(name) for name in DEFAULT) if a is not None]
    chosen = [_named(item) for item in text.split(",") if item]
    if len({a.name for a in chosen}) != len(chosen):
        raise Problem(f"--allocators {text}: a name is used twice")
    return chosen


def _named(item):
    name, _, rest = item.partition("=") if "=" in item.split(":")[0] else (item.split(":")[0], "", item)
    source, *settings = rest.split(":")
    allocator = _known(source) if source in ("glibc", *DEBIAN, *BUILT) else _file(source)
    if allocator is None:
        raise Problem(f"{item}: not there. " + _how_to_get(source))
    if any("=" not in setting for setting in settings):
        raise Problem(f"{item}: a setting is written :VARIABLE=value")
    environment = dict(setting.split("=", 1) for setting in settings)
    return Allocator(name, allocator.library, environment)


def _known(name):
    if name == "glibc":
        return Allocator(name)
    if name in BUILT:
        return Allocator(name, BUILT[name]) if BUILT[name].exists() else None
    found = sorted(glob(f"/usr/lib/*/{DEBIAN[name][0]}"))
    return Allocator(name, Path(found[0])) if found else None


def _file(source):
    path = Path(source)
    if not path.is_file():
        raise Problem(f"{source}: neither a file nor one of {', '.join(('glibc', *BUILT, *DEBIAN))}")
    return Allocator(source, path.resolve())


def _how_to_get(name):
    if name in DEBIAN:
        return f"Install {DEBIAN[name][1]}"
    return "Build it: cmake --preset release && cmake --build --preset release"
