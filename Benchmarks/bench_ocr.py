"""Reading text: words of rendered memes of the test split found by ours, beside plain Tesseract, one process a core."""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

from harness.report import PRODUCTS, Report, median, options, run, version

STYLES = ["all", "impact", "panel", "colour", "small", "strip", "chat"]
GATES = {"all": 0.87, "impact": 0.97, "panel": 0.95, "colour": 0.67, "small": 0.83}
RENDERER = pathlib.Path(__file__).parent / "SearchQuality" / "render.py"
FORMS = ["pictor, recall", "pictor, layout", "tesseract, a process a picture"]


def main():
    chosen = options("Reading text in memes beside plain Tesseract.", 3,
                     count={"type": int, "default": 300, "help": "memes (300)"},
                     seed={"type": int, "default": 1, "help": "of the renderer (1)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        subprocess.run([sys.executable, "-B", RENDERER, "--split", "test", "--count", str(chosen.count), "--seed",
                        str(chosen.seed), "--languages", "en", "--out", folder], check=True)
        truth = [json.loads(line) for line in open(f"{folder}/truth.jsonl", encoding="utf-8")]
        texts, rounds = {}, collections.defaultdict(list)
        for number in range(chosen.rounds + 1):
            for form in FORMS if number % 2 else reversed(FORMS):
                texts[form], seconds = measured(form, folder, truth)
                if number > 0:
                    rounds[form].append(seconds)
    tell(report, truth, texts, rounds)
    return report.finish()


def measured(form, folder, truth):
    """The words of each picture, and wall and CPU seconds of a picture."""
    wall, cpu = time.monotonic(), children_cpu()
    read = by_tesseract(folder, truth) if form == FORMS[2] else by_pictor(folder, form.split()[-1])
    return read, ((time.monotonic() - wall) / len(truth), (children_cpu() - cpu) / len(truth))


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def by_pictor(folder, mode):
    lines = output([PRODUCTS / "OCRBench", folder, mode, str(os.cpu_count())]).splitlines()
    return {line["file"]: [word["text"] for word in line["words"]] for line in map(json.loads, lines)}


def by_tesseract(folder, truth):
    def words(file):
        return file, output(["tesseract", f"{folder}/{file}", "-"]).split()

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pool.map(words, [meme["file"] for meme in truth]))


def output(line):
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    return subprocess.run(line, capture_output=True, text=True, check=True, env=environment).stdout


def letters(text):
    return re.sub(r"[\W_]", "", text.lower())


def recall(truth, texts):
    """Share of the captions' words that were read, by style, and words read beside them, for each picture."""
    found, written, others = collections.Counter(), collections.Counter(), 0
    for meme in truth:
        read = {letters(word) for word in texts[meme["file"]]} - {""}
        words = [letters(word) for word in meme["caption"].split()]
        others += len(read - set(words))
        for style in ("all", meme["style"]):
            written[style] += len(words)
            found[style] += sum(word in read for word in words)
    return {style: found[style] / written[style] for style in STYLES if written[style]}, others / len(truth)


def error_rate(truth, texts):
    """Characters to change for each of the caption (CER), all captions together; case and punctuation do not count."""
    edits = sum(distance(plain(meme["caption"]), plain(" ".join(texts[meme["file"]]))) for meme in truth)
    return edits / sum(len(plain(meme["caption"])) for meme in truth)


def plain(text):
    return " ".join(filter(None, map(letters, text.split())))


def distance(one, other):
    row = list(range(len(other) + 1))
    for number, left in enumerate(one, start=1):
        before, row[0] = row[0], number
        for column, right in enumerate(other, start=1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (left != right))
    return row[-1]


def tell(report, truth, texts, rounds):
    shares = {form: recall(truth, texts[form]) for form in FORMS}
    rows = [[form, *(shares[form][0].get(style) for style in STYLES), shares[form][1],
             error_rate(truth, texts[form])] for form in FORMS]
    report.table(f"Words found in {len(truth)} memes of the test split", ["reader", *STYLES, "junk a picture", "CER"], rows)
    report.table("Seconds a picture", ["reader", "CPU", "wall, all cores", "pictures a CPU second"],
                 [[form, cpu := median([cpu for _, cpu in rounds[form]]), median([wall for wall, _ in rounds[form]]),
                   1 / cpu] for form in FORMS])
    report.limit("tesseract, CPU", [cpu for _, cpu in rounds[FORMS[2]]])
    for style, gate in GATES.items():
        report.goal(f"word recall, {style}", shares[FORMS[0]][0][style], gate, is_at_least=True)
    report.goal("word recall, colour (stretch)", shares[FORMS[0]][0]["colour"], 0.8, is_at_least=True)
    report.goal("word recall, small (stretch)", shares[FORMS[0]][0]["small"], 0.9, is_at_least=True)
    report.note("Text is the renderer's. Recall mode keeps other readings of a word beside it, which counts into its "
                "CER; layout mode is the text of one pass. Tesseract runs with OMP_THREAD_LIMIT=1.")
    report.note(f"versions: {run('tesseract', '--version').splitlines()[0]}, {version('Pillow')}, {version('numpy')}")


if __name__ == "__main__":
    sys.exit(main())
