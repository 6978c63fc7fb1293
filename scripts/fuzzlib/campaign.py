"""Runs of the targets, one for each of a target's settings, and what came of them."""
import base64
import dataclasses
import os
import re
import resource
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .paths import FINDINGS, LOGS, PROGRAMS, ROOT, TESTS

# Whether a target reads the options of the process: then tests/fuzz/settings says under which it runs. The others choose from the
# input, in one process.
TARGETS = {"api": True, "threads": True, "heap": False, "runs": False, "placement": False, "collector": False}
LONGEST_INPUT = 256  # bytes
LOG_TAIL = 80  # lines of its log tell what became of a run

# A thread's cache keeps blocks beyond an input, which libFuzzer would look for as leaks; the collector keeps nothing.
OPTIONS = {"collector": ["-detect_leaks=1"]}
DEFAULT_OPTIONS = ["-detect_leaks=0"]


@dataclasses.dataclass
class Run:
    target: str
    settings: str
    variables: dict
    seconds: int


@dataclasses.dataclass
class Result:
    """`findings`: inputs that failed, each in a file of its own; of a run that failed without one, or ran no input, its log."""
    run: Run
    executions: int
    operations: int
    coverage: int
    findings: list
    log: Path


def run(targets, seconds, jobs, seed, corpus):
    """Every target under each of its settings, for `seconds` in all, from a seed (0: libFuzzer's choice). New inputs go to
    folders of `corpus`. Returns the results and the processor time of the runs, in seconds."""
    LOGS.mkdir(exist_ok=True)
    for target in targets:
        (corpus / target).mkdir(parents=True, exist_ok=True)
    runs = [r for target in targets for r in _runs_of(target, seconds / len(targets))]
    before = _processor_time()
    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda r: _perform(r, seed, corpus), runs))
    return results, _processor_time() - before


def _processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _runs_of(target, seconds):
    settings = _settings() if TARGETS[target] else {"of the input": {}}
    each = max(1, round(seconds / len(settings)))
    return [Run(target, name, variables, each) for name, variables in settings.items()]


def _settings():
    """Of tests/fuzz/settings: variables by name."""
    lines = (line.split() for line in (TESTS / "settings").read_text().splitlines() if not line.startswith("#"))
    return {name: dict(v.split("=", 1) for v in variables) for name, *variables in lines}


def _perform(what, seed, corpus):
    prefix = f"{what.target}-{what.settings.replace(' ', '_')}-"
    command = [PROGRAMS / f"fuzz_{what.target}", corpus / what.target, TESTS / "corpus" / what.target,
               f"-max_total_time={what.seconds}", f"-max_len={LONGEST_INPUT}", "-len_control=0", f"-seed={seed}",
               "-timeout=120", "-report_slow_units=120", "-rss_limit_mb=4096",
               "-print_final_stats=1", f"-artifact_prefix={FINDINGS}/{prefix}",
               *OPTIONS.get(what.target, DEFAULT_OPTIONS)]
    done = subprocess.run(command, env={**os.environ, **what.variables}, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, errors="replace")
    log = LOGS / f"{prefix}log"
    log.write_text(done.stderr)
    findings = [Path(path) for path in re.findall(r"Test unit written to (.*)", done.stderr)]
    executions = _last(r"number_of_executed_units: (\d+)", done.stderr)
    if not findings and (done.returncode != 0 or executions == 0):
        findings = [log]
    return Result(what, executions, _last(r"operations: (\d+)", done.stderr), _last(r" cov: (\d+) ", done.stderr),
                  findings, log)


def _last(pattern, text):
    return int(([0] + re.findall(pattern, text))[-1])


def table(results):
    """A line for each run, and the sums."""
    lines = [f"{'target':11}{'settings':26}{'seconds':>8}{'executions':>12}{'operations':>14}{'coverage':>10}{'findings':>10}"]
    lines += [f"{r.run.target:11}{r.run.settings:26}{r.run.seconds:8}{r.executions:12,}{r.operations:14,}"
              f"{r.coverage:10,}{len(r.findings):10}" for r in results]
    lines.append(f"{'all':37}{sum(r.run.seconds for r in results):8}{sum(r.executions for r in results):12,}"
                 f"{sum(r.operations for r in results):14,}{'':10}{sum(len(r.findings) for r in results):10}")
    return "\n".join(lines) + "\n"


def account(result, with_log):
    """Of a run with findings: the end of its log, and each input that failed, so that it can be had from this text alone."""
    lines = result.log.read_text().splitlines()[-LOG_TAIL:] if with_log else []
    for path in result.findings:
        lines.append(f"finding: {path}")
        if path != result.log:
            lines.append(f"  base64: {base64.b64encode(path.read_bytes()).decode()}")
    variables = "".join(f"{name}={value} " for name, value in result.run.variables.items())
    lines.append(f"  to repeat: {variables}{PROGRAMS.relative_to(ROOT)}/fuzz_{result.run.target} FILE")
    return "\n".join(lines) + "\n"
