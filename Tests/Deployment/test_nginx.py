"""The file for nginx with a real nginx: it is accepted, and does what a proxy in front of Pictor must do."""

import http.client
import json
import os
import ssl
import subprocess
import threading
from http.server import ThreadingHTTPServer

import pytest
from process import Process, accepts_connections, free_port, wait_until
from upstream import Upstream

MAIN = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/pictor.conf;
}}
"""


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old} does not stand once in deploy/nginx/pictor.conf"
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory, tool):
    folder = tmp_path_factory.mktemp("certificate")
    line = [tool("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    line += ["-days", "1", "-subj", "/CN=pictures.example.org", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(line, check=True, capture_output=True, timeout=60)
    return folder


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, tool, deploy, certificate):
    """nginx before one upstream. Of the file only the names of this machine are others: ports, certificate, upstream."""
    folder = tmp_path_factory.mktemp("nginx")
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    plain, secure = free_port(), free_port()
    site = replaced(
        (deploy / "nginx/pictor.conf").read_text(),
        {
            "server 127.0.0.1:8080;": f"server 127.0.0.1:{upstream.server_port};",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen [::]:80;": f"listen 127.0.0.1:{free_port()};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
            "listen [::]:443 ssl http2;": f"listen 127.0.0.1:{free_port()} ssl http2;",
            "/etc/letsencrypt/live/pictures.example.org/fullchain.pem": str(certificate / "cert.pem"),
            "/etc/letsencrypt/live/pictures.example.org/privkey.pem": str(certificate / "key.pem"),
        },
    )
    (folder / "pictor.conf").write_text(site)
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    line = [tool("nginx", "nginx-light"), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    check = subprocess.run([*line, "-t"], capture_output=True, text=True, timeout=60)
    assert check.returncode == 0, check.stderr
    assert "[warn]" not in check.stderr, check.stderr
    nginx = Process("nginx", line, folder)
    nginx.start()
    wait_until("nginx", lambda: accepts_connections(secure))
    yield plain, secure
    nginx.stop()
    upstream.shutdown()


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
    connection.request(method, path, body, {"Host": "pictures.example.org"} | (headers or {}))
    return connection.getresponse()


def test_clients_are_sent_to_tls_with_their_method(proxy):
    connection = http.client.HTTPConnection("127.0.0.1", proxy[0], timeout=60)
    connection.request("POST", "/api/v1/images/upload?a=1", b"", {"Host": "pictures.example.org"})
    answer = connection.getresponse()
    assert answer.status == 308
    assert answer.headers["Location"] == "https://pictures.example.org/api/v1/images/upload?a=1"


def test_what_a_client_claims_about_itself_does_not_count(proxy):
    claims = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
    seen = json.load(ask(proxy[1], "/headers", headers=claims))
    assert seen["Host"] == seen["X-Forwarded-Host"] == "pictures.example.org"
    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]) == ("127.0.0.1", "https")


def test_uploads_pass_that_are_larger_than_nginx_allows_by_itself(proxy):
    assert ask(proxy[1], "/", "POST", bytes(3 << 20)).status == 200


def test_bytes_of_a_stream_go_on_at_once(proxy):
    answer = ask(proxy[1], "/stream")
    assert answer.read(1) == b"a"
    Upstream.go_on.set()
    assert answer.read() == b"b"
