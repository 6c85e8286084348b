"""Two serve processes behind a balancer beside one: what they carry, and what a request costs them."""

import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request
import uuid

from harness.processes import Program, cpu_seconds, free_port
from harness.report import PRODUCTS, Report, median, options, run
from images.contenders import BENCHMARKS

sys.path.insert(0, str(BENCHMARKS.parent / "Tests/Cluster"))
from process import wait_until  # noqa: E402
from stores import PostgreSQL, Redis  # noqa: E402
from uploads import noise, token  # noqa: E402

import json  # noqa: E402
import random  # noqa: E402

SECRET = "a-secret-for-the-benchmark-that-is-long-enough-0123456789"
# Name, processes, and clients as multiples of `--connections`: with twice the processes for as many clients each has half
# of them, and batches its reads half as well; with twice the clients each process has what the one had.
FORMS = [("one serve", 1, 1), ("two serve, as many clients", 2, 1), ("two serve, twice the clients", 2, 2)]


def main():
    chosen = options("Two serve processes behind nginx beside one, on PostgreSQL and Redis.", 5,
                     seconds={"type": int, "default": 4, "help": "of load in a round (4)"},
                     connections={"type": int, "default": 64, "help": "connections of the clients of one (64)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        postgresql, redis = PostgreSQL(folder), Redis(folder)
        try:
            measure(report, folder, postgresql, redis, chosen)
        finally:
            redis.process.stop()
            postgresql.process.stop()
    return report.finish()


def measure(report, folder, postgresql, redis, chosen):
    ports = [free_port(), free_port()]
    # The same data directory: the pictures lie in it, the rows in PostgreSQL.
    settings = {"DATABASE_URL": postgresql.url, "REDIS_URL": redis.url, "JWT_SECRET_KEY": SECRET,
                "PICTOR_LOG_LEVEL": "warning", "PICTOR_SERVER_LOOPS": "1", "PICTOR_WORKERS_COUNT": "1"}
    servers = [Program([PRODUCTS / "pictor", "serve", "--port", port, "--data", folder / "data"], port, settings)
               for port in ports]
    with servers[0], servers[1]:
        image = upload(ports[0])
        balancers = [Nginx(folder, f"balancer-{count}", ports[:count]) for count in (1, 2)]
        with balancers[0].program, balancers[1].program:
            figures = {form: [] for form in FORMS}
            for number in range(chosen.rounds + 1):
                for form in FORMS if number % 2 else reversed(FORMS):
                    _, processes, clients = form
                    balancer = balancers[processes - 1]
                    one = load(balancer.port, image, servers, chosen.connections * clients, chosen.seconds)
                    if number > 0:
                        figures[form].append(one)
    tell(report, figures)


class Nginx:
    def __init__(self, folder, name, ports):
        self.port = free_port()
        upstreams = "".join(f"server 127.0.0.1:{port};" for port in ports)
        config = folder / f"{name}.conf"
        config.write_text(
            f"daemon off; pid {folder}/{name}.pid; error_log stderr; worker_processes 1; events {{ worker_connections 1024; }}"
            f"http {{ access_log off; upstream pictor {{ {upstreams} keepalive 256; keepalive_requests 100000; }}"
            f"server {{ listen 127.0.0.1:{self.port}; keepalive_requests 1000000; location / {{ proxy_pass http://pictor;"
            'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host 127.0.0.1; } } }'
        )
        self.program = Program(["nginx", "-c", config], self.port)


def upload(port):
    """A picture whose job is done."""
    boundary = uuid.uuid4().hex
    body = (f'--{boundary}\r\nContent-Disposition: form-data; name="bucket"\r\n\r\nbench\r\n--{boundary}\r\n'
            'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n').encode()
    body += noise(random.Random(1)) + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Authorization": f"Bearer {token(SECRET, 'bench')}",
               "Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/images/upload", body, headers)
    accepted = json.load(urllib.request.urlopen(request))
    job = f"http://127.0.0.1:{port}/api/v1/images/jobs/{accepted['job_id']}"
    wait_until("the picture", lambda: json.load(urllib.request.urlopen(job))["status"] == "completed")
    return accepted["image_id"]


def load(port, image, servers, connections, seconds):
    before = [cpu_seconds(server.pid) for server in servers]
    done = subprocess.run(["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s",
                           f"http://127.0.0.1:{port}/api/v1/images/{image}"], capture_output=True, text=True, check=True)
    used = sum(cpu_seconds(server.pid) - first for server, first in zip(servers, before))
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    if "Non-2xx" in done.stdout:
        raise RuntimeError(done.stdout)
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1]), "cpu_us": used / requests * 1e6}


def tell(report, figures):
    def middle(form, name):
        return median([one[name] for one in figures[form]])

    base = FORMS[0]
    rows = [[form[0], middle(form, "rate"), middle(form, "rate") / middle(base, "rate"), middle(form, "cpu_us"),
             middle(form, "cpu_us") / middle(base, "cpu_us")] for form in FORMS]
    report.table("GET /api/v1/images/{image_id} behind nginx, rows in PostgreSQL",
                 ["processes", "requests per s", "x one", "CPU µs per request", "x one"], rows)
    for row in rows[1:]:
        report.goal(f"CPU per request of {row[0]}, x one", row[4], 1.05, is_at_least=False)
    report.note("wrk, nginx, PostgreSQL and the servers share the machine's cores: where they are all taken, two processes "
                "cannot carry more than one, and the cost of a request is what counts.")
    report.note(f"versions: {run('nginx', '-v')}; wrk {run('dpkg-query', '-W', '-f', '${Version}', 'wrk')}")


if __name__ == "__main__":
    sys.exit(main())
