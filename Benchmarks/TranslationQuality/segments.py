"""The held-out segments, and how near to their references translations of them are."""
import collections
import pathlib

from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

Segment = collections.namedtuple("Segment", "kind source references")


def held_out(pair):
    """The segments of a pair such as `en-es`. The way back has one reference, the English that was translated."""
    here, there = pair.split("-")
    file = pathlib.Path(__file__).with_name(f"test.{pair}.tsv")
    if file.exists():
        return [Segment(kind, source, references) for kind, source, *references in rows(file)]
    turned = rows(file.with_name(f"test.{there}-{here}.tsv"))
    return [Segment(kind, reference, [source]) for kind, source, reference, _ in turned]


def rows(file):
    return [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def streams(segments):
    """References as sacrebleu takes them: the first of all segments, then the second of all."""
    return [list(stream) for stream in zip(*(segment.references for segment in segments))]


def scores(segments, outputs):
    """Of each system a row: its name, then chrF2 and BLEU, each with half its 95 % interval and the probability that a
    difference as large as that to the first system is chance (paired bootstrap, 1000 samples). And the signatures."""
    signatures, found = PairedTest(list(outputs.items()), {"chrF2": CHRF(), "BLEU": BLEU()}, streams(segments), "bs",
                                   n_samples=1000)()
    table = [[name, *(cell for result in pair for cell in (result.score, float(result.ci), result.p_value))]
             for name, *pair in zip(found["System"], found["chrF2"], found["BLEU"])]
    return table, [f"{name}: {signature}" for name, signature in signatures.items()]


def chrf_of_kinds(segments, outputs):
    """Of each system a row: its name, then chrF2 of each kind; and the kinds."""
    kinds = list(dict.fromkeys(segment.kind for segment in segments))
    places = [[place for place, segment in enumerate(segments) if segment.kind == kind] for kind in kinds]
    table = [[name, *(chrf([segments[place] for place in part], [texts[place] for place in part]) for part in places)]
             for name, texts in outputs.items()]
    return table, [f"{kind} ({len(part)})" for kind, part in zip(kinds, places)]


def chrf(segments, texts):
    return CHRF().corpus_score(texts, streams(segments)).score
