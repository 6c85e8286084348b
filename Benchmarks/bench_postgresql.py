"""The durable queue and point reads on PostgreSQL, beside what one would use instead and beside pgbench."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from bench_jobs import measure_celery
from harness.report import PRODUCTS, Report, median, options, run, version
from images.contenders import BENCHMARKS

sys.path.insert(0, str(BENCHMARKS.parent / "Tests/Cluster"))
from stores import PostgreSQL  # noqa: E402

# Jobs taken in one transaction, and lanes that work at once: each lane waits for the commit that ends its job.
OURS = [(16, 8), (1, 64)]
PEER_LANES = [8, 64]
ACCOUNTS = 100_000
CLIENTS = 16


def main():
    chosen = options("The queue and point reads on PostgreSQL beside procrastinate, Celery and pgbench.", 5,
                     jobs={"type": int, "default": 10_000, "help": "jobs per round of ours (10000)"},
                     peers={"type": int, "default": 1500, "help": "jobs per round of the others (1500)"},
                     reads={"type": int, "default": 200_000, "help": "point reads per round (200000)"},
                     folder={"help": "where the database goes: on a real disk (the system's temporary folder)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-", dir=chosen.folder) as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        server = PostgreSQL(folder)
        try:
            prepare(server)
            measure(report, server, folder, chosen)
        finally:
            server.process.stop()
    return report.finish()


def prepare(server):
    subprocess.run([server.programs / "pgbench", "-i", "-q", "-s", "1", *place(server)], check=True, capture_output=True)
    procrastinate(server, "schema")


def measure(report, server, folder, chosen):
    ours, peers = {form: [] for form in OURS}, {lanes: [] for lanes in PEER_LANES}
    celery, durable, reads, limits = [], [], [], []
    for number in range(chosen.rounds + 1):
        figures = ([measure_ours(server, chosen.jobs, *form) for form in OURS],
                   [measure_procrastinate(server, chosen.peers, lanes) for lanes in PEER_LANES],
                   measure_celery(folder, chosen.peers), measure_celery(folder, chosen.peers, is_durable=True),
                   measure_reads(server, chosen.reads), measure_pgbench(server))
        if number > 0:
            for form, one in zip(ours, figures[0]):
                ours[form].append(one)
            for lanes, one in zip(peers, figures[1]):
                peers[lanes].append(one)
            celery.append(figures[2]["rate"])
            durable.append(figures[3]["rate"])
            reads.append(figures[4])
            limits.append(figures[5])
    tell_jobs(report, ours, peers, celery, durable)
    tell_reads(report, reads, limits)
    mode = server.rows("SHOW synchronous_commit")[0][0]
    report.note(f"synchronous_commit={mode}, fsync={server.rows('SHOW fsync')[0][0]} for ours and procrastinate. Celery: "
                "prefork, 2 processes.")
    report.note(f"versions: {server.rows('SELECT version()')[0][0].split(' on ')[0]}; {version('procrastinate')}; "
                f"{version('celery')}; {run('redis-server', '--version')}")


def measure_ours(server, count, claim, lanes):
    before = os.times()
    done = subprocess.run([PRODUCTS / "JobsBench", server.url, str(count), str(claim), str(lanes)],
                          capture_output=True, text=True, check=True)
    after = os.times()
    figures = json.loads(done.stdout)
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {"rate": count / figures["total_s"], "enqueue_rate": count / figures["enqueue_s"], "cpu_us": used / count * 1e6}


def measure_procrastinate(server, count, lanes):
    before = os.times()
    enqueue_s, total_s = map(float, procrastinate(server, count, lanes).split())
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {"rate": count / total_s, "enqueue_rate": count / enqueue_s, "cpu_us": used / count * 1e6}


def procrastinate(server, *words):
    done = subprocess.run([sys.executable, "-m", "peers.procrastinate_noop", *map(str, words)], cwd=BENCHMARKS,
                          env={**os.environ, "BENCH_POSTGRESQL": server.url}, capture_output=True, text=True, check=True)
    return done.stdout


def measure_reads(server, count):
    done = subprocess.run([PRODUCTS / "LookupBench", server.url, str(CLIENTS), str(count), str(ACCOUNTS)],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["rate"]


def measure_pgbench(server):
    done = subprocess.run([server.programs / "pgbench", "-S", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2",
                           "-T", "4", *place(server)], capture_output=True, text=True, check=True)
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def place(server):
    return ["-h", "127.0.0.1", "-p", str(server.port), "-U", "pictor", "pictor"]


def tell_jobs(report, ours, peers, celery, durable):
    base = max(median([one["rate"] for one in figures]) for figures in peers.values())
    rows = [[f"pictor's queue, claims of {claim}, {lanes} lanes", *row(figures, base)]
            for (claim, lanes), figures in ours.items()]
    rows += [[f"procrastinate, {lanes} lanes", *row(figures, base)] for lanes, figures in peers.items()]
    rows.append(["Celery + Redis, appendfsync always", median(durable), median(durable) / base, None, None])
    rows.append(["Celery + Redis, nothing on the disk", median(celery), median(celery) / base, None, None])
    report.table("Jobs that do nothing on PostgreSQL, from enqueue to done",
                 ["queue", "done per s", "x procrastinate", "enqueued per s", "CPU µs per job"], rows)
    best = max(median([one["rate"] for one in figures]) for figures in ours.values())
    report.goal("enqueue to done, x procrastinate", best / base, 3, is_at_least=True)
    report.goal("enqueue to done, x Celery + Redis, both synced", best / median(durable), 5, is_at_least=True)


def tell_reads(report, reads, limits):
    report.table(f"Point reads by key, {CLIENTS} clients, TCP on loopback",
                 ["client", "reads per s", "x pgbench"],
                 [["pictor's Database.lookup", median(reads), median(reads) / median(limits)],
                  ["pgbench -S -M prepared", median(limits), 1]])
    report.limit("pgbench", limits)
    report.goal("point reads, x pgbench -S", median(reads) / median(limits), 0.7, is_at_least=True)


def row(figures, base):
    rate, enqueued, used = (median([one[name] for one in figures]) for name in ("rate", "enqueue_rate", "cpu_us"))
    return [rate, rate / base, enqueued, used]


if __name__ == "__main__":
    sys.exit(main())
