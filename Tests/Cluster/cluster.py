"""Pictor as several processes on one machine: PostgreSQL, Redis, S3, a balancer, `serve` and `worker` processes.

It is the topology of deploy/compose.yaml without containers, for trying out and for tests.
"""

import argparse
import signal
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

from process import Process, accepts_connections, free_port, wait_until
from s3 import S3
from stores import REPOSITORY, PostgreSQL, Redis, require

SECRET = "a-secret-for-the-cluster-that-is-long-enough-0123456789"


class Pictor:
    """One `serve` or `worker`. A `serve` leaves the work to others unless it `works`."""

    def __init__(
        self, kind: str, number: int, binary: Path, folder: Path, environment: dict[str, str], works: bool = False,
    ):
        self.kind = kind
        self.name = f"{kind}-{number}"
        self.port = free_port()
        self.data = folder / f"{self.name}-data"
        self.data.mkdir()
        self.lock = threading.Lock()  # held by whoever ends and starts it
        line = [str(binary), kind, "--data", str(self.data)]
        if kind == "serve":
            line += ["--port", str(self.port)] if works else ["--no-workers", "--port", str(self.port)]
        else:
            environment = environment | {"PICTOR_WORKERS_PORT": str(self.port)}
        self.process = Process(self.name, line, folder, environment)

    def start(self, wait: bool = True):
        self.process.start()
        if wait:
            wait_until(self.name, self.is_up)

    def is_up(self) -> bool:
        if not self.process.is_running:
            raise RuntimeError(f"{self.name} ended:\n{self.process.tail()}")
        if self.kind == "worker":
            return "working" in self.process.output
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=2) as answer:
            return answer.status == 200


class Cluster:
    """Starts everything in its constructor; `stop` ends it in the opposite order. Without workers the `serve` processes
    work."""

    def __init__(self, folder: Path, serves: int, workers: int, binary: Path, settings: dict[str, str] | None = None):
        self.folder = folder
        self.postgresql = PostgreSQL(folder)
        self.redis = Redis(folder)
        self.s3 = S3(folder)
        self.environment = {
            "DATABASE_URL": self.postgresql.url,
            "REDIS_URL": self.redis.url,
            "STORAGE_BACKEND": "s3",
            "AWS_ENDPOINT_URL": self.s3.url,
            "AWS_S3_BUCKET_NAME": self.s3.bucket,
            "AWS_ACCESS_KEY_ID": self.s3.access_key,
            "AWS_SECRET_ACCESS_KEY": self.s3.secret_key,
            "AWS_REGION": self.s3.region,
            "JWT_SECRET_KEY": SECRET,
            "RATE_LIMIT_MAX_UPLOADS": "1000000",
            "PICTOR_SERVER_TRUSTED_PROXIES": "127.0.0.1",
            "PICTOR_LOG_FORMAT": "json",
        } | (settings or {})
        works = workers == 0
        self.serves = [Pictor("serve", n, binary, folder, self.environment, works) for n in range(1, serves + 1)]
        self.workers = [Pictor("worker", n, binary, folder, self.environment) for n in range(1, workers + 1)]
        for pictor in self.pictors:
            pictor.start()
        self.balancer, self.port = self._balancer()
        self.url = f"http://127.0.0.1:{self.port}"
        wait_until("the balancer", lambda: accepts_connections(self.port))

    @property
    def pictors(self) -> list[Pictor]:
        return self.serves + self.workers

    def _balancer(self) -> tuple[Process, int]:
        port = free_port()
        template = (REPOSITORY / "deploy/caddy/balancer.Caddyfile").read_text()
        upstreams = " ".join(f"127.0.0.1:{pictor.port}" for pictor in self.serves)
        site = f"{{\n\tadmin off\n}}\n{template}"
        config = self.folder / "Caddyfile"
        config.write_text(site)
        settings = {"PICTOR_ADDRESS": f"http://127.0.0.1:{port}", "PICTOR_UPSTREAMS": upstreams}
        caddy = Process(
            "caddy", [require("caddy", "caddy"), "run", "--config", str(config)], self.folder, settings,
        )
        caddy.start()
        return caddy, port

    def stop(self):
        self.balancer.stop()
        for pictor in reversed(self.pictors):
            pictor.process.stop()
        for process in (self.s3.process, self.redis.process, self.postgresql.process):
            process.stop()


def main():
    parser = argparse.ArgumentParser(prog="script/cluster", description=__doc__)
    parser.add_argument("--serve", type=int, default=2, metavar="N", help="processes that serve (2)")
    parser.add_argument("--worker", type=int, default=2, metavar="N", help="processes that work (2)")
    parser.add_argument("--binary", type=lambda text: Path(text).resolve(), default=REPOSITORY / ".build/release/pictor", help="the program to run")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="pictor-cluster-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as another user
        cluster = Cluster(Path(folder), arguments.serve, arguments.worker, arguments.binary)
        try:
            print(f"listening on {cluster.url}")
            print(f"logs in {folder}; tokens: JWT_SECRET_KEY={SECRET} pictor token --sub you")
            print("Ctrl-C ends everything and removes its data.", flush=True)
            signal.pause()
        except (KeyboardInterrupt, SystemExit):
            print("ending", flush=True)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
