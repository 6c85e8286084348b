"""The vector index beside what one would search with instead, and beside the speed of memory."""

import pathlib
import sys
import tempfile

import numpy

from harness.report import Report, median, options, percentile, version
from images.contenders import BENCHMARKS
from vectors.contenders import Faiss, HNSWLib, Ours, PGVector, SQLiteVec, USearch
from vectors.data import generate, nearest, recall, write

sys.path.insert(0, str(BENCHMARKS.parent / "Tests/Cluster"))
from stores import PostgreSQL  # noqa: E402

FOUND = 10
MODULUS = 10
ENOUGH = 0.98
PROBES = (16, 32, 64, 128, 256)


def main():
    chosen = options("Vector search beside faiss, hnswlib, usearch, sqlite-vec and pgvector.", 3,
                     count={"type": int, "default": 100_000, "help": "vectors (100000)"},
                     dimensions={"type": int, "default": 384, "help": "values of each (384)"},
                     only={"nargs": "+", "metavar": "NAME", "help": "peers whose names begin so, such as faiss (all)"},
                     file={"help": "rows of 32-bit floats to use instead; the last 200 are the queries"},
                     folder={"help": "where the files go, five bytes for each value (the system's temporary folder)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-", dir=chosen.folder) as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        rows, queries = data(chosen)
        # A million rows take its HNSW an hour of building.
        wants_server = len(rows) <= 200_000 and (not chosen.only or "pgvector" in chosen.only)
        server = PostgreSQL(folder) if wants_server else None
        try:
            measure(report, chosen, rows, queries, contenders(folder, rows, queries, server, chosen.only))
        finally:
            if server:
                server.process.stop()
    return report.finish()


def data(chosen):
    if not chosen.file:
        return generate(chosen.count, chosen.dimensions)
    rows = numpy.fromfile(chosen.file, "<f4").reshape(-1, chosen.dimensions)
    return rows[:-200], rows[-200:]


def contenders(folder, rows, queries, server, only):
    files = write(folder, rows, queries)
    count, dimensions = rows.shape
    lists = 1024 if count <= 200_000 else 4096
    ours = [Ours("pictor, scan", *files, count, dimensions), Ours("pictor, lists", *files, count // 2, dimensions)]
    peers = [Faiss("Flat"), Faiss(f"IVF{lists},SQ8", PROBES), HNSWLib()]
    if server:
        peers += [USearch("f32"), USearch("i8"), SQLiteVec("f32"), SQLiteVec("int8"), PGVector(server)]
    return ours + [peer for peer in peers if not only or peer.name.startswith(tuple(only))]


def measure(report, chosen, rows, queries, contenders):
    truth = {None: nearest(rows, queries, FOUND),
             MODULUS: nearest(rows, queries, FOUND, numpy.arange(len(rows)) % MODULUS == 3)}
    builds = {}
    for one in contenders:
        print(f"bench: building {one.name}", file=sys.stderr)
        builds[one] = one.build(rows)
        choose_dial(one, queries, truth[None])
    memory_rates = []
    passes = {(one, modulus): [] for one in contenders for modulus in (None, MODULUS) if not modulus or one.has_filter}
    for number in range(chosen.rounds + 1):
        order = list(passes) if number % 2 else list(reversed(passes))
        for one, modulus in order:
            figures = one.pass_over(queries, FOUND, modulus)
            if number > 0:
                passes[one, modulus].append(figures)
        if number > 0:
            memory_rates.append(contenders[0].ask("memory")["bytes_per_s"])
    tell(report, rows, contenders, builds, passes, truth, memory_rates)
    for one in contenders:
        one.close()


def choose_dial(one, queries, truth):
    for dial in one.dials:
        one.set_dial(dial)
        if recall(one.pass_over(queries, FOUND, None)["found"], truth) >= ENOUGH:
            return


def tell(report, rows, contenders, builds, passes, truth, memory_rates):
    base = contenders[0] if len(rows) <= 100_000 else contenders[1]
    for modulus in (None, MODULUS):
        table = [row_of(one, passes[one, modulus], passes[base, modulus], truth[modulus])
                 for one in contenders if (one, modulus) in passes]
        which = "one in ten allowed" if modulus else "no filter"
        report.table(f"{len(rows)} vectors of {rows.shape[1]}: nearest ten, {which}",
                     ["index", "dial", f"recall@{FOUND}", "CPU ms", "x", "p50 ms", "p95 ms"], table)
    report.table("Building and memory", ["index", "CPU s", "MB", "bytes a vector"],
                 [[one.name, builds[one]["cpu_s"], builds[one]["bytes"] / 1e6, builds[one]["bytes"] / len(rows)]
                  for one in contenders])
    goals(report, rows, base, passes, truth)
    scanned = rows.shape[0] * ((rows.shape[1] + 63) // 64 * 64)
    limit = scanned / median(memory_rates) * 1e3
    report.limit("memory", memory_rates)
    report.note(f"limit: one thread reads {median(memory_rates) / 1e9:.3g} GB/s, the first plane of all rows in "
                f"{limit:.3g} ms; the scan needs {cpu_ms(passes[contenders[0], None]) / limit:.3g} times as long.")
    report.note("x: processor time as a multiple of Pictor's. Its searches go through its pool of threads, pgvector's "
                "figure is the server process alone.")
    libraries = [version(name) for name in ("faiss-cpu", "hnswlib", "usearch", "sqlite-vec", "numpy")]
    report.note("versions: " + "; ".join(libraries + [one.version for one in contenders if isinstance(one, PGVector)]))


def row_of(one, figures, base, truth):
    walls = [wall for each in figures for wall in each["wall_ms"]]
    return [one.name, getattr(one, "dial", None), recall(figures[0]["found"], truth), cpu_ms(figures),
            cpu_ms(figures) / cpu_ms(base), median(walls), percentile(walls, 0.95)]


def cpu_ms(figures):
    return median([median(each["cpu_ms"]) for each in figures])


def goals(report, rows, base, passes, truth):
    limit = 5 if len(rows) <= 100_000 else 30
    for modulus, name in ((None, "no filter"), (MODULUS, "one in ten")):
        figures = passes[base, modulus]
        walls = [wall for each in figures for wall in each["wall_ms"]]
        cpus = [cpu for each in figures for cpu in each["cpu_ms"]]
        report.goal(f"p95 wall, {name}", percentile(walls, 0.95), limit, unit=" ms")
        report.goal(f"p95 CPU, {name}", percentile(cpus, 0.95), limit, unit=" ms")
        report.goal(f"recall@{FOUND}, {name}", recall(figures[0]["found"], truth[modulus]), ENOUGH, is_at_least=True)


if __name__ == "__main__":
    sys.exit(main())
