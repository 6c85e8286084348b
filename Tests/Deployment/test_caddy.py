"""The Caddyfiles with a real Caddy: what clients get when a process behind it is away, full or broken."""

import http.client
import re
import subprocess
import threading
from http.server import ThreadingHTTPServer

import pytest
from process import Process, accepts_connections, free_port, wait_until
from upstream import Upstream

SECRET = "a-secret-for-the-balancer-that-is-long-enough"


@pytest.fixture(scope="module")
def balancer(tmp_path_factory, tool, deploy):
    """Caddy before one upstream that works and one where nobody listens."""
    folder = tmp_path_factory.mktemp("caddy")
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    processes = []
    yield start_caddy(tool, deploy, folder, processes, [upstream.server_port, free_port()])
    processes[0].stop()
    upstream.shutdown()


def start_caddy(tool, deploy, folder, processes, upstreams: list[int]) -> int:
    port = free_port()
    config = folder / "Caddyfile"
    config.write_text("{\n\tadmin off\n}\n" + (deploy / "caddy/balancer.Caddyfile").read_text())
    settings = {
        "PICTOR_ADDRESS": f"http://127.0.0.1:{port}",
        "PICTOR_UPSTREAMS": " ".join(f"127.0.0.1:{port}" for port in upstreams),
    }
    caddy = Process("caddy", [tool("caddy", "caddy"), "run", "--config", str(config)], folder, settings)
    caddy.start()
    processes.append(caddy)
    wait_until("Caddy", lambda: accepts_connections(port))
    return port


def start_pictor(binary, folder, processes) -> int:
    port = free_port()
    settings = {"JWT_SECRET_KEY": SECRET, "PICTOR_SERVER_TRUSTED_PROXIES": "127.0.0.1"}
    line = [str(binary), "serve", "--port", str(port), "--data", str(folder / "data")]
    pictor = Process("pictor", line, folder, settings)
    pictor.start()
    processes.append(pictor)
    wait_until("Pictor", lambda: accepts_connections(port))
    return port


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


@pytest.mark.parametrize("path", ["/502", "/504", "/die"])
def test_process_that_is_away_is_503_with_a_time_to_come_again(balancer, path):
    status, headers, body = ask(balancer, path)
    assert (status, headers["Retry-After"]) == (503, "1")
    assert '"code":"unavailable"' in body


def test_process_without_room_is_503_and_keeps_its_reason(balancer):
    status, headers, body = ask(balancer, "/507")
    assert (status, headers["Retry-After"]) == (503, "30")
    assert body == '{"code":"from_upstream"}'


def test_process_that_is_not_ready_gets_no_requests_after_five_seconds(deploy):
    text = (deploy / "caddy/balancer.Caddyfile").read_text()
    interval, timeout = (int(re.search(rf"health_{name} (\d+)s", text)[1]) for name in ("interval", "timeout"))
    assert interval + timeout <= 5


@pytest.mark.parametrize("number", [200, 404, 429, 500, 503])
def test_other_answers_pass_unchanged(balancer, number):
    status, headers, body = ask(balancer, f"/{number}")
    assert (status, headers["Retry-After"], body) == (number, None, '{"code":"from_upstream"}')


@pytest.mark.parametrize("extra", [[], ["-H", "Transfer-Encoding: chunked"]])
def test_upload_over_the_limit_is_413_with_the_reason_of_pictor(tool, deploy, binary, tmp_path, processes, extra):
    port = start_caddy(tool, deploy, tmp_path, processes, [start_pictor(binary, tmp_path, processes)])
    file = tmp_path / "large.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0" + bytes(12 << 20))
    line = [str(binary), "token", "--sub", "tester"]
    token = subprocess.run(line, env={"JWT_SECRET_KEY": SECRET}, capture_output=True, text=True, cwd=tmp_path)
    upload = [tool("curl", "curl"), "-s", "-m", "60", "-w", " %{http_code}", "-F", f"file=@{file}", *extra]
    upload += ["-H", f"Authorization: Bearer {token.stdout.strip()}"]
    answer = subprocess.run(
        [*upload, f"http://127.0.0.1:{port}/api/v1/images/upload"], capture_output=True, text=True, timeout=90
    ).stdout
    assert answer.endswith(" 413"), answer
    assert "large" in answer


def test_bytes_of_a_stream_go_on_at_once(balancer):
    connection = http.client.HTTPConnection("127.0.0.1", balancer, timeout=60)
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    assert answer.read(1) == b"a"
    Upstream.go_on.set()
    assert answer.read() == b"b"


@pytest.mark.parametrize("name", ["Caddyfile", "balancer.Caddyfile"])
def test_caddy_accepts_the_file(tool, deploy, name):
    line = [tool("caddy", "caddy"), "adapt", "--adapter", "caddyfile", "--config", f"caddy/{name}"]
    settings = {"PICTOR_ADDRESS": "pictures.example.org", "PICTOR_UPSTREAMS": "10.0.0.11:8080 10.0.0.12:8080"}
    run = subprocess.run(line, cwd=deploy, env=settings, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "not formatted" not in run.stderr, f"caddy fmt --overwrite deploy/caddy/{name}"
