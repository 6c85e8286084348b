"""`GET /query` of a whole server on a library of 100,000 memes: latency, cost and what many clients get."""

import json
import pathlib
import random
import re
import sqlite3
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import uuid

from harness.processes import Program, cpu_seconds, free_port, memory_kib
from harness.report import PRODUCTS, Report, options, percentile, run
from harness.wrk import Wrk

CAPTIONS = pathlib.Path(__file__).parent / "SearchQuality/captions"
HOT = 100
# wrk asks the lines of a file in turn: each thread begins elsewhere and comes to a line again only after all others.
SCRIPT = """
local threads = 0
function setup(thread) thread:set("first", threads) threads = threads + 1 end
function init(args)
  paths = {} for line in io.lines(args[1]) do paths[#paths + 1] = line end
  place = first * math.floor(#paths / 2)
end
function request() place = place % #paths + 1 return wrk.format("GET", paths[place]) end
"""


def main():
    chosen = options("Searches of a whole server on a large library.", 3,
                     count={"type": int, "default": 100_000, "help": "memes (100000)"},
                     seconds={"type": int, "default": 300, "help": "of load by many connections (300)"},
                     connections={"type": int, "default": 1000, "help": "of that load (1000)"},
                     library={"help": "data directory to keep the library in, or one that was made before"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        data = pathlib.Path(chosen.library or f"{folder}/data").resolve()
        captions = make_library(data, chosen.count)
        with serve(data) as server:
            embedding = wait_until_searchable(report, server, data, chosen.count)
            measure(report, chosen, pathlib.Path(folder), server, Queries(captions))
            report.note(f"server: {memory_kib(server.pid) / 1024:.0f} MiB (PSS) with {chosen.count} memes; {embedding}")
    report.note(f"versions: wrk {run('dpkg-query', '-W', '-f', '${Version}', 'wrk')}. wrk runs on the server's cores.")
    return report.finish()


def serve(data):
    port = free_port()
    settings = {"PICTOR_MEMES_RATE_LIMIT": "10000000", "PICTOR_LOG_LEVEL": "warning"}
    return Program([PRODUCTS / "pictor", "serve", "--port", port, "--data", data], port, settings)


def make_library(data, count):
    """Fills the tables with memes as they are before their vectors are made. Returns the captions."""
    captions = make_captions(count)
    if (data / "pictor.db").exists():
        return captions
    with serve(data):
        pass  # makes the tables
    database = sqlite3.connect(data / "pictor.db")
    ids = [str(uuid.UUID(int=number + 1)) for number in range(count)]
    database.executemany(
        "INSERT INTO meme (id, number, content_hash, status, file_name, mime_type, size_bytes, width_px, height_px, frames,"
        " perceptual_hash, colours, change, created_at, updated_at)"
        " VALUES (?1, ?2, ?3, 'ready', ?4, 'image/jpeg', 1, 600, 600, 1, ?5, '[]', ?2, ?2, ?2)",
        ((id_, number, f"{number:064x}", f"IMG_{number}.jpg", f"{random.Random(number).getrandbits(64):016x}")
         for number, id_ in enumerate(ids, start=1)))
    database.executemany(
        "INSERT INTO meme_text (meme_id, field, provenance, value, updated_at) VALUES (?, ?, 'ocr', ?, 1)",
        ((id_, field, caption) for id_, caption in zip(ids, captions) for field in ("ocr", "caption")))
    database.execute("UPDATE meme_counter SET value = ?", [count])
    database.commit()
    database.close()
    return captions


def make_captions(count):
    """Words in the proportions of a language, known ones first: the n-th comes 1/n as often as the first."""
    random_ = random.Random(1)
    known = {}
    for file in sorted(CAPTIONS.glob("*.en.tsv")):
        for word in re.findall(r"[a-z']+", file.read_text(encoding="utf-8")):
            known[word] = known.get(word, 0) + 1
    words = sorted(known, key=known.get, reverse=True)
    syllables = [a + b + c for a in "bcdfghklmnprstvwz" for b in "aeiou" for c in ("", "n", "r", "s", "t")]
    words += ["".join(random_.choices(syllables, k=random_.randint(2, 4))) for _ in range(30_000 - len(words))]
    weights = [1 / (place + 1) for place in range(len(words))]
    lengths = random_.choices(range(4, 17), k=count)
    drawn = random_.choices(words, weights, k=sum(lengths))
    captions, place = [], 0
    for length in lengths:
        captions.append(" ".join(drawn[place:place + length]))
        place += length
    return captions


class Queries:
    """Three to six words of a caption, every third query with a misspelling in each long word; none comes twice."""

    def __init__(self, captions):
        self.captions = captions
        self.random = random.Random(2)
        self.seen = set()

    def paths(self, count):
        made = []
        while len(made) < count:
            words = self.random.choice(self.captions).split()
            words = self.random.sample(words, min(len(words), self.random.randint(3, 6)))
            if len(made) % 3 == 0:
                words = [word if len(word) < 5 else word[:2] + word[3:] for word in words]
            text = " ".join(words)
            if text not in self.seen:
                self.seen.add(text)
                made.append(f"/query?n=5&content={urllib.parse.quote(text)}")
        return made


def wait_until_searchable(report, server, data, count):
    """Waits until the server has embedded every meme; says how long that took."""
    database = sqlite3.connect(f"file:{data}/pictor.db?mode=ro", uri=True)
    started, used = time.monotonic(), cpu_seconds(server.pid)
    first = done = database.execute("SELECT COUNT(*) FROM meme_stage WHERE stage = 'embed'").fetchone()[0]
    while done < count or get(server, "/health")["memes"]["count"] < count:
        if server.process.poll() is not None:
            raise RuntimeError(server.output())
        time.sleep(1)
        done = database.execute("SELECT COUNT(*) FROM meme_stage WHERE stage = 'embed'").fetchone()[0]
        print(f"\rbench: {done} of {count} memes embedded", end="", file=sys.stderr)
    seconds = time.monotonic() - started
    print(file=sys.stderr)
    database.close()
    time.sleep(2)  # the last change is followed within a second
    if done == first:
        return f"indexed {seconds:.0f} s after its port answered"
    return (f"{done - first} memes embedded as jobs in {seconds:.0f} s, {(done - first) / seconds:.0f} a second, "
            f"{1000 * (cpu_seconds(server.pid) - used) / (done - first):.1f} ms of CPU each")


def get(server, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=60) as answer:
        return json.load(answer)


def measure(report, chosen, folder, server, queries):
    one_by_one = []
    for name, paths in (("new", queries.paths(200 * (chosen.rounds + 1))), ("cached", queries.paths(HOT) * 5)):
        one_by_one.append(latencies(server, name, paths))
    report.table(f"One client, {chosen.count} memes", ["query", "p50 ms", "p95 ms", "p99 ms", "CPU ms a query", "found"],
                 one_by_one)
    report.goal("new query, p95", one_by_one[0][2], 100, unit=" ms")
    report.goal("cached query, p95", one_by_one[1][2], 5, unit=" ms")
    rows = []
    for name, paths in (("new", queries.paths(2000 * chosen.seconds)), ("cached", queries.paths(HOT))):
        rows.append(load(server, folder, name, paths, chosen))
    report.table(f"{chosen.connections} connections for {chosen.seconds} s",
                 ["query", "requests/s", "errors", "p50 ms", "p99 ms", "CPU ms a query"], rows)
    report.goal("new queries a second", rows[0][1], 100, is_at_least=True)
    report.goal("cached queries a second", rows[1][1], 400, is_at_least=True)
    report.goal("errors", rows[0][2] + rows[1][2], 0)


def latencies(server, name, paths):
    """The first fifth is warming up."""
    times, found, skipped = [], 0, len(paths) // 5
    for number, path in enumerate(paths):
        if number == skipped:
            used = cpu_seconds(server.pid)
        started = time.monotonic()
        answer = get(server, path)
        times.append(1000 * (time.monotonic() - started))
        found += bool(answer["data"])
    times = times[skipped:]
    return [name, percentile(times, 0.5), percentile(times, 0.95), percentile(times, 0.99),
            1000 * (cpu_seconds(server.pid) - used) / len(times), f"{found / len(paths):.0%}"]


def load(server, folder, name, paths, chosen):
    """What wrk gets that asks as fast as answers come."""
    (folder / "ask.lua").write_text(SCRIPT)
    (folder / "paths").write_text("\n".join(paths))
    used = cpu_seconds(server.pid)
    done = Wrk(f"http://127.0.0.1:{server.port}", threads=2, connections=chosen.connections, seconds=chosen.seconds,
                options=["--timeout", "60s", "--latency", "-s", folder / "ask.lua"], arguments=[folder / "paths"]).end()
    used = cpu_seconds(server.pid) - used
    if done.requests > len(paths) > HOT:
        raise RuntimeError(f"{done.requests} requests, but only {len(paths)} new queries: some were cached")
    return [name, done.rate, done.errors, done.milliseconds(50), done.milliseconds(99), 1000 * used / done.requests]


if __name__ == "__main__":
    sys.exit(main())
