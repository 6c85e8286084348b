"""Fits the weights of the legs and the floors of the cut-off, on the development split only."""
import itertools
import json
import pathlib
import re

import numpy

import metrics

LEGS = ["words", "trigrams", "labels", "coverage", "dense"]
INTENTS = ["exact", "typo", "semantic", "mixed"]
# Languages that the built-in model does not know are another operator's case.
NOT_FITTED = {"template", "no answer", "paraphrase zh", "cross-language"}
# How far fitted weights are drawn towards equal ones: queries that the split lacks need every leg.
SHRINKAGE = 0.15
# Of the unanswerable queries those that may get an answer, and of recall on words what the cut-off may cost.
MOST_FALSE, MOST_LOST = 0.08, 0.01
WORDED = ["exact", "typo", "typo in every word", "hard typo"]
SHARE_OF_BEST, CJK_COVERAGE = 0.4, 0.3  # as in RankingWeights
CJK = re.compile("[\u3400-\u9fff]")
HERE = pathlib.Path(__file__).resolve().parent


class Case:
    """A query with the shares of its candidates."""

    def __init__(self, query, answer, weight):
        hits = answer["hits"]
        self.query, self.intent, self.weight = query, answer["intent"], weight
        self.numbers = [hit[0] for hit in hits]
        self.shares = numpy.array([[hit[2].get(leg, 0) for leg in LEGS] for hit in hits]).reshape(-1, len(LEGS))

    def ranking(self, weights, depth=10):
        scores = self.shares @ weights
        order = sorted(range(len(scores)), key=lambda i: (-scores[i], self.numbers[i]))
        return [self.numbers[i] for i in order[:depth]], scores

    def quality(self, weights):
        ranking, _ = self.ranking(weights)
        return (metrics.ndcg(ranking, self.query.grades) + metrics.recall(ranking, self.query.grades)) / 2


def cases(split, mode):
    counts = {}
    for query in split.queries:
        counts[query.type] = counts.get(query.type, 0) + 1
    return [Case(query, split.found["read"][query.id][mode], 1 / counts[query.type]) for query in split.queries
            if query.type != "template"]


def fit_intent(cases_, legs, random_):
    """Coordinate search from several starts over weights that add up to 1."""
    cases_ = [case for case in cases_ if case.query.type not in NOT_FITTED and len(case.numbers)]
    possible = numpy.array([leg in legs for leg in LEGS], dtype=float)

    def value(weights):
        # A little less of everything keeps a leg that says nothing on this split from a weight by chance.
        return sum(case.weight * case.quality(weights) for case in cases_) - 0.002 * (weights ** 2).sum()

    best, best_value = possible / possible.sum(), None
    for _ in range(4):
        weights = best if best_value is None else possible * random_.dirichlet(numpy.ones(len(LEGS)))
        weights = weights / weights.sum()
        current = value(weights)
        improved = True
        while improved:
            improved = False
            for leg in numpy.flatnonzero(possible):
                for factor in (0.0, 0.5, 0.7, 0.85, 1.2, 1.5, 2.0, 4.0):
                    trial = weights.copy()
                    trial[leg] = max(trial[leg], 0.02) * factor
                    if trial.sum() == 0:
                        continue
                    trial /= trial.sum()
                    found = value(trial)
                    if found > current + 1e-6:
                        weights, current, improved = trial, found, True
        if best_value is None or current > best_value:
            best, best_value = weights, current
    return best


def shrunk(weights, legs):
    equal = numpy.array([leg in legs for leg in LEGS]) / len(legs)
    return (1 - SHRINKAGE) * weights + SHRINKAGE * equal


class Shown:
    """What is shown of a query's ranking under floors."""

    def __init__(self, case, weights):
        order, scores = case.ranking(weights[case.intent], 100)
        places = {number: place for place, number in enumerate(case.numbers)}
        places = [places[number] for number in order]
        self.ranking, self.query = numpy.array(order, dtype=int), case.query
        self.shares = case.shares[places]
        self.near = scores[places] >= SHARE_OF_BEST * scores.max(initial=0)
        self.knows = not CJK.search(case.query.text)  # the built-in model knows no Chinese
        self.uncut = metrics.recall(order, case.query.grades) if case.query.grades else 0

    def under(self, floor):
        if not self.knows:
            floor = floor.copy()
            floor[LEGS.index("dense")] = 2
            floor[LEGS.index("coverage")] = min(floor[LEGS.index("coverage")], CJK_COVERAGE)
        fits = self.shares >= floor
        return self.ranking[fits.any(axis=1) & self.near]

    def lost(self, floor):
        return self.uncut - metrics.recall(self.under(floor).tolist(), self.query.grades)


def trade(cases_, weights, mode):
    """For all floors that are tried: the share of the unanswerable queries that get an answer, what recall on words and
    on paraphrases they cost."""
    kinds = WORDED + ["paraphrase en", "no answer"]
    mine = {kind: [Shown(case, weights) for case in cases_ if case.query.type == kind] for kind in kinds}
    dense_floors = numpy.arange(0.24, 0.6, 0.02) if mode == "hybrid" else (2.0,)
    rows = []
    for coverage, trigrams, dense in itertools.product(
            numpy.arange(0.36, 0.6, 0.04), (0.28, 0.3, 0.32, 0.34, 0.36, 0.42), dense_floors):
        floor = numpy.array([2.0, trigrams, 0.5, coverage, dense])
        false = metrics.mean([float(len(shown.under(floor)) > 0) for shown in mine["no answer"]])
        worded = max(metrics.mean([shown.lost(floor) for shown in mine[kind]]) for kind in WORDED)
        meant = metrics.mean([shown.lost(floor) for shown in mine["paraphrase en"]])
        rows.append((false, worded, meant, {
            "trigrams": trigrams, "labels": 0.5, "coverage": round(float(coverage), 2),
        } | ({} if dense > 1 else {"dense": round(float(dense), 2)})))
    return rows


def floors(cases_, weights, mode):
    """Which share of one leg shows that a meme fits: those floors that cost the fewest paraphrases among those that let
    few unanswerable queries through and cost little recall on exact and misspelt words. Both limits are stricter than
    the goals, since other queries will differ."""
    def cost(row):
        false, worded, meant, _ = row
        return max(0, false - MOST_FALSE) + max(0, worded - MOST_LOST), meant, false

    rows = trade(cases_, weights, mode)
    least = min(map(cost, rows))
    equal = [row for row in rows if cost(row) == least]  # in rising order of coverage: the middle is the safest
    return equal[len(equal) // 2][3]


def fit(split):
    random_ = numpy.random.default_rng(7)
    fitted = {"data": split.digest}
    for mode, legs in (("hybrid", LEGS), ("lexical", LEGS[:-1])):
        all_cases = cases(split, mode)
        weights = {}
        for intent in INTENTS:
            found = fit_intent([case for case in all_cases if case.intent == intent], legs, random_)
            weights[intent] = shrunk(found, legs).round(3)
        fitted[mode] = {intent: {leg: float(w) for leg, w in zip(LEGS, weights[intent]) if w > 0} for intent in INTENTS}
        fitted[mode + "Floor"] = floors(all_cases, weights, mode)
    return fitted


def write(fitted):
    """The weights as JSON beside the data, and as Swift in the product."""
    (HERE / "weights.json").write_text(json.dumps(fitted, indent=2) + "\n")
    def table(weights):
        return "[" + ", ".join(f".{name}: {value}" for name, value in weights.items()) + "]"

    def tables(name):
        rows = "".join(f"            .{intent}: {table(fitted[name][intent])},\n" for intent in INTENTS)
        return f"        {name}: [\n{rows}        ],\n"

    swift = (
        "extension RankingWeights {\n"
        "    /// The weights the product ships, fitted on the development split of `Benchmarks/SearchQuality` with the hash\n"
        f"    /// `{fitted['data']}`; `script/bench search --fit` wrote this file.\n"
        "    package static let fitted = RankingWeights(\n"
        + tables("hybrid") + tables("lexical")
        + f"        hybridFloor: {table(fitted['hybridFloor'])},\n"
        + f"        lexicalFloor: {table(fitted['lexicalFloor'])},\n"
        + "    )\n}\n")
    path = HERE.parents[1] / "Sources/Engines/MemeSearch/Ranking/FittedWeights.swift"
    path.write_text(swift)
