"""Pictures translated by a whole server, with a remote model that takes its time and without any, beside the reading of
them alone."""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

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
    tell(report, chosen, steps, rounds, alone)
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
    """Wall and CPU seconds of each picture, one after the other, by this machine alone."""
    port = free_port()
    settings = {"PICTOR_TRANSLATION_LANGUAGES": "eng", "PICTOR_LOG_LEVEL": "warning"}
    figures = []
    with Program([PRODUCTS / "pictor", "serve", "--port", port, "--data", data], port, settings) as server:
        for file in files(pictures):
            started, used = time.monotonic(), cpu_seconds(server.pid)
            if wait(port, create(port, file, "embedded")) != "completed":
                raise RuntimeError(server.output())
            figures.append((time.monotonic() - started, cpu_seconds(server.pid) - used))
    return figures[len(figures) // 10:]  # the first start programs and read models


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


def tell(report, chosen, steps, rounds, alone):
    cpu = median([used for _, used, _ in rounds]) / chosen.count
    wall = median([seconds for seconds, _, _ in rounds])
    names = ["reading alone", "reading, erasing and setting alone", "the server, from upload to result"]
    rows = [[name, value, value / steps[0], steps[0] / value] for name, value in
            zip(names, [steps[0], sum(steps), cpu])]
    report.table(f"{chosen.count} pictures, model answers after {chosen.latency} s",
                 ["work", "CPU s a picture", "x reading", "share of the limit"], rows)
    walls, cpus = zip(*alone)
    report.table("This machine alone, one picture after the other", ["", "p50 s", "p95 s"],
                 [["wall", percentile(walls, 0.5), percentile(walls, 0.95)],
                  ["CPU", percentile(cpus, 0.5), percentile(cpus, 0.95)]])
    report.goal("this machine alone, median wall", percentile(walls, 0.5), 1, unit=" s")
    report.note(f"All were done {wall:.0f} s after the first upload; the server had {median([m for _, _, m in rounds]):.0f} "
                "MiB (PSS) in the end. The limit is the reading, which every picture needs; what the model takes costs no core.")
    report.note(f"versions: {run('tesseract', '--version').splitlines()[0]}")


if __name__ == "__main__":
    sys.exit(main())
