"""Values measured in rounds, and what may be said of them."""
from collections import defaultdict
from dataclasses import dataclass
from math import exp, log
from statistics import median, quantiles

MIN_ROUNDS_TO_JUDGE = 3


@dataclass(frozen=True)
class Metric:
    """What a table shows. Lower is better in all of them; `scale` turns the stored unit into the shown one."""
    key: str
    title: str
    scale: float = 1.0


class Figures:
    """values[metric key][row][allocator name] is a list with one value a round; rows keep the order they came in."""

    def __init__(self):
        self.values = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, allocator, measured):
        for (metric, row), value in measured.items():
            self.values[metric][row][allocator.name].append(value)

    def rows(self, metric):
        return list(self.values[metric])

    def typical(self, metric, row, name):
        """The median, or None if nothing was measured."""
        values = self.values[metric][row].get(name)
        return median(values) if values else None

    def ratio(self, metric, row, name, other, other_row=None):
        """Median of the ratios within a round, so that what slows a whole round down cancels out."""
        ratios = self._ratios(metric, row, name, other, other_row)
        return median(ratios) if ratios else None

    def within_noise(self, metric, row, name, other):
        """Whether the middle half of the ratios includes 1: then neither is the better one."""
        ratios = self._ratios(metric, row, name, other)
        if len(ratios) < MIN_ROUNDS_TO_JUDGE:
            return False
        low, _, high = quantiles(ratios, n=4, method="inclusive")
        return low <= 1 <= high

    def best(self, metric, row, names):
        """The name with the lowest median."""
        present = [n for n in names if self.typical(metric, row, n) is not None]
        return min(present, key=lambda n: self.typical(metric, row, n), default=None)

    def _ratios(self, metric, row, name, other, other_row=None):
        rows = self.values[metric]
        ours, theirs = rows[row].get(name, []), rows[other_row or row].get(other, [])
        return [a / b for a, b in zip(ours, theirs) if b > 0]


def geometric_mean(values):
    values = [v for v in values if v]
    return exp(sum(map(log, values)) / len(values)) if values else None
