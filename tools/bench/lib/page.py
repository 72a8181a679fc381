# SPDX-License-Identifier: Apache-2.0
"""Tables and a chart of results."""
import datetime
import os
import pathlib
import platform
import shlex
import sys
from xml.sax.saxutils import escape

COLOURS = ("#3465a4", "#c17d11", "#4e9a06", "#75507b", "#cc0000", "#2e3436")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(value, digits=3):
    return "–" if value is None else f"{value:.{digits}f}"


def seconds_table(results, unit="s", factor=1.0, mean=True):
    """Medians, and in brackets the speed relative to the base engine."""
    def cell(program, engine):
        text = number(None if results.median(program, engine) is None else results.median(program, engine) * factor)
        if engine == results.base or results.speed(program, engine) is None:
            return text
        return f"{text} ({results.speed(program, engine):.2f}×)"

    rows = [[program, *(cell(program, engine) for engine in results.engines)] for program in results.values]
    if mean:
        rows.append(["**geometric mean**", *(f"**{number(results.mean_speed(e), 2)}×**" for e in results.engines)])
    return table([f"{unit} (speed against {results.base})", *results.engines], rows)


def machine():
    try:
        model = next(line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                     if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.machine()
    return f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"


READING = """Seconds are of the processor, medians over interleaved rounds; the factor beside them is the median of the speed within
a round against the base engine: 2.00× is twice as fast. Each of these runs is that of a fresh copy of the engine's file,
because where its pages lie in memory matters. Start-up, threads and processes are measured by the clock, so only an idle
machine gives numbers worth keeping. Machine and compiler matter: ratios carry over to others roughly, seconds do not."""


def head(engines):
    words = " ".join(shlex.quote(word) for word in sys.argv[1:])
    lines = [f"{datetime.date.today()}, {machine()}.", "", f"    tools/bench/bench {words}", ""]
    lines += [f"- {engine.name}: {version}" for engine in engines if (version := engine.version())]
    return "\n".join([*lines, "", READING])


def chart(results, title):
    """Bars as SVG: the speed of each engine against the base, program by program."""
    names = [*results.values, "geometric mean"]
    engines = [e for e in results.engines if e != "native"]
    speeds = {(p, e): results.speed(p, e) for p in results.values for e in engines}
    speeds |= {("geometric mean", e): results.mean_speed(e) for e in engines}
    most = max([s for s in speeds.values() if s] + [1.0])
    bar, gap, left, width, top = 12, 12, 130, 560, 50
    step = bar * len(engines) + gap
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{top + step * len(names) + 20}" '
           'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="10" y="18" font-size="14">{escape(title)}</text>']
    for i, engine in enumerate(engines):
        out.append(f'<rect x="{10 + 150 * i}" y="28" width="10" height="10" fill="{COLOURS[i % len(COLOURS)]}"/>'
                   f'<text x="{24 + 150 * i}" y="37">{escape(engine)}</text>')
    for row, name in enumerate(names):
        y = top + row * step
        out.append(f'<text x="{left - 8}" y="{y + step / 2}" text-anchor="end">{escape(name)}</text>')
        for i, engine in enumerate(engines):
            speed = speeds[name, engine] or 0
            length = width * speed / most
            out.append(f'<rect x="{left}" y="{y + i * bar}" width="{length:.1f}" height="{bar - 2}" '
                       f'fill="{COLOURS[i % len(COLOURS)]}"/>'
                       f'<text x="{left + length + 4:.1f}" y="{y + i * bar + bar - 3}" font-size="10">{speed:.2f}</text>')
    one = left + width / most
    out.append(f'<line x1="{one:.1f}" y1="{top - 6}" x2="{one:.1f}" y2="{top + step * len(names)}" stroke="#888"/></svg>')
    return "\n".join(out) + "\n"
