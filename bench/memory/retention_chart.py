#!/usr/bin/python3
"""Draws what each setting of the reserve costs and keeps: CPU time against mean resident memory, a panel a scenario.

    bench/memory/retention_chart.py build/release/bench-results/memory.json docs/notes/memory-retention.svg
"""
import argparse
import json
import subprocess
from statistics import median

COLUMNS = 2


def panel(row, cpu, mean, settings):
    points = [(median(cpu[name]), median(mean[name]) / 1024, name) for name in settings]
    data = "\n".join(f'{at} {kept} "{name}"' for at, kept, name in points)
    block = f"$points_{row}"
    return (f"{block} << EOD\n{data}\nEOD\nset title '{row}'\n"
            f"plot {block} using 1:2 with points pt 7 ps 0.7 lc rgb '#1f77b4' notitle, "
            f"{block} using 1:2:3 with labels left offset 0.7,0.3 font 'sans,9' notitle\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", help="JSON of scripts/bench --suite memory")
    parser.add_argument("chart", help="the SVG to write")
    options = parser.parse_args()
    with open(options.results, encoding="utf-8") as file:
        results = json.load(file)
    values, settings = results["values"], list(results["allocators"])
    rows = list(values["cpu"])
    height = 330 * -(-len(rows) // COLUMNS)
    script = f"""
set terminal svg noenhanced size 900,{height} font 'sans,11' background '#ffffff'
set output '{options.chart}'
set multiplot layout {-(-len(rows) // COLUMNS)},{COLUMNS}
set xlabel 'CPU seconds'
set ylabel 'mean resident MiB'
set grid lc rgb '#dddddd'
set offsets graph 0.1, graph 0.35, graph 0.1, graph 0.1
""" + "".join(panel(row, values["cpu"][row], values["mean"][row], settings) for row in rows)
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


if __name__ == "__main__":
    main()
