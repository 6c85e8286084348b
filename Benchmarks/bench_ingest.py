"""Memes taken in until they can be found, beside one Tesseract process a core that does nothing but read."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from bench_ocr import RENDERER, by_tesseract, children_cpu, output
from harness.report import PRODUCTS, Report, median, options, run

FORMS = ["pictor ingest", "tesseract, a process a picture"]


def main():
    chosen = options("Memes taken in a second, beside plain Tesseract on every core.", 3,
                     count={"type": int, "default": 120, "help": "memes (120)"},
                     seed={"type": int, "default": 1, "help": "of the renderer (1)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        memes = pathlib.Path(folder) / "memes"
        subprocess.run([sys.executable, "-B", RENDERER, "--split", "test", "--count", str(chosen.count), "--seed",
                        str(chosen.seed), "--languages", "en", "--out", memes], check=True)
        rounds = {form: [] for form in FORMS}
        for number in range(chosen.rounds + 1):
            for form in FORMS if number % 2 else reversed(FORMS):
                figures = measured(form, memes, pathlib.Path(folder) / "data")
                if number > 0:
                    rounds[form].append(figures)
    tell(report, rounds, chosen.count)
    return report.finish()


def measured(form, memes, data):
    """Wall and CPU seconds for all memes."""
    truth = [json.loads(line) for line in open(memes / "truth.jsonl", encoding="utf-8")]
    shutil.rmtree(data, ignore_errors=True)
    wall, cpu = time.monotonic(), children_cpu()
    if form == FORMS[1]:
        by_tesseract(memes, truth)
    else:
        taken = json.loads(output([PRODUCTS / "pictor", "ingest", memes, "--data", data, "--json"]))
        if taken["added"] != len(truth):
            raise RuntimeError(f"{taken} of {len(truth)} memes")
    return time.monotonic() - wall, children_cpu() - cpu


def tell(report, rounds, count):
    walls = {form: [wall for wall, _ in rounds[form]] for form in FORMS}
    rows = [[form, count / median(walls[form]),
             median([limit / wall for wall, limit in zip(walls[form], walls[FORMS[1]])]),
             median([cpu for _, cpu in rounds[form]]) / count] for form in FORMS]
    report.table(f"{count} memes", ["form", "memes/s", "x Tesseract", "CPU s a meme"], rows)
    report.limit(FORMS[1], walls[FORMS[1]])
    report.note("Ours stores the picture, reads it in several passes (`script/bench ocr` shows what that finds), embeds it "
                "and indexes it; Tesseract alone reads it once, with a start of the program for each picture.")
    report.note(f"versions: {run('tesseract', '--version').splitlines()[0]}")


if __name__ == "__main__":
    sys.exit(main())
