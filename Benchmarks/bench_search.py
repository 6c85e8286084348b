"""Quality of the search for memes on a labelled set, beside baselines, and its latency beside SQLite's full text.

The pictures are rendered, so their text is known; the memes hold what the product's OCR read in them. Weights are fitted
on the development split (`--fit`, which writes weights.json and FittedWeights.swift) and shown on the final split; the test split
was looked at while the cut-off was designed.
"""
import pathlib
import subprocess
import sys

import numpy

from harness import report

sys.path.insert(0, str(pathlib.Path(__file__).parent / "SearchQuality"))
import evaluation  # noqa: E402
import fit  # noqa: E402
import metrics  # noqa: E402
import rankings  # noqa: E402

HARD = ["hard typo"]
WORDED = ["exact", "fragment", "shuffled", "sibling exact", "typo", "typo in every word", "hard typo", "CJK word", "CJK sentence"]


def quality(split, rows, title, out):
    """Recall and nDCG of every ranking for every type of query."""
    types = [type_ for type_ in evaluation.made.TYPES if type_ != "no answer"
             and any(query.type == type_ for query in split.queries)]
    columns = ["query", "n", *rows]
    table = []
    for type_ in types:
        mine = [query for query in split.queries if query.type == type_]
        cells = []
        for ranking in rows.values():
            pairs = [(ranking(query), query.grades) for query in mine]
            cells.append(f"{metrics.mean([metrics.recall(*pair) for pair in pairs]):.3f} / "
                         f"{metrics.mean([metrics.ndcg(*pair) for pair in pairs]):.3f}")
        table.append([type_, len(mine), *cells])
    means = [[float(row[column].split(" / ")[part]) for row in table] for column in range(2, len(columns))
             for part in (0, 1)]
    table.append(["mean of types", "", *[f"{metrics.mean(means[2 * i]):.3f} / {metrics.mean(means[2 * i + 1]):.3f}"
                                         for i in range(len(rows))]])
    out.table(title, columns, table)


def details(split, product, out):
    table = []
    for type_ in evaluation.made.TYPES:
        mine = [query for query in split.queries if query.type == type_ and query.grades]
        if not mine:
            continue
        values = {name: [function(product(query), query.grades) for query in mine]
                  for name, function in (("recall", metrics.recall), ("ndcg", metrics.ndcg),
                                         ("mrr", metrics.reciprocal), ("first", metrics.success))}
        low, high = metrics.interval(values["recall"])
        ndcg_low, ndcg_high = metrics.interval(values["ndcg"])
        table.append([type_, len(mine), f"{metrics.mean(values['recall']):.3f} [{low:.3f}, {high:.3f}]",
                      f"{metrics.mean(values['ndcg']):.3f} [{ndcg_low:.3f}, {ndcg_high:.3f}]",
                      f"{metrics.mean(values['mrr']):.3f}", f"{metrics.mean(values['first']):.3f}"])
    out.table("Memes: search as shipped, MiniLM included, by type of query",
              ["query", "n", "recall@5", "nDCG@10", "MRR", "right first"], table)


def differences(split, product, others, out):
    """Paired by query: what the product gains or loses beside another ranking."""
    table = []
    for name, other in others.items():
        for type_ in ("all", *HARD, "sibling exact", "paraphrase en"):
            mine = [query for query in split.queries if query.grades and query.picture is None
                    and type_ in ("all", query.type)]
            values = [metrics.ndcg(product(query), query.grades) - metrics.ndcg(other(query), query.grades)
                      for query in mine]
            low, high = metrics.interval(values)
            table.append([f"product − {name}", type_, len(mine), f"{metrics.mean(values):+.3f} [{low:+.3f}, {high:+.3f}]"])
    out.table("Memes: differences of nDCG@10, paired, with 95 % intervals", ["difference", "queries", "n", "mean"], table)


def cut_off(split, mode, out):
    """What the cut-off takes from right answers, and how often it lets an answer to an unanswerable query through."""
    answers = split.found["read"]
    nothing = [answers[query.id][mode] for query in split.queries if query.type == "no answer"]
    false = metrics.mean([float(bool(answer["shown"])) for answer in nothing])
    best = [answer["hits"][0][1] if answer["hits"] else 0.0 for answer in nothing]
    table, losses, right = [], {}, []
    for type_ in evaluation.made.TYPES:
        mine = [query for query in split.queries if query.type == type_ and query.grades and query.picture is None]
        if not mine:
            continue
        uncut = metrics.mean([metrics.recall(rankings.uncut(answers[query.id][mode]), query.grades) for query in mine])
        cut = metrics.mean([metrics.recall(answers[query.id][mode]["shown"], query.grades) for query in mine])
        losses[type_] = uncut - cut
        scores = [answers[query.id][mode]["hits"][0][1] if answers[query.id][mode]["hits"] else 0.0 for query in mine]
        right += scores if type_ in WORDED else []
        table.append([type_, f"{uncut:.3f}", f"{cut:.3f}", f"{metrics.auroc(scores, best):.3f}"])
    out.table(f"Memes: the cut-off, {mode}; {false:.1%} of {len(nothing)} unanswerable queries get an answer",
              ["query", "recall@5 uncut", "recall@5 cut", "AUROC of the best score against no answer"], table)
    return false, losses


def curve(split, weights, out):
    """What a floor of the vectors' share costs how many paraphrases, the other floors as shipped."""
    rows = []
    for dense in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 1.1):
        shares = weights["hybridFloor"] | {"dense": dense}
        floor = numpy.array([shares.get(leg, 2.0) for leg in fit.LEGS])
        rows.append([f"{dense:.2f}" if dense < 1 else "none", *answered(split, weights["hybrid"], floor)])
    fitted = weights["hybridFloor"]["dense"]
    out.table(f"Memes: paraphrases against false answers, by floor of the vectors' share (shipped: {fitted})",
              ["floor", "unanswerable queries with an answer", "of those in English", "paraphrase en: recall@5",
               "hard typo: recall@5"], rows)


def answered(split, weights, floor):
    """Shares of unanswerable queries, all and English, that get an answer; recall@5 of paraphrases and hard typos."""
    weights = {intent: numpy.array([legs.get(leg, 0.0) for leg in fit.LEGS]) for intent, legs in weights.items()}
    shown = {kind: [] for kind in ("no answer", "paraphrase en", "hard typo")}
    for case in fit.cases(split, "hybrid"):
        if case.query.type in shown:
            found = fit.Shown(case, weights)
            shown[case.query.type].append((found, found.under(floor).tolist()))
    nothing = shown["no answer"]
    english = [pair for pair in nothing if pair[0].knows]
    return [f"{metrics.mean([float(bool(hits)) for _, hits in pairs]):.3f}" for pairs in (nothing, english)] + [
        f"{metrics.mean([metrics.recall(hits, found.query.grades) for found, hits in shown[kind]]):.3f}"
        for kind in ("paraphrase en", "hard typo")]


def reading(split, out):
    rows, shares = rankings.word_recall(split.truth, split.read)
    passes = sorted({word["pass"] for reading in split.read for word in reading["words"]})
    less = [rankings.word_recall(split.truth, [rankings.without(name, reading) for reading in split.read])[1]
            for name in passes]
    out.table("Memes: words that OCR read, of those in the captions; and without those that a pass was the first to read",
              ["style", "pictures", "word recall", *[f"without {name}" for name in passes]],
              [[*row, *[f"{shares_[row[0]]:.3f}" for shares_ in less]] for row in rows])
    return shares


def gates(split, product, lexical, shares, false, losses, out):
    def mean_of(type_, function, ranking=product):
        return metrics.mean([function(ranking(query), query.grades) for query in split.queries if query.type == type_])

    out.goal("OCR word recall, English", shares["all"], 0.87, True)
    for style, limit in (("impact", 0.97), ("panel", 0.95), ("colour", 0.67), ("small", 0.83)):
        out.goal(f"OCR word recall, {style}", shares[style], limit, True)
    out.goal("exact: recall@5", mean_of("exact", metrics.recall), 0.95, True)
    out.goal("exact: nDCG@10", mean_of("exact", metrics.ndcg), 0.93, True)
    out.goal("hard typo: nDCG@10", mean_of("hard typo", metrics.ndcg), 0.85, True)
    out.goal("sibling exact: nDCG@10", mean_of("sibling exact", metrics.ndcg), 0.90, True)
    mine = [query for query in split.queries if query.type == "paraphrase en"]
    gain = [metrics.recall(product(query), query.grades) - metrics.recall(lexical(query), query.grades) for query in mine]
    out.goal("paraphrase en: recall@5", mean_of("paraphrase en", metrics.recall), 0.60, True)
    out.goal("paraphrase en: gain of recall@5 by vectors, lower bound", metrics.interval(gain)[0], 0.20, True)
    out.goal("unanswerable queries that get an answer", false, 0.10)
    out.goal("recall@5 that the cut-off takes, exact", losses["exact"], 0.02)
    out.goal("recall@5 that the cut-off takes, typo", max(losses["typo"], losses["hard typo"]), 0.02)


def latency(bench, documents, out):
    lines = [evaluation.json.loads(subprocess.run([bench, "latency", str(documents), "400"], check=True,
                                                  capture_output=True, text=True).stdout) for _ in range(3)]
    names = [contender["name"] for contender in lines[0]["contenders"]]

    def median(name, key):
        return report.median([c[key] for line in lines for c in line["contenders"] if c["name"] == name])

    own = median(names[0], "cpu_ms")
    out.table(f"Memes: lexical search of {documents} texts of about ten words, beside SQLite's FTS5 in memory",
              ["search", "CPU ms", "x", "p50 ms", "p95 ms"],
              [[name, median(name, "cpu_ms"), median(name, "cpu_ms") / own, median(name, "p50_ms"),
                median(name, "p95_ms")] for name in names])
    out.note(f"The index of {documents} texts takes {report.median([line['memory_mb'] for line in lines]):.0f} MB and "
             f"is built in {report.median([line['build_s'] for line in lines]):.1f} s.")
    if documents < 100_000:
        return  # the goals are of as many
    out.goal("lexical search of 100,000 texts: CPU", own, 5, unit=" ms")
    out.goal("lexical search of 100,000 texts: p95", median(names[0], "p95_ms"), 10, unit=" ms")


def main():
    options = report.options(
        __doc__.split("\n")[0], 0,
        split={"choices": ["test", "final"], "default": "final", "help": "whose figures are shown (final)"},
        seed={"type": int, "default": 11, "help": "of that split (11)"},
        images={"type": int, "default": 3000, "help": "pictures of that split (3000)"},
        development={"type": int, "default": 1000, "help": "pictures of the development split (1000)"},
        each={"type": int, "default": 80, "help": "queries of each generated type (80)"},
        fit={"action": "store_true", "help": "fit the weights on the development split; build again afterwards"},
        documents={"type": int, "default": 100_000, "help": "texts whose search is timed; 0 leaves it out (100000)"},
        data={"type": pathlib.Path, "default": evaluation.DATA, "help": "where pictures and readings are kept"},
        bench={"type": pathlib.Path, "default": report.PRODUCTS / "SearchBench", "help": "the program that searches"},
    )
    if options.fit:
        split = evaluation.prepare(options.bench, "dev", options.development, options.each, 1, options.data)
        fit.write(fit.fit(split))
        return 0
    out = report.Report(options)
    split = evaluation.prepare(options.bench, options.split, options.images, options.each, options.seed, options.data)
    baselines = rankings.Rankings(split)
    product, lexical = baselines.product("hybrid"), baselines.product("lexical")
    out.note(f"Split {options.split}, {split.digest}: {len(split.truth)} pictures, {len(split.queries)} queries.")
    shares = reading(split, out)
    details(split, product, out)
    quality(split, {"product": product, "lexical legs only": lexical, "truth in place of OCR":
                    baselines.product("hybrid", "oracle")} | baselines.peers(), "Memes: search, recall@5 / nDCG@10", out)
    quality(split, baselines.ablations(), "Memes: parts of the search, recall@5 / nDCG@10", out)
    differences(split, product, baselines.peers() | baselines.ablations(), out)
    cut_off(split, "lexical", out)
    false, losses = cut_off(split, "hybrid", out)
    curve(split, baselines.weights, out)
    gates(split, product, lexical, shares, false, losses, out)
    if options.documents:
        latency(options.bench, options.documents, out)
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
