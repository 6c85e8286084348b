"""Figures of rankings: recall, nDCG, reciprocal rank, and what chance may have to do with them."""
import math
import random


def recall(ranking, grades, depth=5):
    relevant = {number for number, grade in grades.items() if grade >= 2}
    return len(relevant & set(ranking[:depth])) / min(depth, len(relevant))


def ndcg(ranking, grades, depth=10):
    def gain(values):
        return sum((2 ** value - 1) / math.log2(place + 2) for place, value in enumerate(values[:depth]))

    return gain([grades.get(number, 0) for number in ranking]) / gain(sorted(grades.values(), reverse=True))


def reciprocal(ranking, grades):
    return next((1 / (place + 1) for place, number in enumerate(ranking) if grades.get(number, 0) >= 2), 0.0)


def success(ranking, grades):
    return float(bool(ranking) and grades.get(ranking[0], 0) >= 2)


def mean(values):
    return sum(values) / len(values) if values else float("nan")


def interval(values, samples=5000, seed=1):
    """The middle 95 % of the means of samples drawn with replacement. For a difference give the differences, query by
    query: then the bootstrap is paired."""
    random_ = random.Random(seed)
    means = sorted(mean(random_.choices(values, k=len(values))) for _ in range(samples))
    return means[int(0.025 * samples)], means[int(0.975 * samples) - 1]


def auroc(higher, lower):
    """How often a value of the first list is above one of the second."""
    pairs = [(a > b) + 0.5 * (a == b) for a in higher for b in lower]
    return mean(pairs)
