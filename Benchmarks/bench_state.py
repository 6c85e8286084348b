"""Counters and values in Redis: tasks of ours beside redis-benchmark, which does nothing else."""

import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile

from harness.report import PRODUCTS, Report, median, options, run
from images.contenders import redis_server

FORMS = ["pictor, 64 tasks", "pictor, 1024 tasks", "redis-benchmark -c 64 -P 16", "redis-benchmark -c 1 -P 64",
         "redis-benchmark -c 64 -P 1", "redis-benchmark -c 1 -P 1"]


def main():
    chosen = options("Shared state in Redis beside redis-benchmark.", 5,
                     count={"type": int, "default": 400_000, "help": "calls of a kind in a round (400000)"})
    report = Report(chosen)
    figures = {form: [] for form in FORMS}
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder, redis_server(pathlib.Path(folder)) as server:
        for number in range(chosen.rounds + 1):
            for form in FORMS if number % 2 else reversed(FORMS):
                measured = measure(form, server.port, chosen.count)
                if number > 0:
                    figures[form].append(measured)
    tell(report, figures)
    return report.finish()


def measure(form, port, count):
    if form.startswith("pictor"):
        tasks = form.split()[1]
        rates = json.loads(output(PRODUCTS / "SharedStateBench", f"redis://127.0.0.1:{port}", tasks, count))
    else:
        depth = form.split()[-1]
        # One round trip a command takes twenty times as long: fewer are enough.
        calls = count if depth != "1" else count // 10
        rows = csv.DictReader(io.StringIO(output(*form.split(), "-p", port, "-n", calls, "-t", "set,get,incr", "--csv")))
        by_test = {row["test"]: float(row["rps"]) for row in rows}
        rates = {"incr_per_s": by_test["INCR"], "get_per_s": by_test["GET"]}
    return rates


def output(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout


def tell(report, figures):
    def middle(form, name):
        return median([one[name] for one in figures[form]])

    base = FORMS[2]
    rows = [[form, middle(form, "incr_per_s"), middle(form, "incr_per_s") / middle(base, "incr_per_s"),
             middle(form, "get_per_s"), middle(form, "get_per_s") / middle(base, "get_per_s")] for form in FORMS]
    report.table("One counter and one value of 3 bytes in Redis on loopback",
                 ["client", "INCR per s", "x -P 16", "GET per s", "x -P 16"], rows)
    report.limit("redis-benchmark -P 16, INCR", [one["incr_per_s"] for one in figures[base]])
    report.limit("redis-benchmark -P 16, GET", [one["get_per_s"] for one in figures[base]])
    report.goal("INCR from 64 tasks, x redis-benchmark -P 16", rows[0][2], 0.7, is_at_least=True)
    report.note("-P 16 has 1,024 commands under way, as 1,024 tasks have that wait for theirs; 64 tasks have 64.")
    report.note("Every sixteenth step of ours also sends PEXPIRE … NX, because a counter has an end. Wall time; server "
                "and clients share the cores.")
    report.note(f"versions: {run('redis-server', '--version')}; {run('redis-benchmark', '--version')}")


if __name__ == "__main__":
    sys.exit(main())
