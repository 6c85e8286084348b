"""What script/bench images compares. A contender works on one picture after another and knows its own processes."""

import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import subprocess
import sys
import time
import urllib.parse
import uuid

from harness.processes import Program, cpu_seconds, free_port, memory_kib
from harness.report import PRODUCTS, ROOT

BENCHMARKS = pathlib.Path(__file__).resolve().parents[1]
VENV = pathlib.Path(sys.executable).parent
SIDES = {"thumbnail": 150, "medium": 600, "large": 1200, "original": 4096}
TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


class Contender:
    """`work` takes a file through to its four variants and returns their bytes by name, or None when it was not asked
    to keep them."""

    name = ""
    pids = ()
    workers = 1

    def work(self, path, keep=False):
        raise NotImplementedError

    def cpu_seconds(self):
        return sum(cpu_seconds(pid) for pid in self.pids)

    def memory_mib(self):
        return sum(memory_kib(pid) for pid in self.pids) / 1024

    def work_at_once(self, paths):
        with concurrent.futures.ThreadPoolExecutor(len(paths)) as pool:
            list(pool.map(self.work, paths))


class Uploading(Contender):
    """Takes pictures over HTTP, and tells when their work is done."""

    fields = {"bucket": "bench"}

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def upload(self, connection, path):
        boundary = uuid.uuid4().hex
        body = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                        for name, value in self.fields.items())
        body += (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
                 f"Content-Type: {TYPES[path.suffix]}\r\n\r\n").encode()
        body += path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        return self.ask(connection, "POST", "/api/v1/images/upload", body,
                        {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def ask(self, connection, method, target, body=None, headers=None):
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        data = response.read()
        if response.status >= 300:
            raise RuntimeError(f"{self.name}: {method} {target}: {response.status} {data[:300]}")
        return json.loads(data) if response.getheader("Content-Type", "").startswith("application/json") else data

    def work(self, path, keep=False):
        with contextlib.closing(self.connect()) as connection:
            job = self.upload(connection, path)
            self.wait(connection, job)
            return self.variants(connection, job) if keep else None

    def wait(self, connection, job):
        while True:
            state = self.ask(connection, "GET", self.status_target(job))
            if state["status"] == "completed":
                return
            if state["status"] == "failed":
                raise RuntimeError(f"{self.name}: {state}")
            time.sleep(self.pause)


class Pictor(Uploading):
    """The product, one process; the client waits in a long poll."""

    pause = 0
    workers = 2

    def __init__(self, stack, folder, name, large_effort, small_effort):
        self.name = name
        self.port = free_port()
        data = folder / f"pictor-{large_effort}{small_effort}"
        environment = {
            "PICTOR_HOME": str(ROOT), "PICTOR_LOG_FORMAT": "json", "PICTOR_WORKERS_COUNT": "2",
            "PICTOR_IMAGES_MAX_UPLOADS": "1000000", "PICTOR_IMAGES_MAX_UPLOAD_SIZE": "64MiB",
            "PICTOR_IMAGES_WEBP_EFFORT_LARGE": str(large_effort), "PICTOR_IMAGES_WEBP_EFFORT_SMALL": str(small_effort),
        }
        program = Program([PRODUCTS / "pictor", "serve", "--port", self.port, "--data", data], port=self.port,
                          env=environment, cwd=folder, errors=folder / f"{data.name}.log")
        self.pids = [stack.enter_context(program).pid]

    def status_target(self, job):
        return f"/api/v1/images/jobs/{job['job_id']}?wait=30"

    def variants(self, connection, job):
        return {name: self.ask(connection, "GET", f"/api/v1/images/{job['image_id']}/direct?size={name}")
                for name in SIDES}

    def first_variant(self, path):
        """Seconds of wall and CPU time until the thumbnail can be fetched, told by the job's events."""
        start, before = time.monotonic(), self.cpu_seconds()
        with contextlib.closing(self.connect()) as connection:
            job = self.upload(connection, path)
            connection.request("GET", f"/api/v1/images/jobs/{job['job_id']}/events")
            events = connection.getresponse()
            while b'"thumbnail"' not in events.readline():
                pass
            figures = time.monotonic() - start, self.cpu_seconds() - before
        with contextlib.closing(self.connect()) as connection:
            self.wait(connection, job)
        return figures


class PythonStack(Uploading):
    """FastAPI, Celery with four workers, Redis; see peers/stack.py."""

    pause = 0.05
    workers = 4

    def __init__(self, stack, folder, method):
        self.name = f"FastAPI + Celery + Redis + Pillow, effort {method}"
        self.fields = {"bucket": "bench", "method": str(method)}
        self.data = folder / f"stack-{method}"
        self.data.mkdir()
        self.port = free_port()
        redis = stack.enter_context(redis_server(folder))
        environment = {"STACK_DATA": str(self.data), "STACK_REDIS": str(redis.port)}
        programs = [
            Program([VENV / "uvicorn", "peers.stack:app", "--port", self.port, "--log-level", "warning"], port=self.port,
                    cwd=BENCHMARKS, env=environment, errors=folder / "uvicorn.log"),
            Program([VENV / "celery", "-A", "peers.stack:queue", "worker", "--concurrency", "4", "--loglevel", "WARNING"],
                    cwd=BENCHMARKS, env=environment, errors=folder / "celery.log"),
        ]
        self.pids = [redis.pid] + [stack.enter_context(program).pid for program in programs]

    def status_target(self, job):
        return f"/api/v1/images/jobs/{job['job_id']}"

    def variants(self, connection, job):
        folder = self.data / "bench" / "processed"
        return {name: (folder / name / f"{job['job_id']}_{name}.webp").read_bytes() for name in SIDES}


def redis_server(folder, is_durable=False):
    """Without persistence, or with every write synced to the disk before it is answered."""
    port = free_port()
    log = ["--appendonly", "yes", "--appendfsync", "always"] if is_durable else ["--appendonly", "no"]
    return Program(["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", *log, "--dir", folder],
                   port=port)


class Thumbor(Contender):
    """One request per size, pictures from the disk."""

    def __init__(self, stack, folder):
        self.name = "thumbor, 4 requests"
        self.port = free_port()
        configuration = folder / "thumbor.conf"
        configuration.write_text(f"LOADER = 'thumbor.loaders.file_loader'\nFILE_LOADER_ROOT_PATH = '/'\n"
                                 f"RESPECT_ORIENTATION = True\nSTORAGE = 'thumbor.storages.no_storage'\n")
        program = Program([VENV / "thumbor", "-i", "127.0.0.1", "-p", self.port, "-c", configuration], port=self.port,
                          errors=folder / "thumbor.log")
        self.pids = [stack.enter_context(program).pid]

    def work(self, path, keep=False):
        variants = {}
        for name, side in SIDES.items():
            filters = "filters:format(webp):quality(85)"
            target = f"/unsafe/fit-in/{side}x{side}/{filters}/{urllib.parse.quote(str(path)[1:])}"
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
                connection.request("GET", target)
                response = connection.getresponse()
                variants[name] = response.read()
                if response.status != 200 or variants[name][8:12] != b"WEBP":
                    raise RuntimeError(f"thumbor: {target}: {response.status}")
        return variants


class Lines(Contender):
    """A program that reads a path per line and answers with a line."""

    def __init__(self, stack, folder, name, arguments):
        self.name = name
        self.folder = folder
        self.process = subprocess.Popen([str(one) for one in arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        stack.callback(self.stop)
        self.pids = [self.process.pid]

    def work(self, path, keep=False):
        if keep:
            print(f"save {self.folder}", file=self.process.stdin, flush=True)
        print(path, file=self.process.stdin, flush=True)
        if not self.process.stdout.readline():
            raise RuntimeError(f"{self.name} ended on {path}")
        if keep:
            files = {name: self.folder / f"{name}.webp" for name in SIDES}
            # Equal sizes are encoded once, as the largest.
            return {name: (file if file.exists() else files["original"]).read_bytes() for name, file in files.items()}
        return None

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def limit(stack, folder, large_effort, small_effort):
    """The chain in C, compiled here."""
    program = folder / "limit"
    if not program.exists():
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "vips", "libwebp"], capture_output=True, text=True,
                               check=True).stdout.split()
        subprocess.run(["gcc", "-O2", "-o", program, BENCHMARKS / "images" / "limit.c", *flags], check=True)
    kept = folder / f"limit-{large_effort}{small_effort}"
    kept.mkdir()
    return Lines(stack, kept, f"limit: libvips + libwebp in C, effort {large_effort}/{small_effort}",
                 [program, large_effort, small_effort])


def pyvips(stack, folder):
    kept = folder / "pyvips"
    kept.mkdir()
    return Lines(stack, kept, "pyvips chain, effort 4", [sys.executable, BENCHMARKS / "peers" / "pyvips_chain.py"])
