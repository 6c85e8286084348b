"""What one would search vectors with instead, one thread each. A contender that has a dial (`ef`, `nprobe`) is measured
at the lowest setting that finds 98 % of the nearest ten, else at its highest."""

import json
import pathlib
import subprocess
import time

import numpy

from harness.report import PRODUCTS


class Contender:
    """`search` gives the numbers found for one query; `moduli` are the filters it has."""

    dials = (None,)
    has_filter = False

    def build(self, rows):
        raise NotImplementedError

    def set_dial(self, dial):
        self.dial = dial

    def cpu_seconds(self):
        return time.process_time()

    def pass_over(self, queries, count, modulus):
        """One search after another: wall and processor milliseconds of each, and what was found."""
        walls, cpus, found = [], [], []
        for query in queries:
            wall, cpu = time.perf_counter(), self.cpu_seconds()
            numbers = self.search(query, count, modulus)
            walls.append((time.perf_counter() - wall) * 1e3)
            cpus.append((self.cpu_seconds() - cpu) * 1e3)
            found.append(numbers)
        return {"wall_ms": walls, "cpu_ms": cpus, "found": found}

    def close(self):
        pass


class Ours(Contender):
    """`Benchmarks/VectorBench` in a process of its own."""

    has_filter = True

    def __init__(self, name, rows_file, queries_file, exact_rows, dimensions):
        self.name = name
        self.files = rows_file, queries_file
        self.exact_rows = exact_rows
        self.arguments = [str(PRODUCTS / "VectorBench"), str(dimensions), str(exact_rows)]

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def build(self, rows):
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        loaded = self.ask("load", self.files[0])
        built = self.ask("lists") if len(rows) > self.exact_rows else {"row_bytes": loaded["row_bytes"]}
        # The lists are begun while rows still come in: the process's own time has all of it.
        return {"cpu_s": cpu_of(self.process.pid), "bytes": built["row_bytes"]}

    def pass_over(self, queries, count, modulus):
        return self.ask("search", self.files[1], count, modulus or 0)

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


def cpu_of(pid):
    """Processor seconds of all threads of a process, to the nanosecond."""
    total = 0
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int((thread / "schedstat").read_text().split()[0])
    return total / 1e9


class Measured(Contender):
    """A library in this process: its memory is what the process grew by."""

    def build(self, rows):
        memory, cpu = anonymous_bytes(), time.process_time()
        self.make(rows)
        return {"cpu_s": time.process_time() - cpu, "bytes": anonymous_bytes() - memory}


def anonymous_bytes():
    for line in pathlib.Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    return 0


class Faiss(Measured):
    has_filter = True

    def __init__(self, recipe, dials=(None,)):
        self.name, self.recipe, self.dials = f"faiss {recipe}", recipe, dials

    def make(self, rows):
        import faiss

        faiss.omp_set_num_threads(1)
        self.faiss = faiss
        self.index = faiss.index_factory(rows.shape[1], self.recipe, faiss.METRIC_INNER_PRODUCT)
        self.index.train(rows[:: max(1, len(rows) // 150_000)])
        self.index.add(rows)
        self.allowed = numpy.packbits(numpy.arange(len(rows)) % 10 == 3, bitorder="little")
        self.selector = faiss.IDSelectorBitmap(self.allowed)

    def search(self, query, count, modulus):
        options = {"sel": self.selector} if modulus else {}
        if self.dial is None:
            parameters = self.faiss.SearchParameters(**options)
        else:
            parameters = self.faiss.SearchParametersIVF(nprobe=self.dial, **options)
        return self.index.search(query[None], count, params=parameters)[1][0].tolist()


class HNSWLib(Measured):
    name, dials, has_filter = "hnswlib M16 efC100", (64, 128, 256, 512, 1024), True

    def make(self, rows):
        import hnswlib

        self.index = hnswlib.Index("ip", rows.shape[1])
        self.index.init_index(len(rows), M=16, ef_construction=100)
        self.index.add_items(rows, num_threads=1)

    def set_dial(self, dial):
        self.dial = dial
        self.index.set_ef(dial)

    def search(self, query, count, modulus):
        keep = (lambda number: number % 10 == 3) if modulus else None
        return self.index.knn_query(query[None], count, num_threads=1, filter=keep)[0][0].tolist()


class USearch(Measured):
    dials = (64, 128, 256, 512, 1024)

    def __init__(self, kind):
        self.name, self.kind = f"usearch {kind}", kind

    def make(self, rows):
        from usearch.index import Index

        self.index = Index(ndim=rows.shape[1], metric="ip", dtype=self.kind, connectivity=16, expansion_add=128)
        self.index.add(numpy.arange(len(rows)), rows, threads=1)

    def set_dial(self, dial):
        self.dial = dial
        self.index.expansion_search = dial

    def search(self, query, count, modulus):
        return self.index.search(query, count, threads=1).keys.tolist()


class SQLiteVec(Measured):
    """A table in memory; the filter is a column of its own."""

    has_filter = True

    def __init__(self, kind):
        self.name, self.kind = f"sqlite-vec {kind}", kind

    def make(self, rows):
        import sqlite3

        import sqlite_vec

        self.database = sqlite3.connect(":memory:")
        self.database.enable_load_extension(True)
        sqlite_vec.load(self.database)
        column = f"{'int8' if self.kind == 'int8' else 'float'}[{rows.shape[1]}]"
        self.database.execute(f"CREATE VIRTUAL TABLE item USING vec0(number INTEGER PRIMARY KEY, "
                              f"vector {column} distance_metric=cosine, rest INTEGER)")
        insert = f"INSERT INTO item (number, vector, rest) VALUES (?, {self.value()}, ?)"
        self.database.executemany(insert, ((i, self.bytes_of(row), i % 10) for i, row in enumerate(rows)))
        self.database.commit()

    def value(self):
        return "vec_int8(?)" if self.kind == "int8" else "?"

    def bytes_of(self, row):
        if self.kind == "int8":
            return numpy.clip(numpy.rint(row * 127 / 0.25), -127, 127).astype(numpy.int8).tobytes()
        return row.tobytes()

    def search(self, query, count, modulus):
        where = "AND rest = 3" if modulus else ""
        found = self.database.execute(f"SELECT number FROM item WHERE vector MATCH {self.value()} AND k = ? {where}",
                                      (self.bytes_of(query), count))
        return [row[0] for row in found]


class PGVector(Contender):
    """HNSW on PostgreSQL 18; its time is the server process's, without ours."""

    name, dials, has_filter = "pgvector HNSW m16 efC64", (40, 100, 200, 400, 800), True

    def __init__(self, server):
        self.server = server

    def build(self, rows):
        import psycopg

        self.connection = psycopg.connect(self.server.url, autocommit=True)
        self.pid = self.connection.info.backend_pid
        size = rows.shape[1]
        self.run("CREATE EXTENSION IF NOT EXISTS vector")
        self.run("DROP TABLE IF EXISTS item")
        self.run(f"CREATE TABLE item (number INTEGER PRIMARY KEY, rest INTEGER NOT NULL, vector vector({size}) NOT NULL)")
        begin = self.cpu_seconds()
        with self.connection.cursor().copy("COPY item FROM STDIN") as copy:
            for number, row in enumerate(rows):
                copy.write_row((number, number % 10, "[" + ",".join(f"{value:.7g}" for value in row) + "]"))
        self.run("SET maintenance_work_mem = '1GB'")
        self.run("SET max_parallel_maintenance_workers = 0")
        self.run("CREATE INDEX item_vector ON item USING hnsw (vector vector_ip_ops) WITH (m = 16, ef_construction = 64)")
        self.run("ANALYZE item")
        self.run("SET hnsw.iterative_scan = strict_order")
        self.run("SET enable_seqscan = off")
        self.version = self.connection.execute("SELECT 'PostgreSQL ' || current_setting('server_version') || ', pgvector ' "
                                               "|| extversion FROM pg_extension WHERE extname = 'vector'").fetchone()[0]
        size = self.connection.execute("SELECT pg_total_relation_size('item')").fetchone()[0]
        return {"cpu_s": self.cpu_seconds() - begin, "bytes": size}

    def run(self, statement):
        self.connection.execute(statement)

    def cpu_seconds(self):
        return int(pathlib.Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9

    def set_dial(self, dial):
        self.dial = dial
        self.run(f"SET hnsw.ef_search = {dial}")

    def search(self, query, count, modulus):
        where = "WHERE rest = 3" if modulus else ""
        text = "[" + ",".join(f"{value:.7g}" for value in query) + "]"
        rows = self.connection.execute(f"SELECT number FROM item {where} ORDER BY vector <#> %s::vector LIMIT {count}",
                                       (text,)).fetchall()
        return [row[0] for row in rows]

    def close(self):
        self.connection.close()
