"""Two serve processes behind a balancer beside one: what they carry, and what a request costs them."""

import json
import pathlib
import random
import sys
import tempfile
import urllib.request
import uuid

from harness.processes import Program, cpu_seconds, free_port
from harness.report import PRODUCTS, Report, median, options, run
from harness.wrk import Wrk
from images.contenders import BENCHMARKS

sys.path.insert(0, str(BENCHMARKS.parent / "Tests/Cluster"))
from process import wait_until  # noqa: E402
from stores import PostgreSQL, Redis  # noqa: E402
from uploads import noise, token  # noqa: E402


SECRET = "a-secret-for-the-benchmark-that-is-long-enough-0123456789"
# Requests a second of each process. One that is asked more often serves more each time it wakes, and one whose neighbour
# core is busy is slower: what two cost is seen beside two that share nothing, at the same rate.
RATE = 2000
FORMS = ["one serve", "two serve that share nothing", "two serve"]
PACED = """
local pause
function init(words) math.randomseed(1); pause = tonumber(words[1]) end
function delay() return math.random(0, 2 * pause) end
"""


def main():
    chosen = options("Two serve processes behind nginx beside one, on PostgreSQL and Redis.", 5,
                     seconds={"type": int, "default": 4, "help": "of load in a round (4)"},
                     connections={"type": int, "default": 64, "help": "connections of the clients (64)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        stores = []
        try:
            for name in ("cluster", "alone"):
                place = folder / name
                place.mkdir(mode=0o755)
                stores.append((PostgreSQL(place), Redis(place)))
            measure(report, folder, stores, chosen)
        finally:
            for postgresql, redis in stores:
                redis.process.stop()
                postgresql.process.stop()
    return report.finish()


def measure(report, folder, stores, chosen):
    # The first two are one cluster: the pictures lie in the same folder, the rows in the same PostgreSQL. The third is alone.
    places = [(stores[0], "data"), (stores[0], "data"), (stores[1], "alone")]
    servers = [serve(folder / data, *store) for store, data in places]
    ports = [server.port for server in servers]
    with servers[0], servers[1], servers[2]:
        shared, alone = upload(ports[0]), upload(ports[2])
        one, two, other = (Nginx(folder, f"balancer-{number}", behind)
                           for number, behind in enumerate((ports[:1], ports[:2], ports[2:])))
        with one.program, two.program, other.program:
            loads = dict(zip(FORMS, ([one.asks(shared)], [one.asks(shared), other.asks(alone)], [two.asks(shared)] * 2)))
            full = {form: [] for form in (FORMS[0], FORMS[2])}
            paced = {form: [] for form in FORMS}
            for number in range(chosen.rounds + 1):
                for figures, rate in ((full, None), (paced, RATE)):
                    for form in figures if number % 2 else reversed(figures):
                        asked = loads[form] if rate else loads[form][:1]
                        measured = load(folder, asked, servers, rate, chosen)
                        if number > 0:
                            figures[form].append(measured)
    tell(report, full, paced)


def serve(data, postgresql, redis):
    port = free_port()
    settings = {"DATABASE_URL": postgresql.url, "REDIS_URL": redis.url, "JWT_SECRET_KEY": SECRET,
                "PICTOR_LOG_LEVEL": "warning", "PICTOR_SERVER_LOOPS": "1", "PICTOR_WORKERS_COUNT": "1"}
    program = Program([PRODUCTS / "pictor", "serve", "--port", port, "--data", data], port, settings)
    program.port = port
    return program


class Nginx:
    def __init__(self, folder, name, ports):
        self.port = free_port()
        upstreams = "".join(f"server 127.0.0.1:{port};" for port in ports)
        config = folder / f"{name}.conf"
        config.write_text(
            f"daemon off; pid {folder}/{name}.pid; error_log stderr; worker_processes 1; events {{ worker_connections 1024; }}"
            f"http {{ access_log off; upstream pictor {{ {upstreams} keepalive 64; keepalive_requests 100000; }}"
            f"server {{ listen 127.0.0.1:{self.port}; keepalive_requests 1000000; location / {{ proxy_pass http://pictor;"
            'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host 127.0.0.1; } } }'
        )
        self.program = Program(["nginx", "-c", config], self.port)

    def asks(self, image):
        return f"http://127.0.0.1:{self.port}/api/v1/images/{image}"


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


def load(folder, addresses, servers, rate, chosen):
    """Each address is asked by a wrk of its own, all at once."""
    options, arguments = [], []
    if rate:
        script = folder / "paced.lua"
        script.write_text(PACED)
        options, arguments = ["-s", script], [round(1000 * chosen.connections / rate)]
    before = [cpu_seconds(server.pid) for server in servers]
    loads = [Wrk(address, threads=1, connections=chosen.connections, seconds=chosen.seconds, options=options,
                  arguments=arguments) for address in addresses]
    done = [load.faultless() for load in loads]
    used = sum(cpu_seconds(server.pid) - first for server, first in zip(servers, before))
    requests = sum(load.requests for load in done)
    return {"rate": sum(load.rate for load in done), "cpu_us": used / requests * 1e6}


def tell(report, full, paced):
    titles = ["processes", "requests per s", "CPU µs per request", "x the first", "x two that share nothing"]
    for title, figures in (("as fast as the clients can", full), (f"{RATE} a second for each process", paced)):
        rates = {form: median([one["rate"] for one in measured]) for form, measured in figures.items()}
        costs = {form: median([one["cpu_us"] for one in measured]) for form, measured in figures.items()}
        report.table(f"GET /api/v1/images/{{image_id}} behind nginx, rows in PostgreSQL, {title}", titles,
                     [[form, rates[form], costs[form], costs[form] / costs[FORMS[0]],
                       costs[form] / costs[FORMS[1]] if FORMS[1] in costs else "–"] for form in figures])
    report.goal("CPU per request of two serve, x two that share nothing", costs[FORMS[2]] / costs[FORMS[1]], 1.05)
    report.note("wrk, nginx, PostgreSQL and the servers share the machine's cores: where they are all taken, two processes "
                "cannot carry more than one, and the cost of a request is what counts.")
    report.note(f"versions: {run('nginx', '-v')}; wrk {run('dpkg-query', '-W', '-f', '${Version}', 'wrk')}")


if __name__ == "__main__":
    sys.exit(main())
