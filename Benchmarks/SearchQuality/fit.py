"""Fits the weights of the legs and the floors of the cut-off, on the development split only."""
import json
import pathlib

import numpy

import metrics

LEGS = ["words", "trigrams", "labels", "coverage", "dense"]
INTENTS = ["exact", "typo", "semantic", "mixed"]
# Languages that the built-in model does not know are another operator's case.
NOT_FITTED = {"template", "no answer", "paraphrase zh", "cross-language"}
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


def floors(cases_, weights, kept=0.985):
    """By intent the highest floor that keeps this share of the right answers to queries in the words of the meme, and
    no higher than what nearly all unanswerable queries stay below."""
    result = {}
    for intent in INTENTS:
        mine = [case for case in cases_ if case.intent == intent and len(case.numbers)]
        right, wrong = [], []
        for case in mine:
            ranking, scores = case.ranking(weights[intent])
            if case.query.type == "no answer":
                wrong.append(scores.max())
            elif case.query.type in {"exact", "fragment", "typo", "typo in every word", "CJK word", "CJK sentence",
                                     "sibling exact", "paraphrase en"}:
                by_number = dict(zip(case.numbers, scores))
                hits = [by_number[n] for n in ranking[:5] if case.query.grades.get(n, 0) >= 2]
                if hits:
                    right.append((max(hits), case.query.type))
        lexical = sorted(score for score, type_ in right if type_ != "paraphrase en")
        allowed = lexical[int((1 - kept) * len(lexical))] - 1e-4 if lexical else 0.3
        needed = sorted(wrong)[min(len(wrong) - 1, int(0.93 * len(wrong)))] + 0.005 if wrong else 0.15
        result[intent] = round(float(min(allowed, needed)), 3)
    return result


def fit(split):
    random_ = numpy.random.default_rng(7)
    fitted = {"data": split.digest}
    for mode, legs in (("hybrid", LEGS), ("lexical", LEGS[:-1])):
        all_cases = cases(split, mode)
        weights = {}
        for intent in INTENTS:
            weights[intent] = fit_intent([case for case in all_cases if case.intent == intent], legs, random_).round(3)
        fitted[mode] = {intent: {leg: float(w) for leg, w in zip(LEGS, weights[intent]) if w > 0} for intent in INTENTS}
        fitted[mode + "Floor"] = floors(all_cases, weights)
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
        + f"        lexicalFloor: {table(fitted['lexicalFloor'])}\n"
        + "    )\n}\n")
    path = HERE.parents[1] / "Sources/Engines/MemeSearch/Ranking/FittedWeights.swift"
    path.write_text(swift)
