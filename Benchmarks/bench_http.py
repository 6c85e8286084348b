"""The HTTP server beside nginx and FastAPI: CPU per request, parked long polls, streamed uploads."""

import pathlib
import re
import subprocess
import sys
import tempfile

from harness.processes import Program, free_port, memory_kib
from harness.report import PRODUCTS, Report, median, options, run, version
from harness.wrk import Wrk
from parked import measure_parked, raise_file_limit

HERE = pathlib.Path(__file__).resolve().parent
CONNECTIONS = 64
BODY = '{"id":"0192f0c1-7a3b-7c55-9d1e-4b8a0c2f6e71","status":"pending","n":42.5}'
# What a browser sends beside Host.
HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-GB,en;q=0.9",
    "Referer": "http://127.0.0.1/",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0",
}


def main():
    chosen = options("HTTP server beside nginx and FastAPI.", 5,
                     seconds={"type": int, "default": 2, "help": "length of one round, at least 2 (2)"},
                     parked={"type": int, "default": 10_000, "help": "long polls parked at once (10000)"},
                     upload={"type": int, "default": 200, "help": "MB of the streamed upload (200)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        folder = pathlib.Path(folder)
        loops(report, chosen, folder)
        stacks(report, chosen, folder)
        parked(report, chosen)
        upload(report, chosen)
    report.note(f"versions: {run('nginx', '-v')}; {version('fastapi')}; {version('uvicorn')}; "
                f"{version('uvloop')}; {version('httptools')}; wrk {run('dpkg-query', '-W', '-f', '${Version}', 'wrk')}")
    return report.finish()


# Tracks of requests


class Contender:
    def __init__(self, name, program, path):
        self.name, self.program, self.path = name, program, path
        self.microseconds, self.rates, self.p50, self.p99 = [], [], [], []

    def round(self, seconds, keep):
        before = self.program.cpu_seconds()
        options = ["--latency"] + [word for header in HEADERS.items() for word in ("-H", ": ".join(header))]
        load = Wrk(f"http://127.0.0.1:{self.program.port}{self.path}", threads=2, connections=CONNECTIONS, seconds=seconds,
                    options=options).faultless()
        used = self.program.cpu_seconds() - before
        if keep:
            self.microseconds.append(used / load.requests * 1e6)
            self.rates.append(load.rate)
            self.p50.append(load.milliseconds(50))
            self.p99.append(load.milliseconds(99))


def rounds(contenders, chosen):
    """Forward and backward in turn, so that no contender always runs after the same one. The first round is dropped."""
    for number in range(chosen.rounds + 1):
        for contender in contenders if number % 2 == 0 else reversed(contenders):
            contender.round(chosen.seconds, keep=number > 0)


def tell(report, title, contenders, limit):
    base = median(limit.microseconds)
    report.limit(f"{title}: {limit.name}", limit.microseconds)
    report.table(
        title,
        ["server", "CPU µs per request", "x limit", "requests/s", "p50 ms", "p99 ms", "PSS MB"],
        [[one.name, median(one.microseconds), median(one.microseconds) / base, median(one.rates), median(one.p50),
          median(one.p99), memory_kib(one.program.pid) / 1024] for one in contenders],
    )
    return base


def loops(report, chosen, folder):
    """The bare loop: no router, no middleware, 73 bytes of JSON."""
    with http_bench() as ours, nginx(folder, PLAIN) as limit:
        contenders = [Contender("HTTPServer, 1 loop", ours, "/json"), Contender("nginx return 200", limit, "/")]
        rounds(contenders, chosen)
        base = tell(report, "Bare loop", contenders, contenders[1])
        report.goal("bare loop: CPU per GET, x nginx return 200", median(contenders[0].microseconds) / base, 1.2)


def stacks(report, chosen, folder):
    """The full stack: request id, access log, metrics, limits, security headers."""
    with pictor(folder) as ours, nginx(folder, FULL) as limit, fastapi(folder) as peer:
        contenders = [Contender("pictor serve", ours, "/health/live"), Contender("nginx, log + limit_req", limit, "/"),
                      Contender("FastAPI + uvicorn, 1 process", peer, "/health/live")]
        rounds(contenders, chosen)
        tell(report, "Full stack", contenders, contenders[1])
        ratio = median(contenders[2].microseconds) / median(contenders[0].microseconds)
        report.goal("full stack: FastAPI's CPU per GET, x pictor's", ratio, 6, is_at_least=True)


# Long polls and uploads


def parked(report, chosen):
    raise_file_limit()
    with http_bench() as server:
        figures = measure_parked(server, chosen.parked)
    count = figures["connections"]
    report.table(f"{count} parked long polls",
                 ["KB per connection", "late p50 ms", "late p99 ms", "late max ms", "cancelled", "all cancelled after s"],
                 [[figures["kib"], figures["p50_ms"], figures["p99_ms"], figures["max_ms"], figures["cancelled"],
                   figures["cancel_s"]]])
    if count < chosen.parked:
        report.note(f"ulimit -n allowed {count} parked connections instead of {chosen.parked}.")
    report.goal("parked long poll: memory each", figures["kib"], 4, unit=" KB")
    report.goal("parked long poll: woken late, p99", figures["p99_ms"], 50, unit=" ms")
    report.goal("parked long poll: not cancelled after the disconnect", count - figures["cancelled"], 0)
    report.goal("parked long poll: all cancelled after", figures["cancel_s"], 1.5, unit=" s")


def upload(report, chosen):
    """A large body, read piece by piece: the server's memory before and the most during it."""
    with http_bench() as server:
        url = f"http://127.0.0.1:{server.port}/upload"
        curl_upload(url, 1)
        before = peak_rss(server.pid)
        seconds = curl_upload(url, chosen.upload)
        grown = (peak_rss(server.pid) - before) / 1024
    report.table(f"{chosen.upload} MB streamed upload, hashed", ["s", "peak RSS MB before", "grown by MB"],
                 [[seconds, before / 1024, grown]])
    report.goal("streamed upload: growth of peak memory", grown, 2, unit=" MB")


def curl_upload(url, megabytes):
    zeros = subprocess.Popen(["head", "-c", str(megabytes * 1_000_000), "/dev/zero"], stdout=subprocess.PIPE)
    with zeros:
        done = subprocess.run(["curl", "-sf", "-T", "-", "-o", "/dev/null", "-w", "%{time_total}", url],
                              stdin=zeros.stdout, capture_output=True, text=True, check=True)
    return float(done.stdout)


def peak_rss(pid):
    """KiB: VmHWM."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])


# Servers


def http_bench():
    port = free_port()
    return Program([PRODUCTS / "HTTPBench", port], port=port)


def pictor(folder):
    port = free_port()
    return Program([PRODUCTS / "pictor", "serve", "--port", port, "--data", folder / "data", "--no-workers"], port=port,
                   env={"PICTOR_LOG_FORMAT": "json", "PICTOR_HOME": str(HERE.parent)}, errors=folder / "pictor.log")


def fastapi(folder):
    port = free_port()
    return Program([sys.executable, "-m", "uvicorn", "peers.fastapi_full:app", "--port", port, "--no-access-log",
                    "--loop", "uvloop", "--http", "httptools", "--log-level", "warning"],
                   port=port, cwd=HERE, env={"ACCESS_LOG": str(folder / "fastapi.log")})


PLAIN = "access_log off;"
FULL = "access_log {folder}/nginx-access.log; limit_req zone=clients burst=1000000 nodelay;"


def nginx(folder, settings):
    port = free_port()
    configuration = folder / f"nginx-{port}.conf"
    configuration.write_text(f"""
daemon off; worker_processes 2; pid {folder}/nginx-{port}.pid; error_log {folder}/nginx-error.log;
events {{ worker_connections 4096; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000; default_type application/json;
  limit_req_zone $binary_remote_addr zone=clients:1m rate=1000000r/s;
  server {{
    listen 127.0.0.1:{port}; {settings.format(folder=folder)}
    location / {{ return 200 '{BODY}'; }}
  }}
}}
""")
    return Program(["nginx", "-c", configuration, "-e", folder / "nginx-error.log"], port=port)


if __name__ == "__main__":
    sys.exit(main())
