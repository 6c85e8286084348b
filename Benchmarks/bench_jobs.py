"""Jobs that do nothing, from enqueue to done: the durable queue on SQLite beside Celery on Redis."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import redis

from harness.processes import Program, cpu_seconds
from harness.report import PRODUCTS, Report, median, options, run, version
from images.contenders import BENCHMARKS, VENV, redis_server


# Jobs taken in one transaction, and lanes that work at once: each lane waits for the commit that ends its job.
OURS = [(16, 8), (1, 8), (1, 64)]


def main():
    chosen = options("The durable queue beside Celery on Redis, with jobs that do nothing.", 5,
                     jobs={"type": int, "default": 20_000, "help": "jobs per round of ours (20000)"},
                     celery={"type": int, "default": 1000, "help": "jobs per round of Celery's (1000)"},
                     folder={"help": "where the database goes: on a real disk (the system's temporary folder)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-", dir=chosen.folder) as folder:
        folder = pathlib.Path(folder)
        ours = {form: [] for form in OURS}
        peers = []
        syncs = []
        for number in range(chosen.rounds + 1):
            measured = [measure_ours(folder, chosen.jobs // (1 if claim > 1 else 4), claim, lanes)
                        for claim, lanes in ours]
            measured_peer = measure_celery(folder, chosen.celery)
            sync = syncs_per_second(folder)
            if number > 0:
                for form, figures in zip(ours, measured):
                    ours[form].append(figures)
                peers.append(measured_peer)
                syncs.append(sync)
    tell(report, ours, peers, syncs)
    return report.finish()


def measure_ours(folder, count, claim, lanes):
    """64 producers and the lanes at the same time, every commit synced."""
    with tempfile.TemporaryDirectory(dir=folder) as database:
        before = os.times()
        done = subprocess.run([PRODUCTS / "JobsBench", database, str(count), str(claim), str(lanes)],
                              capture_output=True, text=True, check=True)
        after = os.times()
    figures = json.loads(done.stdout)
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {"rate": count / figures["total_s"], "enqueue_rate": count / figures["enqueue_s"],
            "per_commit": count / figures["commits"], "cpu_us": used / count * 1e6}


def measure_celery(folder, count, is_durable=False):
    """First in two phases, as Celery is measured usually: enqueue with nobody working, then two processes work it off.
    Then both at the same time, as ours.

    Unless `is_durable`, Redis keeps its data in memory only: unlike ours, an acknowledged job is lost when it ends."""
    with tempfile.TemporaryDirectory(dir=folder) as data, redis_server(data, is_durable) as server:
        environment = {"BENCH_REDIS": str(server.port)}
        _, enqueue_s = celery_enqueue(count, environment)
        worker = Program([VENV / "celery", "-A", "peers.celery_noop:queue", "worker", "--pool", "prefork",
                          "--concurrency", "2", "--loglevel", "ERROR"], cwd=BENCHMARKS, env=environment)
        with worker:
            counter = redis.Redis(port=server.port, db=1)
            first, first_cpu, start = wait_until(counter, 1), cpu_seconds(worker.pid), time.time()
            last = wait_until(counter, count + 1)
            seconds, used = time.time() - start, cpu_seconds(worker.pid) - first_cpu
            both_start, _ = celery_enqueue(count, environment)
            wait_until(counter, 2 * (count + 1))
            both_s = time.time() - both_start
    return {"rate": count / both_s, "work_rate": (last - first) / seconds, "enqueue_rate": count / enqueue_s,
            "per_commit": None, "cpu_us": used / (last - first) * 1e6}


def celery_enqueue(count, environment):
    """When it began and how long it took."""
    done = subprocess.run([sys.executable, "-m", "peers.celery_noop", str(count)], cwd=BENCHMARKS, check=True,
                          env={**os.environ, **environment}, capture_output=True, text=True)
    return map(float, done.stdout.split())


def wait_until(counter, count):
    deadline = time.monotonic() + 120
    while True:
        done = int(counter.get("done") or 0)
        if done >= count:
            return done
        if time.monotonic() > deadline:
            raise RuntimeError(f"Celery did {done} of {count} jobs in two minutes")
        time.sleep(0.005)


def syncs_per_second(folder):
    """How often the disk can sync a page that is already there, as SQLite's log asks it to."""
    with open(folder / "sync", "wb") as file:
        file.write(bytes(100 * 4096))
        file.flush()
        os.fsync(file.fileno())
        start = time.perf_counter()
        for page in range(100):
            os.pwrite(file.fileno(), bytes(4096), page * 4096)
            os.fdatasync(file.fileno())
        return 100 / (time.perf_counter() - start)


def tell(report, ours, peers, syncs):
    base, work = (median([figures[name] for figures in peers]) for name in ("rate", "work_rate"))
    rows = [[f"pictor's queue, claims of {claim}, {lanes} lanes", *row(figures, base)]
            for (claim, lanes), figures in ours.items()]
    rows.append(["Celery + Redis, prefork, 2 processes", *row(peers, base)])
    rows.append(["the same, its processing phase alone", work, work / base, None, None, None])
    report.table("Jobs that do nothing, from enqueue to done",
                 ["queue", "done per s", "x Celery", "enqueued per s", "jobs per commit", "CPU µs per job"], rows)
    report.table("Disk", ["syncs of a page per s", "x 64 producers: jobs per s at most"],
                 [[median(syncs), 64 * median(syncs)]])
    report.limit("Celery", [figures["rate"] for figures in peers])
    for (claim, lanes), figures in ours.items():
        rate = median([one["rate"] for one in figures])
        report.goal(f"enqueue to done, claims of {claim}, {lanes} lanes, x Celery", rate / base, 20 if claim > 1 else 5,
                    is_at_least=True)
    report.note("Ours: synchronous=FULL, every acknowledged job is on the disk. Celery: Redis without persistence; "
                "'enqueued per s' with nobody working.")
    report.note(f"versions: {version('celery')}; {version('kombu')}; {run('redis-server', '--version')}")


def row(figures, base):
    def middle(name):
        return None if figures[0][name] is None else median([one[name] for one in figures])

    return [middle("rate"), middle("rate") / base, *map(middle, ("enqueue_rate", "per_commit", "cpu_us"))]


if __name__ == "__main__":
    sys.exit(main())
