"""Pictures translated by a whole server, with a remote model that takes its time and without any, beside the reading of
them alone."""

import base64
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zlib

from harness.processes import Program, cpu_seconds, free_port, memory_kib
from harness.report import PRODUCTS, ROOT, Report, median, options, percentile, run

sys.path.insert(0, str(ROOT / "Tests/Cluster"))
from gemini import Gemini  # noqa: E402

DRAW = pathlib.Path(__file__).parent / "TranslationQuality" / "draw.py"
MODEL = "gemini-3.5-flash-lite"
# What is not of text alone: turned pictures are read several times.
KINDS = "meme,comic,doc2col,darkui,poster,small,photo"


def main():
    chosen = options("Translation with local boxes and a remote model, beside reading alone.", 1,
                     count={"type": int, "default": 120, "help": "pictures (120)"},
                     seed={"type": int, "default": 11, "help": "of the drawings (11)"},
                     latency={"default": "30-60", "help": "seconds that the model takes (30-60)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        folder = pathlib.Path(folder)
        subprocess.run([sys.executable, "-B", DRAW, "--split", "test", "--count", str(chosen.count), "--seed",
                        str(chosen.seed), "--kinds", KINDS, "--out", folder / "pictures"], check=True)
        steps = steps_alone(folder / "pictures")
        gemini = Gemini(folder, latency=chosen.latency, rpm=1_000_000)
        try:
            rounds = [translated(folder / f"data-{number}", folder / "pictures", gemini, chosen)
                      for number in range(chosen.rounds)]
        finally:
            gemini.stop()
        alone = embedded(folder / "data-embedded", folder / "pictures")
        alone["operations"] = store_work(folder / "data-stores", folder / "pictures")
        written = without_network(folder)
    tell(report, chosen, steps, rounds, alone, written)
    return report.finish()


def steps_alone(pictures):
    """CPU seconds a picture for reading, erasing and setting, one picture after the other."""
    lines = subprocess.run([PRODUCTS / "LetteringBench", pictures], capture_output=True, text=True, check=True).stdout
    seconds = [json.loads(line)["seconds"] for line in lines.splitlines()]
    return [sum(column) / len(seconds) for column in zip(*seconds)]


def files(pictures):
    return [pictures / json.loads(line)["file"] for line in open(pictures / "truth.jsonl", encoding="utf-8")]


def translated(data, pictures, gemini, chosen):
    """Wall and CPU seconds from the first upload to the last result, and the memory that the server had in the end."""
    port = free_port()
    provider = {"kind": "gemini", "url": gemini.url, "keys": "project-1.key", "concurrency": 10_000, "timeout": "90s",
                "models": {MODEL: {"purpose": ["chat"], "rpm": 1_000_000}}}
    settings = {"PICTOR_MODELS_PROVIDERS": json.dumps({"gemini": provider}), "PICTOR_TRANSLATION_LANGUAGES": "eng",
                "PICTOR_LOG_LEVEL": "warning"}
    with Program([PRODUCTS / "pictor", "serve", "--port", port, "--data", data], port, settings) as server:
        started, used = time.monotonic(), cpu_seconds(server.pid)
        tasks = [create(port, file, "model") for file in files(pictures)]
        states = [wait(port, task) for task in tasks]
        if set(states) != {"completed"}:
            raise RuntimeError(f"not all are translated: {states}\n{server.output()}")
        return time.monotonic() - started, cpu_seconds(server.pid) - used, memory_kib(server.pid) / 1024


def embedded(data, pictures):
    """By this machine alone, one picture after the other: wall and CPU seconds of each, what the stores did for them, and
    the seconds of drawing each anew with another word."""
    port = free_port()
    settings = {"PICTOR_TRANSLATION_LANGUAGES": "eng", "PICTOR_LOG_LEVEL": "warning"}
    figures, tasks = [], []
    with Program([PRODUCTS / "pictor", "serve", "--port", port, "--data", data], port, settings) as server:
        for file in files(pictures):
            started, used = time.monotonic(), cpu_seconds(server.pid)
            tasks.append(create(port, file, "embedded"))
            if wait(port, tasks[-1]) != "completed":
                raise RuntimeError(server.output())
            figures.append((time.monotonic() - started, cpu_seconds(server.pid) - used))
        redrawn = [seconds for task in tasks if (seconds := redraw(port, task))]
        refused = [refuse_bomb(port) for _ in range(20)]
    first = len(figures) // 10  # they start programs and read models
    return {"figures": figures[first:], "redrawn": redrawn[first:], "refused": refused}


def store_work(data, pictures):
    """What the stores do by the second where there is nothing to do, for a picture that waits with others, upload included,
    and for a question for a result. Only for the last one somebody asks while they are translated."""
    port = free_port()
    settings = {"PICTOR_TRANSLATION_LANGUAGES": "eng", "PICTOR_LOG_LEVEL": "warning"}
    with Program([PRODUCTS / "pictor", "serve", "--port", port, "--data", data], port, settings) as server:
        time.sleep(5)  # it has just begun
        idle = per_second(port, 20)
        before, started = store_operations(port), time.monotonic()
        tasks = [create(port, file, "embedded") for file in files(pictures)]
        wait(port, tasks[-1])  # a client's pictures come in the order in which it sent them
        seconds, after = time.monotonic() - started, store_operations(port)
        if {wait(port, task) for task in tasks} != {"completed"}:
            raise RuntimeError(server.output())
        asked, began = store_operations(port), time.monotonic()
        for task in tasks:
            wait(port, task)
        asking, told = time.monotonic() - began, store_operations(port)
    names = sorted(set(after) | set(told))
    difference = lambda one, other, name, time: one.get(name, 0) - other.get(name, 0) - idle.get(name, 0) * time
    return {name: [idle.get(name, 0), difference(after, before, name, seconds) / len(tasks),
                   difference(told, asked, name, asking) / len(tasks)] for name in names}


def per_second(port, seconds):
    before = store_operations(port)
    time.sleep(seconds)
    return {name: (count - before.get(name, 0)) / seconds for name, count in store_operations(port).items()}


def without_network(folder):
    """How many pictures the command writes where there is no network at all."""
    subprocess.run(["unshare", "--net", "--map-root-user", PRODUCTS / "pictor", "translate", *files(folder / "pictures"),
                    "--to", "Spanish", "--data", folder / "data-command", "-o", folder / "written"], check=True,
                   capture_output=True, env=os.environ | {"PICTOR_TRANSLATION_LANGUAGES": "eng"})
    return len(list((folder / "written").rglob("*.png")))


def store_operations(port):
    """How often the database and the files were asked for what, since the start."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60).read().decode()
    counts = {}
    for name, labels, value in re.findall(r"^(database_queries|storage_operations)_total{([^}]*)} (\S+)", text, re.M):
        operation = name.split("_")[0] + " " + re.search(r'operation="([^"]*)"', labels)[1]
        counts[operation] = counts.get(operation, 0) + float(value)
    return counts


def redraw(port, task):
    """Seconds from a changed word to the picture with it; `None` for a picture without words."""
    url = f"http://127.0.0.1:{port}/api/v1/translate/result/{task}"
    with urllib.request.urlopen(f"{url}/images/0", timeout=60) as answer:
        blocks = [block for block in json.load(answer)["blocks"] if block.get("translation")]
    if not blocks:
        return None
    body = {"blocks": [{"id": blocks[0]["id"], "translation": blocks[0]["translation"] + " más"}]}
    request = urllib.request.Request(f"{url}/images/0/blocks", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"}, method="PATCH")
    started = time.monotonic()
    urllib.request.urlopen(request, timeout=60).read()
    return time.monotonic() - started


def refuse_bomb(port):
    """Seconds until a PNG of a few bytes is refused that says it is 20,000 x 20,000."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    for kind, content in (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""):
        bomb += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    body = {"target_language": "Spanish", "images": [{"data": base64.b64encode(bomb).decode(), "name": "bomb.png"}]}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/translate", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    started = time.monotonic()
    try:
        urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        if error.code == 413:
            return time.monotonic() - started
        raise
    raise RuntimeError("the bomb was taken in")


def create(port, picture, provider):
    body = {"target_language": "Spanish", "provider": provider, "context": False,
            "images": [{"data": base64.b64encode(picture.read_bytes()).decode(), "name": picture.name}]}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/translate", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["task_id"]


def wait(port, task):
    """The state that the task ends in."""
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/translate/result/{task}?timeout=60", timeout=90) as answer:
            status = json.load(answer)["status"]
        if status in ("completed", "failed"):
            return status


def tell(report, chosen, steps, rounds, alone, written):
    cpu = median([used for _, used, _ in rounds]) / chosen.count
    wall = median([seconds for seconds, _, _ in rounds])
    names = ["reading alone", "reading, erasing and setting alone", "the server, from upload to result"]
    rows = [[name, value, value / steps[0], steps[0] / value] for name, value in
            zip(names, [steps[0], sum(steps), cpu])]
    report.table(f"{chosen.count} pictures, model answers after {chosen.latency} s",
                 ["work", "CPU s a picture", "x reading", "share of the limit"], rows)
    walls, cpus = zip(*alone["figures"])
    report.table("This machine alone, one picture after the other", ["", "p50 s", "p95 s"],
                 [["wall", percentile(walls, 0.5), percentile(walls, 0.95)],
                  ["CPU", percentile(cpus, 0.5), percentile(cpus, 0.95)]])
    operations = alone["operations"]
    report.table("Store operations, this machine alone",
                 ["operation", "by the second, whatever there is to do", "a picture more", "a question for a result more"],
                 [[name, *counts] for name, counts in operations.items()])
    report.goal("operations of the database for a picture",
                sum(counts[1] for name, counts in operations.items() if name.startswith("database")), 6)
    report.table("On a finished picture", ["", "p50 ms", "p95 ms"],
                 [[name, percentile(alone[key], 0.5) * 1000, percentile(alone[key], 0.95) * 1000]
                  for name, key in (("a word changed and drawn anew", "redrawn"), ("20,000 x 20,000 refused", "refused"))])
    report.goal("this machine alone, median wall", percentile(walls, 0.5), 1, unit=" s")
    report.goal("a word changed and drawn anew, median", percentile(alone["redrawn"], 0.5) * 1000, 150, unit=" ms")
    report.goal("20,000 x 20,000 refused, p95", percentile(alone["refused"], 0.95) * 1000, 50, unit=" ms")
    report.note(f"All were done {wall:.0f} s after the first upload; the server had {median([m for _, _, m in rounds]):.0f} "
                "MiB (PSS) in the end. The limit is the reading, which every picture needs; what the model takes costs no core.")
    report.note(f"In a network namespace without interfaces, `pictor translate` wrote {written} of {chosen.count} pictures.")
    report.note(f"versions: {run('tesseract', '--version').splitlines()[0]}")


if __name__ == "__main__":
    sys.exit(main())
