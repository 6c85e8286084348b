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


def floors(cases_, weights, mode):
    """Which share of one leg shows that a meme fits: those floors that cost the fewest paraphrases among those that let
    at most 7 % of the unanswerable queries through and cost at most 1 % of recall on exact and misspelt words."""
    kinds = ["exact", "typo", "typo in every word", "hard typo", "paraphrase en", "no answer"]
    mine = [case for case in cases_ if case.query.type in kinds]
    best = None
    dense_floors = (0.3, 0.33, 0.36, 0.38, 0.4, 0.42, 0.44, 0.48) if mode == "hybrid" else (2.0,)
    for words, trigrams, dense in itertools.product((0.2, 0.22, 0.25, 0.28, 0.32), (0.28, 0.3, 0.33, 0.36), dense_floors):
        least = numpy.array([words, trigrams, 0.5, 2.0, dense])
        lost = {kind: [] for kind in kinds}
        for case in mine:
            ranking, scores = case.ranking(weights[case.intent], 100)
            floor = least.copy()
            if CJK.search(case.query.text):
                floor[LEGS.index("dense")] = 2.0  # the built-in model knows no Chinese
            fits = dict(zip(case.numbers, (case.shares >= floor).any(axis=1) & (scores >= 0.4 * scores.max(initial=0))))
            shown = [number for number in ranking if fits[number]]
            if case.query.type == "no answer":
                lost["no answer"].append(float(bool(shown)))
            else:
                lost[case.query.type].append(metrics.recall(ranking, case.query.grades)
                                             - metrics.recall(shown, case.query.grades))
        loss = {kind: metrics.mean(values) for kind, values in lost.items() if values}
        worded = max(loss[kind] for kind in loss if kind not in ("paraphrase en", "no answer"))
        cost = (max(0, loss["no answer"] - 0.07) + max(0, worded - 0.01), loss["paraphrase en"], loss["no answer"])
        if best is None or cost < best[0]:
            best = cost, {"words": words, "trigrams": trigrams, "labels": 0.5} | ({} if dense > 1 else {"dense": dense})
    return best[1]


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
