"""Vectors as texts give them: fields with subjects in them, few of them large, and few directions in which texts of one
subject differ."""

import pathlib

import numpy

QUERIES = 200
FIELDS = 100
SUBJECTS = 4000
SHARED_DIRECTIONS = 32


def generate(count, dimensions, seed=7):
    """Rows and queries of length 1: Zipf-weighted subjects, low-rank differences within one, and even noise."""
    random = numpy.random.default_rng(seed)
    fields = random.standard_normal((FIELDS, dimensions), dtype=numpy.float32)
    own = random.standard_normal((SUBJECTS, dimensions), dtype=numpy.float32)
    middles = 0.7 * fields[numpy.arange(SUBJECTS) % FIELDS] + 0.7 * own
    basis = random.standard_normal((SHARED_DIRECTIONS, dimensions), dtype=numpy.float32)
    weights = 1 / numpy.arange(1, SUBJECTS + 1)
    weights /= weights.sum()

    def some(number):
        subject = random.choice(SUBJECTS, number, p=weights)
        shared = random.standard_normal((number, SHARED_DIRECTIONS), dtype=numpy.float32) @ basis
        noise = random.standard_normal((number, dimensions), dtype=numpy.float32)
        rows = middles[subject] + 0.16 * shared + 0.35 * noise
        return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)

    rows = numpy.concatenate([some(min(100_000, count - start)) for start in range(0, count, 100_000)])
    return rows, some(QUERIES)


def nearest(rows, queries, count, allowed=None):
    """The numbers of the nearest rows, by comparing with every row."""
    best = []
    for query in queries:
        cosines = rows @ query
        if allowed is not None:
            cosines = numpy.where(allowed, cosines, -2)
        best.append(numpy.argpartition(-cosines, count)[:count])
    return best


def recall(found, expected):
    return float(numpy.mean([len(set(map(int, one)) & set(map(int, other))) / len(other)
                             for one, other in zip(found, expected)]))


def write(folder, rows, queries):
    folder = pathlib.Path(folder)
    rows.astype("<f4").tofile(folder / "rows.f32")
    queries.astype("<f4").tofile(folder / "queries.f32")
    return folder / "rows.f32", folder / "queries.f32"
