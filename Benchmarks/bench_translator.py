"""Offline translation: speed beside Apertium's own command and a hand-made pipeline, quality beside the source itself."""

import collections
import json
import pathlib
import re
import resource
import subprocess
import time

import sacrebleu

from harness.report import PRODUCTS, Report, median, options, percentile, version

QUALITY = pathlib.Path(__file__).parent / "TranslationQuality" / "test.en-es.tsv"
MODE = pathlib.Path("/usr/share/apertium/modes/eng-spa.mode")
PROGRAM = PRODUCTS / "TranslatorBench"
OURS, COMMAND, LIMIT = "pictor", "apertium eng-spa, a call a segment", "programs of the mode, one stream (limit)"


def main():
    chosen = options("Offline translation beside Apertium's own command and a bare pipeline.", 5,
                     segments={"type": int, "default": 2000, "help": "in a stream (2000)"},
                     calls={"type": int, "default": 20, "help": "of the command, each round (20)"})
    report = Report(chosen)
    rows = [line.split("\t") for line in QUALITY.read_text(encoding="utf-8").splitlines()]
    sources = [source for _, source, _ in rows]
    speed(report, chosen, sources)
    quality(report, rows)
    return report.finish()


def speed(report, chosen, sources):
    stream = [sources[number % len(sources)] for number in range(chosen.segments)]
    latencies, rounds = collections.defaultdict(list), collections.defaultdict(list)
    for number in range(chosen.rounds + 1):
        figures = {
            OURS: lambda: measured(lambda: float(by_pictor("stream", stream, "2")[0])),
            LIMIT: lambda: measured(lambda: by_bare_pipeline(stream)),
        }
        for form in figures if number % 2 else reversed(figures):
            seconds, cpu = figures[form]()
            if number:
                rounds[form].append((seconds / len(stream), cpu / len(stream)))
        if number:
            latencies[OURS] += map(float, by_pictor("latency", sources))
            latencies[COMMAND] += [by_command(source) for source in sources[: chosen.calls]]
    walls = {form: median([wall for wall, _ in figures]) for form, figures in rounds.items()}
    report.table(f"A stream of {len(stream)} segments", ["form", "segments a second", "share of the limit",
                                                         "CPU ms a segment, all processes"],
                 [[form, 1 / walls[form], walls[LIMIT] / walls[form], 1000 * median([cpu for _, cpu in rounds[form]])]
                  for form in (OURS, LIMIT)])
    report.table("Milliseconds of one segment at a time", ["form", "median", "p95", "segments"],
                 [[form, 1000 * median(values), 1000 * percentile(values, 0.95), len(values)]
                  for form, values in latencies.items()])
    report.limit("bare pipeline", [wall for wall, _ in rounds[LIMIT]])
    report.goal("one segment, times as fast as the command", median(latencies[COMMAND]) / median(latencies[OURS]), 50,
                is_at_least=True)
    report.goal("stream, share of the limit", walls[LIMIT] / walls[OURS], 0.5, is_at_least=True)


def measured(run):
    """Seconds that `run` names, and CPU seconds of it and all that it started."""
    before = children_cpu()
    return run(), children_cpu() - before


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def by_pictor(what, lines, *more):
    done = subprocess.run([PROGRAM, what, "en", "es", *more], input="\n".join(lines), capture_output=True, text=True,
                          check=True)
    return done.stdout.splitlines()


def by_command(source):
    start = time.monotonic()
    subprocess.run(["apertium", "eng-spa"], input=source, capture_output=True, text=True, check=True)
    return time.monotonic() - start


def by_bare_pipeline(lines):
    """The programs of the mode file without `-z`: they see one text, and answer as they like. Seconds without start."""
    text = "".join(escaped(line) + ".[][\n]" for line in lines)
    line = MODE.read_text().replace("$1", "-n").replace("$2", "")
    # Once to have the dictionaries in the page cache; starting is not what is measured, and is taken off below.
    start = time.monotonic()
    subprocess.run(["sh", "-c", line], input="a.[]", capture_output=True, text=True, check=True)
    begun = time.monotonic()
    subprocess.run(["sh", "-c", line], input=text, capture_output=True, text=True, check=True)
    return time.monotonic() - begun - (begun - start)


def escaped(text):
    return re.sub(r"([\\^$/<>{}@\[\]])", r"\\\1", text)


def quality(report, rows):
    ours = [json.loads(line) for line in by_pictor("texts", [source for _, source, _ in rows])]
    sources, references = [row[1] for row in rows], [row[2] for row in rows]
    texts = {OURS: [line["text"] for line in ours], "apertium eng-spa": by_whole_command(sources),
             "the source itself": sources}
    kinds = sorted({kind for kind, _, _ in rows})
    table = []
    for form, outputs in texts.items():
        cells = [chrf([outputs[index] for index, row in enumerate(rows) if row[0] == kind],
                      [row[2] for row in rows if row[0] == kind]) for kind in kinds]
        table.append([form, chrf(outputs, references), sacrebleu.corpus_bleu(outputs, [references]).score, *cells])
    report.table(f"Quality of {len(rows)} segments", ["form", "chrF2", "BLEU", *(f"chrF2, {kind}" for kind in kinds)], table)
    unknown = sum(line["unknownWords"] for line in ours)
    report.note(f"Unknown words: {unknown}. Segments and references are ours, one reference each; nothing was tuned on them. "
                f"The phrase table and the segments have one author, so that signs and buttons are flattered. "
                f"chrF2 (characters 6, words 0), BLEU (13a, smoothing exp) of {version('sacrebleu')}.")
    report.goal("chrF2 over Apertium's own command", table[0][1] - table[1][1], 0, is_at_least=True)


def chrf(outputs, references):
    return sacrebleu.corpus_chrf(outputs, [references]).score


def by_whole_command(sources):
    """Each by itself: the command joins lines."""
    return [subprocess.run(["apertium", "-u", "eng-spa"], input=source, capture_output=True, text=True, check=True)
            .stdout.strip() for source in sources]


if __name__ == "__main__":
    raise SystemExit(main())
