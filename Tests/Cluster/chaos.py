"""Breaks a cluster while clients upload, and proves afterwards that nothing was lost and nothing was done twice.

The faults come one after the other first, then at random. The report is a table for docs/reliability.md.
"""

import argparse
import collections
import datetime
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from cluster import SECRET, Cluster, Pictor
from process import wait_until
from stores import REPOSITORY
from uploads import Client, Ledger

SIZES = 4


class Faults:
    """Each method breaks something, mends it, and leaves the cluster whole."""

    def __init__(self, cluster: Cluster, chance: random.Random):
        self.cluster, self.chance = cluster, chance

    def all(self) -> list:
        return [
            self.kill_a_server, self.kill_a_worker, self.roll_out, self.restart_postgresql, self.crash_postgresql,
            self.restart_redis, self.flush_redis, self.s3_answers_503, self.s3_is_slow, self.s3_resets,
            self.disk_full, self.clock_ahead, self.clock_behind,
        ]  # fmt: skip

    def kill_a_server(self):
        """`kill -9` of a serve process"""
        self._kill(self.chance.choice(self.cluster.serves))

    def kill_a_worker(self):
        """`kill -9` of a worker process"""
        self._kill(self.chance.choice(self.cluster.workers))

    def _kill(self, pictor: Pictor):
        pictor.process.kill()
        pause(1)
        self._start(pictor)

    def roll_out(self):
        """SIGTERM of every process in turn"""
        for pictor in self.cluster.pictors:
            pictor.process.send(signal.SIGTERM)
            code = pictor.process.wait(60)
            if code != 0:
                raise RuntimeError(f"{pictor.name} ended with {code} after SIGTERM:\n{pictor.process.tail()}")
            self._start(pictor)

    def restart_postgresql(self):
        """PostgreSQL restarted"""
        self.cluster.postgresql.process.send(signal.SIGINT)  # its fast mode: clients are cut off
        self.cluster.postgresql.process.wait(30)
        pause(1)
        self.cluster.postgresql.start()

    def crash_postgresql(self):
        """PostgreSQL ended at once, with recovery"""
        self.cluster.postgresql.process.send(signal.SIGQUIT)
        self.cluster.postgresql.process.wait(30)
        self.cluster.postgresql.start()

    def restart_redis(self):
        """Redis killed and started empty"""
        self.cluster.redis.process.kill()
        pause(2)
        self.cluster.redis.start()

    def flush_redis(self):
        """Redis flushed"""
        self.cluster.redis.flush()

    def s3_answers_503(self):
        """S3 answers 503 for 4 s"""
        self._break_s3(4, kind="status", status=503)

    def s3_is_slow(self):
        """S3 takes 2 s for each answer"""
        self._break_s3(5, kind="slow", seconds=2)

    def s3_resets(self):
        """S3 resets half of its connections for 4 s"""
        self._break_s3(4, kind="reset", share=0.5)

    def _break_s3(self, duration: float, **fault):
        self.cluster.s3.break_with(count=-1, **fault)
        pause(duration)
        self.cluster.s3.mend()

    def disk_full(self):
        """The disk of a serve process is full for 4 s"""
        pictor = self.chance.choice(self.cluster.serves)
        folder = pictor.data
        pictor.process.stop()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], check=True)
        try:
            self._start(pictor, wait=False)
            pause(1)
            with (folder / "filler").open("wb") as filler:
                try:
                    filler.write(b"x" * (2 << 20))
                    filler.flush()
                except OSError:
                    pass
            pause(4)
            pictor.process.stop()
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
        self._start(pictor)

    def clock_ahead(self):
        """The clock of one worker is 5 s ahead"""
        self._with_clock("+5s")

    def clock_behind(self):
        """The clock of one worker is 5 s behind"""
        self._with_clock("-5s")

    def _with_clock(self, offset: str):
        pictor = self.chance.choice(self.cluster.workers)
        line, environment = pictor.process.line, pictor.process.environment
        pictor.process.stop()
        # The library changes the environment as it is loaded, after which Swift finds no arguments; `env` takes the
        # change, and the program inherits it.
        pictor.process.line = ["/usr/bin/env", *line]
        pictor.process.environment = environment | {
            "LD_PRELOAD": library("faketime/libfaketime.so.1", "libfaketime"),
            "FAKETIME": offset,
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        try:
            self._start(pictor)
            pause(5)
        finally:
            pictor.process.line, pictor.process.environment = line, environment
        pictor.process.stop()
        self._start(pictor)

    def _start(self, pictor: Pictor, wait: bool = True):
        """Starts a process as a supervisor does: again, when a store was away."""
        for _ in range(20):
            pictor.process.start()
            if not wait:
                return
            try:
                return wait_until(pictor.name, pictor.is_up, 60)
            except RuntimeError:
                pause(1)
        raise RuntimeError(f"{pictor.name} does not start:\n{pictor.process.tail()}")


def pause(seconds: float):
    time.sleep(seconds)


def library(name: str, package: str) -> str:
    found = list(Path("/usr/lib").glob(f"*/{name}"))
    if not found:
        sys.exit(f"{name} is missing; install the package {package}, or run script/setup --test")
    return str(found[0])


def can_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True).returncode != 0:
            return False
        subprocess.run(["umount", "-l", folder], check=True)
        return True


class Proof:
    """What must hold when everything is mended and the work is done."""

    def __init__(self, cluster: Cluster, ledger: Ledger):
        self.cluster, self.ledger, self.problems = cluster, ledger, []

    def wait_for_work(self, seconds: float):
        count = "SELECT COUNT(*) FROM job WHERE state IN ('ready', 'delayed', 'running')"
        try:
            wait_until("the jobs", lambda: self.number(count) == 0, seconds)
        except TimeoutError:
            rows = self.cluster.postgresql.rows("SELECT kind, state, attempt, failure_code FROM job LIMIT 5")
            self.problems.append(f"{self.number(count)} jobs are stuck: {rows}")

    def number(self, statement: str) -> int:
        return int(self.cluster.postgresql.rows(statement)[0][0])

    def expect(self, what: str, found, wanted):
        if found != wanted:
            self.problems.append(f"{what}: {found}, expected {wanted}")

    def check(self):
        rows = self.cluster.postgresql.rows
        acknowledged = set(self.ledger.images.values())
        images = {id: (status, owner) for id, status, owner in rows("SELECT id, status, owner FROM image")}
        self.expect("acknowledged pictures without a row", len(acknowledged - images.keys()), 0)
        self.expect("pictures nobody was told of", len(images.keys() - acknowledged), 0)
        self.expect("pictures by state", dict(collections.Counter(s for s, _ in images.values())), {"completed": len(images)})
        self.expect("two pictures for one Idempotency-Key", self.ledger.contradictions, [])
        for kind in ("upload_initiated", "completed"):
            events = collections.Counter(id for (id,) in rows(f"SELECT image_id FROM image_event WHERE kind = '{kind}'"))
            self.expect(f"pictures without exactly one event '{kind}'", sum(events[id] != 1 for id in images), 0)
        self.expect("dead jobs", self.number("SELECT COUNT(*) FROM job WHERE state = 'dead'"), 0)
        self.objects(rows)
        self.expect("answers of 500 or more that were no 503 with Retry-After", self.ledger.bad, [])

    def objects(self, rows):
        stored = self.cluster.s3.objects()
        wanted = {
            f"images/{bucket}/processed/{name}/{id}_{name}.webp": int(size)
            for id, bucket, name, size in rows(
                "SELECT id, bucket, name, v.size_bytes FROM image JOIN image_variant v ON image_id = id"
            )
        }
        self.expect("variants", len(wanted), SIZES * len(self.ledger.images))
        self.expect("variants without their bytes", sum(stored.get(key) != size for key, size in wanted.items()), 0)
        orphans = sorted(stored.keys() - wanted.keys() - {".check"})  # the probe of health checks
        self.expect("bytes that belong to nothing", orphans[:5], [])


def run(arguments) -> int:
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="pictor-chaos-") as folder:
        Path(folder).chmod(0o755)
        # The sweeper removes what an interrupted upload left after a day; here after a moment, to see it done.
        settings = {"PICTOR_IMAGES_STAGING_AGE": "20s", "PICTOR_JOBS_LEASE": "5s"}
        cluster = Cluster(Path(folder), arguments.serve, arguments.worker, arguments.binary, settings)
        try:
            return observe(cluster, chance, arguments)
        finally:
            if arguments.keep_logs:
                subprocess.run(["sh", "-c", f"cp {folder}/*.log {folder}/*/*.log {arguments.keep_logs}/ 2>/dev/null"])
            cluster.stop()


def observe(cluster: Cluster, chance: random.Random, arguments) -> int:
    ledger, stop = Ledger(), threading.Event()
    clients = [Client(n, cluster.port, SECRET, ledger, arguments.pause, stop) for n in range(arguments.clients)]
    faults = Faults(cluster, chance)
    known = faults.all()
    if not can_mount():
        print("chaos: no file system can be mounted here, so no disk will be full", flush=True)
        known.remove(faults.disk_full)
    happened = collections.Counter()
    begun = time.monotonic()
    for client in clients:
        client.start()
    plan = [fault for fault in known for _ in range(1)][: arguments.faults or None]
    while plan or time.monotonic() - begun < 60 * arguments.minutes:
        fault = plan.pop(0) if plan else chance.choice(known)
        print(f"{time.monotonic() - begun:6.1f} s  {fault.__doc__}", flush=True)
        fault()
        happened[fault.__doc__] += 1
        pause(arguments.rest)
    stop.set()
    for client in clients:
        client.join(120)
    proof = Proof(cluster, ledger)
    proof.expect("clients whose last upload was never acknowledged", sum(client.is_alive() for client in clients), 0)
    proof.wait_for_work(180)
    pause(20)  # the sweeper's age
    worker = cluster.workers[0]
    worker.process.stop()
    worker.start()  # sweeps at its start
    wait_until("the sweeper", lambda: "images swept" in worker.process.tail(200), 60)
    proof.check()
    report(ledger, happened, proof, time.monotonic() - begun, arguments)
    return 1 if proof.problems else 0


def report(ledger: Ledger, happened, proof: Proof, seconds: float, arguments):
    print()
    print(f"Run of {datetime.date.today()}: {arguments.serve} serve, {arguments.worker} worker, {seconds:.0f} s, "
          f"seed {arguments.seed}.")  # fmt: skip
    print("\n| fault | times |\n|---|---|")
    for fault, times in happened.items():
        print(f"| {fault} | {times} |")
    print("\n| seen by the clients | |\n|---|---|")
    print(f"| pictures acknowledged | {len(ledger.images)} |")
    for status, count in sorted(ledger.statuses.items()):
        print(f"| answers {status} | {count} |")
    print(f"| connections reset | {ledger.resets} |")
    print(f"| longest wait for an acknowledgement, retries included | {ledger.slowest:.1f} s |")
    print()
    if proof.problems:
        print("**Broken promises:**\n")
        for problem in proof.problems:
            print(f"- {problem}")
    else:
        print("Every acknowledged picture is complete exactly once: row, events, variants and their bytes. No job is "
              "stuck, no bytes belong to nothing, and no answer of 500 or more was anything but 503 with `Retry-After`.")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(prog="script/chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long at least (10)")
    parser.add_argument("--serve", type=int, default=3, metavar="N", help="processes that serve (3)")
    parser.add_argument("--worker", type=int, default=3, metavar="N", help="processes that work (3)")
    parser.add_argument("--clients", type=int, default=4, metavar="N", help="clients that upload (4)")
    parser.add_argument("--pause", type=float, default=0.5, metavar="S", help="seconds between a client's uploads (0.5)")
    parser.add_argument("--rest", type=float, default=6, metavar="S", help="seconds between two faults (6)")
    parser.add_argument("--faults", type=int, default=0, metavar="N", help="only the first N kinds of the round (all)")
    parser.add_argument("--seed", type=int, default=1, help="for the order of faults (1)")
    parser.add_argument("--keep-logs", type=Path, help="a folder for the logs")
    parser.add_argument("--binary", type=lambda text: Path(text).resolve(), default=REPOSITORY / ".build/release/pictor", help="the program to run")
    sys.exit(run(parser.parse_args()))


if __name__ == "__main__":
    main()
