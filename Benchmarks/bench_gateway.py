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
# Projects for so many calls in flight: a few more callers than their quota keeps busy at 45 s a call.
CALLERS_OF_A_PROJECT = 50


def main():
    chosen = options("Calls of remote models beside a simulated Gemini.", 1,
                     calls={"default": "2000,10000,50000", "help": "calls in flight, one run each (2000,10000,50000)"},
                     seconds={"type": int, "default": 200, "help": "length of a run (200)"})
    report = Report(chosen)
    # A connection for every hundred calls.
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as name:
        folder = pathlib.Path(name)
        build(folder)
        figures = [measure(folder, int(calls), chosen.seconds) for calls in chosen.calls.split(",")]
        rules = [model(folder, *setup) for setup in ((20, 900, 1000), (20, 3000, 1000), (1000, 60000, 50000))]
    tell(report, figures, rules)
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


def measure(folder, callers, seconds):
    projects = callers // CALLERS_OF_A_PROJECT
    port = free_port()
    data = folder / f"data-{callers}"
    data.mkdir()
    with Program([folder / "simulator", "--port", port, "--tls", folder / "tls.pem", "--rpm", RPM], port) as server:
        client = Program([PRODUCTS / "GatewayBench", f"https://127.0.0.1:{port}/v1beta", folder / "certificate.pem",
                          projects, RPM, callers, seconds, data])
        with client, PeakMemory(client.pid) as memory:
            deadline = time.monotonic() + seconds + 120
            while client.process.poll() is None and time.monotonic() < deadline:
                cpu = client.cpu_seconds()
                time.sleep(0.5)
            said = json.loads(client.output())
        server_cpu = server.cpu_seconds()
        server.process.terminate()
        server.process.wait(10)
        counted = json.loads(whole_output(server))
    # Two minutes at the end, when calls begin and end evenly.
    answers = counted.pop("answers_by_second")
    last = answers[max(0, seconds - 121):seconds - 1]
    return {"callers": callers, "projects": projects, "said": said, "counted": counted, "peak_mb": memory.peak_kib / 1024,
            "cpu": cpu, "server_cpu": server_cpu, "goodput": sum(last) / (len(last) / 60) / (projects * RPM),
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
                 [[one["callers"], one["projects"], one["counted"]["most_in_flight"], one["counted"]["most_connections"],
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
    most = figures[-1]
    report.goal("calls in flight", most["counted"]["most_in_flight"], most["callers"], is_at_least=True)
    report.goal("memory", most["peak_mb"], 2000, unit=" MB")
    report.goal("share of the quota", most["goodput"], 0.95, is_at_least=True)
    report.goal("wasted 429 per 1,000 calls", 1000 * most["counted"]["refused_rpm"] / most["counted"]["calls"], 1)
    report.goal("calls in a minute beyond the quota", most["counted"]["most_in_a_minute"] - RPM, 0)
    report.note("Answers are counted over the last two minutes by the simulated Gemini, as are calls in a minute. The "
                "models of the rules share its latencies and its limit, and include the first minute, in which nothing "
                "is answered yet.")


if __name__ == "__main__":
    sys.exit(main())
