"""Calls of remote models that wait for a minute, in one process, beside the original's rule for choosing keys."""

import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

from harness.processes import PeakMemory, Program, free_port
from harness.report import PRODUCTS, Report, options, run

HERE = pathlib.Path(__file__).parent
FLAGS = ["-std=gnu2x", "-O2", "-Wall", "-Wextra", "-Wno-misleading-indentation"]
RPM = 60
# At 45 s a call a project's quota keeps 45 callers busy. Calls in flight are most when all begin within 10 s.
HELD = {"of_a_project": 50, "beginning": 10}
# That some always wait keeps the quota used up; begun over a minute, as load does, they do not come in waves.
DELIVERED = {"of_a_project": 60, "beginning": 60}
# Calls that come evenly, somewhat below the quota, whether others are answered or not. The simulated Gemini fails none: one
# that is asked again would count as waiting since it was asked first.
OFFERED = 0.95
NO_FAULTS = ["--unavailable", 0, "--safety", 0, "--no-image", 0]


def main():
    chosen = options("Calls of remote models beside a simulated Gemini.", 1,
                     calls={"default": "2000,10000,50000", "help": "calls in flight, one run each (2000,10000,50000)"},
                     callers={"type": int, "default": 60000, "help": "callers that use up their quota, one more run (60000)"},
                     offered={"type": int, "default": 60000, "help": "quota in calls a minute of the run in which calls come "
                              f"at {OFFERED:.0%}% of it, and how long they wait is counted (60000)"},
                     waits={"action": "store_true", "help": "only that run"},
                     seconds={"type": int, "default": 200, "help": "length of a run (200)"})
    report = Report(chosen)
    # A connection for every hundred calls.
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as name:
        folder = pathlib.Path(name)
        build(folder)
        if not chosen.waits:
            figures = [measure(folder, *callers(int(calls), HELD), chosen.seconds) for calls in chosen.calls.split(",")]
            figures.append(measure(folder, *callers(chosen.callers, DELIVERED), chosen.seconds))
        rate = round(chosen.offered * OFFERED)
        offered = measure(folder, chosen.offered // RPM, f"{rate}/min", chosen.seconds, NO_FAULTS)
        simulated = model(folder, chosen.offered // RPM, rate, 50000)[-1]
        rules = [model(folder, *setup) for setup in ((20, 900, 1000), (20, 3000, 1000), (1000, 60000, 50000))]
    if not chosen.waits:
        tell(report, figures, rules)
    tell_waits(report, rate, offered, simulated)
    return report.finish()


def build(folder):
    """The simulated Gemini, its certificate, and the model of the rules."""
    sources = sorted((HERE / "GeminiSimulator").glob("*.c"))
    subprocess.run(["gcc", *FLAGS, "-o", folder / "simulator", *sources, "-lnghttp2", "-lssl", "-lcrypto"], check=True)
    subprocess.run(["gcc", *FLAGS, "-o", folder / "rotation", HERE / "RotationModel" / "rotation.c", "-lm"], check=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out",
                    folder / "certificate.pem"], check=True, capture_output=True)
    both = (folder / "key.pem").read_text() + (folder / "certificate.pem").read_text()
    (folder / "tls.pem").write_text(both)


def callers(count, form):
    """The projects, and the word for GatewayBench."""
    return count // form["of_a_project"], f"{count}@{form['beginning']}"


def measure(folder, projects, load, seconds, more=()):
    port = free_port()
    data = pathlib.Path(tempfile.mkdtemp(dir=folder))
    with Program([folder / "simulator", "--port", port, "--tls", folder / "tls.pem", "--rpm", RPM, *more], port) as server:
        client = Program([PRODUCTS / "GatewayBench", f"https://127.0.0.1:{port}/v1beta", folder / "certificate.pem",
                          projects, RPM, load, seconds, data])
        with client, PeakMemory(client.pid) as memory:
            deadline = time.monotonic() + seconds + 120
            while client.process.poll() is None and time.monotonic() < deadline:
                cpu = client.cpu_seconds()
                time.sleep(0.5)
            if client.process.poll() is None:
                raise RuntimeError(f"GatewayBench with {load} did not end: there is too little CPU for so many calls")
            said = json.loads(client.output())
        server_cpu = server.cpu_seconds()
        server.process.terminate()
        server.process.wait(10)
        counted = json.loads(whole_output(server))
    # Two minutes at the end, when calls begin and end evenly.
    answers = counted.pop("answers_by_second")
    last = answers[max(0, seconds - 121):seconds - 1]
    return {"load": load, "seconds": seconds, "projects": projects, "said": said, "counted": counted,
            "peak_mb": memory.peak_kib / 1024, "cpu": cpu, "server_cpu": server_cpu, "goodput": sum(last) / (len(last) / 60) / (projects * RPM),
            "per_minute": sum(last) / (len(last) / 60)}


def whole_output(program):
    program.log.seek(0)
    return program.log.read().decode()


def model(folder, projects, offered, workers):
    words = [projects, RPM, offered, workers, 600]
    return [projects, offered, workers] + [json.loads(run(folder / "rotation", rule, *words))
                                           for rule in ("original", "reserve")]


def tell(report, figures, rules):
    report.table("One process, latency 30–60 s, 60 requests a minute and project",
                 ["callers", "projects", "most in flight", "connections", "answers/min", "share of quota", "429 per 1,000",
                  "most in a minute", "billed twice", "MB", "CPU s", "cancelled within s"],
                 [[one["load"].split("@")[0], one["projects"], one["counted"]["most_in_flight"], one["counted"]["most_connections"],
                   one["per_minute"], one["goodput"], 1000 * one["counted"]["refused_rpm"] / one["counted"]["calls"],
                   one["counted"]["most_in_a_minute"], one["counted"]["billed_twice"], one["peak_mb"], one["cpu"],
                   one["said"]["ending_s"]]
                  for one in figures])
    report.table("The original's rule and ours, as models, 10 minutes",
                 ["projects", "offered/min", "workers", "original: answers/min", "failed", "429", "ours: answers/min",
                  "failed", "429"],
                 [[projects, offered, workers, float(old["answered_per_minute"]), old["failed"], old["refused"],
                   float(new["answered_per_minute"]), new["failed"], new["refused"]]
                  for projects, offered, workers, old, new in rules])
    held, delivered = figures[-2:]
    report.goal("calls in flight", held["counted"]["most_in_flight"], int(held["load"].split("@")[0]), is_at_least=True)
    report.goal("memory then", held["peak_mb"], 2000, unit=" MB")
    report.goal("share of the quota", delivered["goodput"], 0.95, is_at_least=True)
    for name, one in ("held", held), ("delivered", delivered):
        refused = one["counted"]["refused_rpm"]
        report.goal(f"{name}: wasted 429 per 1,000 calls", 1000 * refused / one["counted"]["calls"], 1)
        report.goal(f"{name}: calls in a minute beyond the quota", one["counted"]["most_in_a_minute"] - RPM, 0)
    report.note(f"Callers begin within {HELD['beginning']} s, {HELD['of_a_project']} of a project, in the rows above the "
                f"last; there {DELIVERED['of_a_project']} of a project begin within {DELIVERED['beginning']} s.")
    report.note("Answers are counted over the last two minutes by the simulated Gemini, as are calls in a minute. The "
                "models of the rules share its latencies and its limit, and include the first minute, in which nothing "
                "is answered yet.")


def tell_waits(report, rate, offered, simulated):
    """How long calls wait from being asked for until the provider has them, when the quota suffices."""
    counted = offered["counted"]
    seconds = [counted[f"wait_{name}_ms"] / 1000 for name in ("p50", "p95", "p99", "most")]
    report.table(f"Calls that come evenly, {OFFERED:.0%} of the quota: seconds from asking to the provider's door",
                 ["", "projects", "asked/min", "answers/min", "waits counted", "p50", "p95", "p99", "most", "429", "most in flight",
                  "MB", "CPU s", "simulator CPU s"],
                 [["real time", offered["projects"], rate, offered["per_minute"], counted["waits"], *seconds,
                   counted["refused_rpm"], counted["most_in_flight"], offered["peak_mb"], offered["cpu"], offered["server_cpu"]],
                  ["simulated time, 10 minutes", offered["projects"], rate, float(simulated["answered_per_minute"]),
                   simulated["calls"], *(simulated[f"wait_{name}_s"] for name in ("p50", "p95", "p99")), None,
                   simulated["refused"], simulated["most_in_flight"], None, None, None]])
    report.goal("wait in the queue when the quota suffices, p95", seconds[1], 1, unit=" s")
    report.goal("calls that reached the provider, share of those asked for", counted["waits"] / (rate / 60 * offered["seconds"]),
                0.99, is_at_least=True)
    report.goal("offered: calls in a minute beyond the quota", counted["most_in_a_minute"] - RPM, 0)
    if offered["said"]["errors"]:
        report.note(f"Calls that failed: {offered['said']['errors']}")


if __name__ == "__main__":
    sys.exit(main())
