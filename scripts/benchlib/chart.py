"""Charts by gnuplot: the ratio to the reference, a line of points a row; and resident memory over time."""
import shutil
import subprocess

COLOURS = ("#999999", "#d62728", "#1f77b4", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#17becf")


def ratio_chart(figures, metric, allocators, reference, path):
    """Writes an SVG; returns False when gnuplot is not installed or there is nothing to draw."""
    rows = [r for r in figures.rows(metric.key) if figures.typical(metric.key, r, reference) is not None]
    if not rows:
        return False
    labels = ", ".join(f'"{_plain(row)}" {-i}' for i, row in enumerate(rows))
    plots, data = [], []
    for i, allocator in enumerate(allocators):
        plots.append(f"'-' using 1:2 with points pt 7 ps 0.7 lc rgb '{COLOURS[i % len(COLOURS)]}' "
                     f"title '{_plain(allocator.name)}'")
        points = ((figures.ratio(metric.key, row, allocator.name, reference), -n) for n, row in enumerate(rows))
        data.append("\n".join(f"{ratio} {y}" for ratio, y in points if ratio) + "\ne\n")
    script = f"""
set terminal svg noenhanced size 900,{110 + 18 * len(rows)} font 'sans,11' background '#ffffff'
set output '{path}'
set title '{_plain(metric.title)}: ratio to {reference}'
set logscale x 2
set ytics ({labels})
set yrange [{-len(rows)}:1]
set grid x y lc rgb '#dddddd'
set key outside top center horizontal
set arrow from 1,graph 0 to 1,graph 1 nohead lc rgb '#444444'
plot {", ".join(plots)}
"""
    return _gnuplot(script + "".join(data))


def time_chart(title, series, path):
    """series: {name: [(seconds, KiB)]}."""
    plots, data = [], []
    for i, (name, samples) in enumerate(series.items()):
        plots.append(f"'-' using 1:2 with lines lw 2 lc rgb '{COLOURS[i % len(COLOURS)]}' title '{_plain(name)}'")
        data.append("\n".join(f"{at} {kib / 1024}" for at, kib in samples) + "\ne\n")
    script = f"""
set terminal svg noenhanced size 900,420 font 'sans,11' background '#ffffff'
set output '{path}'
set title '{_plain(title)}'
set xlabel 'seconds'
set ylabel 'resident MiB'
set yrange [0:*]
set grid lc rgb '#dddddd'
set key outside top center horizontal
plot {", ".join(plots)}
"""
    return _gnuplot(script + "".join(data)) if plots else False


def _plain(text):
    return text.replace("'", "").replace('"', "")


def _gnuplot(script):
    if shutil.which("gnuplot") is None:
        return False
    done = subprocess.run(["gnuplot"], input=script, text=True, capture_output=True, check=False)
    return done.returncode == 0
