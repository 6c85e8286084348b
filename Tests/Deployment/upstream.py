"""What stands behind a balancer in the tests."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler


class Upstream(BaseHTTPRequestHandler):
    """Answers /507 with 507 and so on, /headers with the headers it got; /stream sends one byte and the next only when
    the test asks for it."""

    protocol_version = "HTTP/1.1"
    go_on = threading.Event()

    def do_GET(self):
        if self.path == "/die":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif self.path == "/stream":
            self.stream()
        elif self.path == "/headers":
            self.answer(200, json.dumps(dict(self.headers)).encode())
        else:
            number = self.path.strip("/")
            self.answer(int(number) if number.isdigit() else 200, b'{"code":"from_upstream"}')

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, b"{}")

    def answer(self, status: int, body: bytes):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for byte in (b"a", b"b"):
            self.wfile.write(b"1\r\n" + byte + b"\r\n")
            self.wfile.flush()
            if byte == b"a":
                self.go_on.wait(60)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass
