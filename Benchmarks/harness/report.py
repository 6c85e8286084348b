"""Figures as tables with ratios, and goals met or missed."""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRODUCTS = ROOT / ".build" / "release"


def options(description, rounds, **more):
    """The command line that all benchmarks share; `more` adds options of one of them."""
    parser = argparse.ArgumentParser(prog=f"script/bench {pathlib.Path(sys.argv[0]).stem.removeprefix('bench_')}",
                                     description=description)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"rounds after the first, which is dropped ({rounds})")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--final", action="store_true", help="refuse when the limit's own figures spread over 10 %%")
    for name, settings in more.items():
        parser.add_argument(f"--{name}", **settings)
    return parser.parse_args()


def median(values):
    return statistics.median(values)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values):
    """How far the middle half reaches from the median, as a share of it."""
    if len(values) < 2:
        return 0.0
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 4], ordered[-1 - len(ordered) // 4]
    return max(high - median(values), median(values) - low) / median(values)


class Report:
    """Collects tables and goals; `finish` prints them and returns the exit code."""

    def __init__(self, options):
        self.options = options
        self.tables = []
        self.goals = []
        self.notes = []
        self.spreads = {}
        self.load_before = os.getloadavg()[0]

    def table(self, title, columns, rows):
        self.tables.append({"title": title, "columns": columns, "rows": rows})

    def goal(self, name, value, limit, is_at_least=False, unit=""):
        """`value` shall be at most `limit`, or at least with `is_at_least`."""
        is_met = value >= limit if is_at_least else value <= limit
        self.goals.append({"goal": name, "value": round(value, 3), "limit": limit, "unit": unit,
                           "at_least": is_at_least, "met": is_met})

    def limit(self, name, values):
        """Remembers how much the figures of a limit differ between rounds."""
        self.spreads[name] = round(spread(values), 3)

    def note(self, text):
        self.notes.append(text)

    def finish(self):
        machine = {**facts(), "load_before": round(self.load_before, 2), "load_after": round(os.getloadavg()[0], 2)}
        noisy = {name: value for name, value in self.spreads.items() if value > 0.10}
        if self.options.json:
            print(json.dumps({"machine": machine, "tables": self.tables, "goals": self.goals, "notes": self.notes,
                              "limit_spread": self.spreads}, indent=1))
        else:
            self.print_text(machine)
        if noisy:
            print(f"\nbench: the limit's own figures spread over 10 %: {noisy}; run again on a quieter machine.",
                  file=sys.stderr)
            if self.options.final:
                return 75
        return 0

    def print_text(self, machine):
        print("\n".join(f"{name}: {value}" for name, value in machine.items()))
        for table in self.tables:
            print(f"\n## {table['title']}\n")
            print_table(table["columns"], table["rows"])
        if self.goals:
            print("\n## Goals\n")
            print_table(["goal", "figure", "limit", ""], [goal_row(goal) for goal in self.goals])
        if self.spreads:
            print("\nspread of the limits: " + ", ".join(f"{name} {value:.0%}" for name, value in self.spreads.items()))
        for note in self.notes:
            print(f"\n{note}")


def goal_row(goal):
    sign = "≥" if goal["at_least"] else "≤"
    return [goal["goal"], f"{goal['value']:g}{goal['unit']}", f"{sign} {goal['limit']:g}{goal['unit']}",
            "met" if goal["met"] else "MISSED"]


def print_table(columns, rows):
    """A table that Markdown understands too."""
    texts = [[text(cell) for cell in row] for row in [columns, *rows]]
    widths = [max(len(row[column]) for row in texts) for column in range(len(columns))]
    for number, row in enumerate(texts):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def text(cell):
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return str(cell)


def facts():
    cpu = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="minutes"),
        "commit": run("git", "-C", ROOT, "rev-parse", "--short", "HEAD"),
        "cpu": f"{cpu}, {os.cpu_count()} cores",
        "kernel": platform.release(),
        "swift": run("swift", "--version").split("\n")[0],
    }


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def run(*arguments):
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True)
    return (done.stdout or done.stderr).strip()
