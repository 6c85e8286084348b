"""What is broken while clients upload, with what shows that it was."""

import collections
import contextlib
import email.utils
import http.client
import json
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

from cluster import SECRET, Cluster, Pictor
from killer import kill, start, taken
from process import wait_until
from uploads import Accepted, Client, Ledger


class Faults:
    """Each method breaks something, mends it, and leaves the cluster whole. `seen` counts what shows that a fault had
    its effect, `silences` the seconds until a process told that a part was away, and until it was ready again; `hold` is
    how many seconds a fault lasts."""

    def __init__(self, cluster: Cluster, ledger: Ledger, chance: random.Random, hold: float):
        self.cluster, self.ledger, self.chance, self.hold = cluster, ledger, chance, hold
        self.seen = collections.Counter()
        self.silences: dict[str, list[tuple[float, float]]] = {}
        self.way = way_to_mount()
        self.faketime = library("faketime/libfaketime.so.1", "libfaketime")

    def all(self) -> list:
        return [
            self.kill_a_server, self.kill_a_worker, self.roll_out,
            self.restart_postgresql, self.crash_postgresql, self.freeze_postgresql,
            self.restart_redis, self.flush_redis, self.freeze_redis,
            self.s3_answers_503, self.s3_is_slow, self.s3_resets, self.freeze_s3,
            self.fill_the_disk, self.nearly_fill_the_disk,
            self.server_ahead, self.server_behind, self.worker_ahead, self.worker_behind,
        ]  # fmt: skip

    # Processes

    def kill_a_server(self):
        """`kill -9` of a serve process"""
        with self.taken(self.cluster.serves) as pictor:
            kill(pictor)

    def kill_a_worker(self):
        """`kill -9` of a worker process"""
        with self.taken(self.cluster.workers) as pictor:
            kill(pictor)

    def taken(self, pictors: list[Pictor]):
        return taken(pictors, self.chance)

    def roll_out(self):
        """SIGTERM of every process in turn"""
        for pictor in self.cluster.pictors:
            with pictor.lock:
                self._stop(pictor)
                start(pictor)

    def _stop(self, pictor: Pictor):
        pictor.process.send(signal.SIGTERM)
        code = pictor.process.wait(60)
        if code != 0:
            raise RuntimeError(f"{pictor.name} ended with {code} after SIGTERM:\n{pictor.process.tail()}")

    @contextlib.contextmanager
    def _otherwise(self, pictor: Pictor, line: list[str], environment: dict[str, str]):
        """Lets the process run with another line and more settings for a while."""
        process, usual = pictor.process, (pictor.process.line, pictor.process.environment)
        self._stop(pictor)
        process.line, process.environment = line, process.environment | environment
        try:
            start(pictor)
            yield
            self._stop(pictor)
        finally:
            process.line, process.environment = usual
            if process.is_running:  # something went wrong
                process.kill()
            start(pictor)

    # Stores

    def restart_postgresql(self):
        """PostgreSQL restarted"""
        process = self.cluster.postgresql.process

        def stop():
            process.send(signal.SIGINT)  # its fast mode: clients are cut off
            process.wait(30)

        self._silence("PostgreSQL ended", "database", stop, self.cluster.postgresql.start)

    def crash_postgresql(self):
        """PostgreSQL ended at once, with recovery"""
        self.cluster.postgresql.process.send(signal.SIGQUIT)
        self.cluster.postgresql.process.wait(30)
        self.cluster.postgresql.start()

    def freeze_postgresql(self):
        """PostgreSQL stands still (SIGSTOP)"""
        process = self.cluster.postgresql.process
        self._silence("PostgreSQL silent", "database", process.freeze, process.go_on)

    def restart_redis(self):
        """Redis killed and started empty"""
        redis = self.cluster.redis
        self._silence("Redis killed", "redis", redis.process.kill, redis.start)

    def flush_redis(self):
        """Redis flushed"""
        self.cluster.redis.flush()

    def freeze_redis(self):
        """Redis stands still (SIGSTOP)"""
        process = self.cluster.redis.process
        self._silence("Redis silent", "redis", process.freeze, process.go_on)

    def s3_answers_503(self):
        """S3 answers 503"""
        fault = {"kind": "status", "status": 503, "count": -1}
        s3 = self.cluster.s3
        self._silence("S3 answers 503", "storage", lambda: s3.break_with(**fault), s3.mend)

    def s3_is_slow(self):
        """S3 takes 2 s for each answer"""
        self._break_s3(kind="slow", seconds=2)

    def s3_resets(self):
        """S3 resets half of its connections"""
        self._break_s3(kind="reset", share=0.5)

    def freeze_s3(self):
        """S3 stands still (SIGSTOP)"""
        process = self.cluster.s3.process
        self._silence("S3 silent", "storage", process.freeze, process.go_on)

    def _break_s3(self, **fault):
        self.cluster.s3.break_with(count=-1, **fault)
        pause(self.hold)
        self.cluster.s3.mend()

    def _silence(self, name: str, part: str, begin, end):
        """Takes a part away until a process says so, and a little more; then it must be well again. Redis is no reason to be
        unready: `/health` tells."""
        with self.taken(self.cluster.serves) as pictor:
            path = "/health" if part == "redis" else "/health/ready"
            seconds_until(f"{pictor.name} is well", lambda: is_well(pictor, path, part))
            try:
                begin()
                away = seconds_until(f"{pictor.name} tells of {part}", lambda: not is_well(pictor, path, part))
                pause(self.hold / 2)
                if part == "redis" and ask(pictor, "/health/ready")[0] != 200:
                    raise RuntimeError(f"{pictor.name} is not ready without Redis")
            finally:
                end()
            back = seconds_until(f"{pictor.name} is well again", lambda: is_well(pictor, path, part))
        self.silences.setdefault(name, []).append((away, back))

    # Disks

    def fill_the_disk(self):
        """The disk of a serve process is full while bodies are written to it"""
        with self.taken(self.cluster.serves) as pictor, self._small_disk(pictor, {"PICTOR_DATA_MINIMUM_FREE": "0"}):
            self._expect(pictor, 202)
            # Only the process sees its disk; the way there is through the kernel.
            filler = Path(f"/proc/{pictor.process.child.pid}/root{pictor.data}/filler")
            fill(filler)
            self._expect(pictor, 507, "insufficient_storage")
            pause(self.hold)
            filler.unlink()
            self._expect(pictor, 202)
            self._count("bodies that could not be written (ENOSPC), answered 507", pictor)

    def nearly_fill_the_disk(self):
        """The disk of a serve process has less room than `data.minimum_free`"""
        with self.taken(self.cluster.serves) as pictor, self._small_disk(pictor, {}):
            self._expect(pictor, 507, "disk_low")
            pause(self.hold)
            self._count("uploads refused with 507 before their body was read", pictor)

    def _small_disk(self, pictor: Pictor, settings: dict[str, str]):
        mount = f'mount -t tmpfs -o size=4m none {pictor.data} && exec "$@"'
        line = ["/usr/bin/unshare", *self.way, "/bin/sh", "-c", mount, "sh", *pictor.process.line]
        return self._otherwise(pictor, line, settings)

    def _expect(self, pictor: Pictor, status: int, code: str | None = None):
        """Sends a picture to this process and to no other."""
        key, visitor = str(uuid.uuid4()), Client(0, pictor.port, SECRET, Ledger(), 0, threading.Event())
        begun = time.monotonic()
        while not (answer := visitor.send(key)) or answer[0] == 503:  # a store is away for another reason
            if time.monotonic() > begun + 60:
                raise RuntimeError(f"{pictor.name} answers nothing but {answer} for a minute")
            pause(0.5)
        if answer[0] == 202:
            accepted = Accepted(answer[2]["image_id"], answer[2]["job_id"])
            self.ledger.acknowledged(key, accepted, time.monotonic() - begun)
        if (answer[0], answer[2].get("code")) != (status, code):
            raise RuntimeError(f"{pictor.name} answers {answer}, expected {status} {code or ''}")

    def _count(self, what: str, pictor: Pictor):
        self.seen[what] += pictor.process.output.count('"status":"507"')

    # Clocks

    def server_ahead(self):
        """The clock of one serve process is 5 s ahead"""
        self._with_clock(self.cluster.serves, +5)

    def server_behind(self):
        """The clock of one serve process is 5 s behind"""
        self._with_clock(self.cluster.serves, -5)

    def worker_ahead(self):
        """The clock of one worker is 5 s ahead"""
        self._with_clock(self.cluster.workers, +5)

    def worker_behind(self):
        """The clock of one worker is 5 s behind"""
        self._with_clock(self.cluster.workers, -5)

    def _with_clock(self, pictors: list[Pictor], offset: int):
        settings = {"LD_PRELOAD": self.faketime, "FAKETIME": f"{offset:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        with self.taken(pictors) as pictor:
            # The library changes the environment as it is loaded, after which Swift finds no arguments; `env` takes the
            # change, and the program inherits it.
            with self._otherwise(pictor, ["/usr/bin/env", *pictor.process.line], settings):
                shift = clock(pictor) - time.time()
                if abs(shift - offset) > 2:
                    raise RuntimeError(f"the clock of {pictor.name} goes {shift:+.1f} s wrong, not {offset:+d} s")
                self.seen[f"clocks that were {offset:+d} s wrong by the `Date` of their answers"] += 1
                pause(self.hold)


def pause(seconds: float):
    time.sleep(seconds)


def seconds_until(what: str, is_true) -> float:
    begun = time.monotonic()
    wait_until(what, is_true, 60)
    return time.monotonic() - begun


def ask(pictor: Pictor, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", pictor.port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def is_well(pictor: Pictor, path: str, part: str) -> bool:
    status, _, body = ask(pictor, path)
    return status == 200 and json.loads(body)["checks"][part] == "ok"


def clock(pictor: Pictor) -> float:
    _, headers, _ = ask(pictor, "/health")
    return email.utils.parsedate_to_datetime(headers["Date"]).timestamp()


def fill(path: Path):
    with path.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass


def library(name: str, package: str) -> str:
    found = list(Path("/usr/lib").glob(f"*/{name}"))
    if not found:
        sys.exit(f"{name} is missing; install the package {package}, or run script/setup --test")
    return str(found[0])


def way_to_mount() -> list[str]:
    """Options of unshare(1) with which a process may mount what nobody else sees."""
    for way in (["-Urm"], ["-m"], ["-m", "--propagation", "unchanged"]):
        line = ["/usr/bin/unshare", *way, "/bin/sh", "-c", "mount -t tmpfs none /mnt"]
        if subprocess.run(line, capture_output=True).returncode == 0:
            return way
    sys.exit("No file system can be mounted here, so no disk can be full: it needs unshare and mount (packages util-linux "
             "and mount) and either user namespaces or root.")  # fmt: skip
