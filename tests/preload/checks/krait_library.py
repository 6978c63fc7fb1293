"""The library under test and the program to run with it; CTest names both in the environment."""
import os
import subprocess

LIBRARY = os.environ["LIBRARY"]
PROGRAM = os.environ["PROGRAM"]
HAS_8_BYTE_CLASSES = "krait8.so" in LIBRARY


def run(*command, preexec_fn=None, **options):
    """Runs the command, or PROGRAM, under preload with these options (TCACHE="0" is KRAIT_TCACHE=0), and no others."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
    environment.update({f"KRAIT_{name}": value for name, value in options.items()}, LD_PRELOAD=LIBRARY)
    return subprocess.run(command or (PROGRAM,), env=environment, capture_output=True, text=True, preexec_fn=preexec_fn)
