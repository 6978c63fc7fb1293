"""Text tables: a row a benchmark, for each allocator its median and the ratio to the reference."""
from .figures import geometric_mean

LEGEND = """Medians; in brackets the ratio to {reference} (median of the ratios within each round), ~ where it is within
noise: the middle half of the ratios includes 1. `best` is the best peer; the last column compares krait with it.
"""


def legend(reference):
    return LEGEND.format(reference=reference)


def table(figures, metric, allocators, reference):
    rows = figures.rows(metric.key)
    if not rows:
        return ""
    names = [a.name for a in allocators]
    peers = [a.name for a in allocators if a.is_peer]
    width = max(map(len, [*rows, "geometric mean"])) + 2
    lines = ["", metric.title, "".ljust(width) + "".join(n.rjust(17) for n in names) + "   best      krait/best"]
    for row in rows:
        cells = "".join(_cell(figures, metric, row, n, reference) for n in names)
        lines.append(row.ljust(width) + cells + _against_best(figures, metric, row, names, peers))
    lines.append(_means(figures, metric, rows, names, peers, reference, width))
    return "\n".join(lines) + "\n"


def scaling(figures, allocators):
    """How many times faster N threads are than one: wall time of the row X/1t by that of X/Nt."""
    names = [a.name for a in allocators]
    rows = figures.rows("wall")
    ones = [row for row in rows if row.endswith("/1t")]
    if not ones:
        return ""
    lines = ["", "Throughput with N threads, times that with one", " " * 28 + "".join(n.rjust(12) for n in names)]
    for one in ones:
        base = one.removesuffix("1t")
        for row in (r for r in rows if r.startswith(base) and r != one):
            ratios = (figures.ratio("wall", one, n, n, row) for n in names)
            lines.append(row.ljust(28) + "".join((f"{r:.2f}" if r else "-").rjust(12) for r in ratios))
    return "\n".join(lines) + "\n"


def _cell(figures, metric, row, name, reference):
    value = figures.typical(metric.key, row, name)
    if value is None:
        return "-".rjust(17)
    ratio = figures.ratio(metric.key, row, name, reference)
    if ratio is None or name == reference:
        return _number(value * metric.scale).rjust(10) + " " * 7
    noise = "~" if figures.within_noise(metric.key, row, name, reference) else " "
    return _number(value * metric.scale).rjust(10) + f"({ratio:.2f})".rjust(6).rjust(6) + noise


def _against_best(figures, metric, row, names, peers):
    best = figures.best(metric.key, row, peers)
    if best is None:
        return ""
    text = f"   {best:9}"
    ratio = figures.ratio(metric.key, row, "krait", best) if "krait" in names else None
    if ratio is not None:
        text += f" {ratio:6.2f}" + ("~" if figures.within_noise(metric.key, row, "krait", best) else "")
    return text


def _means(figures, metric, rows, names, peers, reference, width):
    line = "geometric mean".ljust(width)
    for name in names:
        mean = geometric_mean(figures.ratio(metric.key, row, name, reference) for row in rows)
        line += (f"({mean:.3f})" if mean else "-").rjust(16) + " "
    bests = [(row, figures.best(metric.key, row, peers)) for row in rows]
    mean = geometric_mean(figures.ratio(metric.key, row, "krait", best) for row, best in bests if best)
    return line + (f"             {mean:6.3f}" if mean and "krait" in names else "")


def _number(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
