"""What pictor's middleware does, in FastAPI: request id, JSON access log, Prometheus metrics, rate limit and security
headers. One plain ASGI middleware, which is the fastest form; `BaseHTTPMiddleware` costs more."""

import collections
import json
import os
import time
import uuid

from fastapi import FastAPI
from prometheus_client import Counter, Gauge, Histogram

log = open(os.environ["ACCESS_LOG"], "a", buffering=1 << 16)
requests = Counter("http_requests_total", "Requests answered.", ["method", "route", "status"])
durations = Histogram("http_request_duration_seconds", "From head to answer.", ["method", "route"])
in_progress = Gauge("http_requests_in_progress", "Requests being answered.")
SECURITY = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
]
WINDOW_S, LIMIT = 1, 1_000_000


class Stack:
    def __init__(self, app):
        self.app = app
        self.windows = collections.defaultdict(lambda: [0.0, 0])

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        start = time.perf_counter()
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), None)
        identifier = given or uuid.uuid4().hex.encode()
        status = 500

        async def send_with_headers(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *SECURITY, (b"x-request-id", identifier),
                                      (b"x-trace-id", identifier), (b"x-correlation-id", identifier)]
            await send(message)

        with in_progress.track_inprogress():
            if self.is_allowed(scope["client"][0]):
                await self.app(scope, receive, send_with_headers)
            else:
                await send_with_headers({"type": "http.response.start", "status": 429, "headers": []})
                await send({"type": "http.response.body", "body": b""})
        self.record(scope, status, time.perf_counter() - start, identifier)

    def is_allowed(self, client):
        window = self.windows[client]
        now = time.monotonic()
        if now - window[0] >= WINDOW_S:
            window[0], window[1] = now, 0
        window[1] += 1
        return window[1] <= LIMIT

    def record(self, scope, status, seconds, identifier):
        route = getattr(scope.get("route"), "path", "none")
        requests.labels(scope["method"], route, str(status)).inc()
        durations.labels(scope["method"], route).observe(seconds)
        log.write(json.dumps({"time": time.time(), "level": "info", "message": "request", "method": scope["method"],
                              "path": scope["path"], "status": status, "duration_ms": round(seconds * 1000, 1),
                              "client": scope["client"][0], "request.id": identifier.decode()}) + "\n")


app = FastAPI()
app.add_middleware(Stack)


@app.get("/health/live")
async def live():
    return {"status": "alive"}
