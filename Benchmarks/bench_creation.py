"""Translation tasks accepted at a steady rate, beside writing and syncing the same bytes."""

import io
import os
import pathlib
import re
import sys
import tempfile
import time

import numpy
from PIL import Image

from harness.processes import Program, cpu_seconds, free_port
from harness.report import PRODUCTS, Report, median, options, percentile, run
from harness.wrk import Wrk

MARK = b"PICTORBENCHMARK!"
BOUNDARY = "pictor-benchmark"
# Connections wait a random time between requests, so that requests come as strangers send them and not in step. The
# mark in the picture's comment becomes a number: no two pictures are equal.
SCRIPT = """
local threads = 0
function setup(thread) thread:set("seed", threads) threads = threads + 1 end
function init(args)
  local body = io.open(args[1], "rb"):read("*a")
  local place = body:find(args[2], 1, true)
  before, after = body:sub(1, place - 1), body:sub(place + #args[2])
  pause = tonumber(args[3])
  math.randomseed(os.time() * 10 + seed)
  headers = { ["Content-Type"] = "multipart/form-data; boundary=" .. args[4] }
end
function delay() return math.random(0, 2 * pause) end
function request()
  local number = string.format("%08x%08x", math.random(0, 2147483647), math.random(0, 2147483647))
  return wrk.format("POST", "/api/v1/translate", headers, before .. number .. after)
end
function done(summary, latency, requests)
  io.write(string.format("p50 %d us, p95 %d us", latency:percentile(50), latency:percentile(95)))
end
"""


class Load:
    def __init__(self, name, kib, rate, connections):
        self.name, self.rate, self.connections = name, rate, connections
        self.picture = picture(kib * 1024)
        self.tasks, self.syncs = [], []


def main():
    chosen = options("Translation tasks accepted beside bare write and fsync.", 3,
                     seconds={"type": int, "default": 15, "help": "of load in a round (15)"})
    report = Report(chosen)
    loads = [Load("20 KB, 500/s", 20, 500, 100), Load("1 MB, 100/s", 1024, 100, 40)]
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        folder = pathlib.Path(folder)
        for number in range(chosen.rounds + 1):
            for one in loads if number % 2 else reversed(loads):
                synced, accepted = syncs(folder, one), accept(folder, one, chosen.seconds)
                if number > 0:
                    one.syncs.append(synced)
                    one.tasks.append(accepted)
    tell(report, loads)
    return report.finish()


def picture(size):
    """A JPEG of about that many bytes whose comment is the mark."""
    noise = numpy.random.default_rng(1).integers(0, 256, (2000, 2000, 3), numpy.uint8)
    low, high = 8, 2000
    while high - low > 8:
        side = (low + high) // 2
        file = io.BytesIO()
        Image.fromarray(noise[:side, :side]).save(file, "JPEG", quality=90, comment=MARK)
        low, high = (side, high) if file.tell() < size else (low, side)
    return file.getvalue()


def syncs(folder, load):
    """Milliseconds for each of a hundred files of these bytes to be on the disk."""
    times = []
    for number in range(100):
        started = time.monotonic()
        file = os.open(folder / f"sync-{number}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(file, load.picture)
        os.fsync(file)
        os.close(file)
        times.append(1000 * (time.monotonic() - started))
    return percentile(times, 0.5), percentile(times, 0.95)


def accept(folder, load, seconds):
    """What wrk gets from a server of its own: requests a second, errors, milliseconds at half and 95 %, CPU."""
    body = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="target_language"\r\n\r\nSpanish\r\n--{BOUNDARY}\r\n'
            'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n').encode()
    (folder / "body").write_bytes(body + load.picture + f"\r\n--{BOUNDARY}--\r\n".encode())
    (folder / "ask.lua").write_text(SCRIPT)
    port = free_port()
    with tempfile.TemporaryDirectory(dir=folder) as data, Program(
            [PRODUCTS / "pictor", "serve", "--no-workers", "--port", port, "--data", data], port,
            {"PICTOR_LOG_LEVEL": "warning"}) as server:
        used = cpu_seconds(server.pid)
        # A tenth shorter than the rate wants: the time of the answers comes on top.
        pause = round(900 * load.connections / load.rate)
        done = Wrk(f"http://127.0.0.1:{port}", threads=1, connections=load.connections, seconds=seconds,
                    options=["-s", folder / "ask.lua"],
                    arguments=[folder / "body", MARK.decode(), pause, BOUNDARY]).end()
        used = cpu_seconds(server.pid) - used
    half, most = (int(us) / 1000 for us in re.search(r"p50 (\d+) us, p95 (\d+) us", done.text).groups())
    return done.rate, done.errors, half, most, 1000 * used / done.requests


def tell(report, loads):
    rows = []
    for load in loads:
        rate, errors, half, most, cpu = (median([one[place] for one in load.tasks]) for place in range(5))
        synced = [median([one[place] for one in load.syncs]) for place in range(2)]
        rows.append([load.name, rate, errors, half, most, cpu, *synced])
        report.goal(f"{load.name}: p95", most, 50, unit=" ms")
        report.limit(f"fsync, {load.name}", [one[0] for one in load.syncs])
    report.table("POST /api/v1/translate, one picture, no workers",
                 ["load", "tasks/s", "errors", "p50 ms", "p95 ms", "CPU ms a task", "write+fsync p50 ms", "p95 ms"], rows)
    report.note(f"versions: wrk {run('dpkg-query', '-W', '-f', '${Version}', 'wrk')}; it runs on the server's cores.")


if __name__ == "__main__":
    sys.exit(main())
