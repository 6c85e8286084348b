"""Offline translation beside Apertium's own command: speed, also of a hand-made pipeline, and quality, also of the source."""

import collections
import json
import pathlib
import re
import resource
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "TranslationQuality"))
import segments  # noqa: E402
from harness.report import PRODUCTS, Report, median, options, percentile, run  # noqa: E402

MODES = {"en-es": "eng-spa", "es-en": "spa-eng"}
MODE = pathlib.Path("/usr/share/apertium/modes/eng-spa.mode")
PROGRAM = PRODUCTS / "TranslatorBench"
OURS, COMMAND, LIMIT = "pictor", "apertium eng-spa, a call a segment", "programs of the mode, one stream (limit)"


def main():
    chosen = options("Offline translation beside Apertium's own command and a bare pipeline.", 5,
                     segments={"type": int, "default": 2000, "help": "in a stream (2000)"},
                     calls={"type": int, "default": 20, "help": "of the command, each round (20)"},
                     only={"choices": ["speed", "quality"], "help": "one of the two"})
    report = Report(chosen)
    if chosen.only != "quality":
        speed(report, chosen, [segment.source for segment in segments.held_out("en-es")])
    if chosen.only != "speed":
        for pair in MODES:
            quality(report, pair)
        report.note("Paired bootstrap (sacrebleu, 1000 samples): ± is half the 95 % interval, p the probability that the "
                    f"difference to the command is chance. Versions: {versions()}.")
    return report.finish()


def speed(report, chosen, sources):
    stream = [sources[number % len(sources)] for number in range(chosen.segments)]
    latencies, rounds = collections.defaultdict(list), collections.defaultdict(list)
    for number in range(chosen.rounds + 1):
        figures = {
            OURS: lambda: measured(lambda: float(by_pictor("stream", "en-es", stream, "2")[0])),
            LIMIT: lambda: measured(lambda: by_bare_pipeline(stream)),
        }
        for form in figures if number % 2 else reversed(figures):
            seconds, cpu = figures[form]()
            if number:
                rounds[form].append((seconds / len(stream), cpu / len(stream)))
        if number:
            latencies[OURS] += map(float, by_pictor("latency", "en-es", sources))
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


def by_pictor(what, pair, lines, *more):
    done = subprocess.run([PROGRAM, what, *pair.split("-"), *more], input="\n".join(lines), capture_output=True, text=True,
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


def quality(report, pair):
    tested = segments.held_out(pair)
    sources = [segment.source for segment in tested]
    ours = [json.loads(line) for line in by_pictor("texts", pair, sources)]
    command = f"apertium -u {MODES[pair]}"
    outputs = {command: by_whole_command(MODES[pair], sources), OURS: [line["text"] for line in ours],
               "the source itself": sources}
    references = len(tested[0].references)
    table, signatures = segments.scores(tested, outputs)
    report.table(f"Quality of {len(tested)} segments, {pair}, references for each: {references}",
                 ["form", "chrF2", "±", "p", "BLEU", "±", "p"], table)
    by_kind, kinds = segments.chrf_of_kinds(tested, outputs)
    report.table(f"chrF2 of each kind (segments), {pair}", ["form", *kinds], by_kind)
    words = sum(len(source.split()) for source in sources)
    unknown = sum(line["unknownWords"] for line in ours)
    report.note(f"{pair}: {unknown} of {words} words unknown. {'; '.join(signatures)}.")
    if references > 1:
        between_references(report, pair, tested)
    report.goal(f"{pair}, chrF2 over Apertium's own command", table[1][1] - table[0][1], 0, is_at_least=True)


def between_references(report, pair, tested):
    """How far apart two right translations are. A literal machine may well be nearer to the first than the second is."""
    alone = [segment._replace(references=segment.references[:1]) for segment in tested]
    seconds = [segment.references[1] for segment in tested]
    (_, chrf, _, _, bleu, *_), = segments.scores(alone, {"second reference": seconds})[0]
    report.note(f"{pair}: the second references score chrF2 {chrf:.1f} and BLEU {bleu:.1f} against the first alone.")


def by_whole_command(mode, sources):
    """Each by itself: the command joins lines."""
    return [subprocess.run(["apertium", "-u", mode], input=source, capture_output=True, text=True, check=True)
            .stdout.strip() for source in sources]


def versions():
    listed = run("dpkg-query", "-W", "-f", "${Package} ${Version}\n", "apertium", "apertium-eng-spa", "lttoolbox")
    return ", ".join(listed.splitlines())


if __name__ == "__main__":
    raise SystemExit(main())
