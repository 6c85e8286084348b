"""Clients that upload pictures until each is acknowledged, whatever happens to the servers."""

import base64
import collections
import hashlib
import hmac
import http.client
import json
import random
import struct
import threading
import time
import uuid
import zlib
from dataclasses import dataclass, field


def token(secret: str, subject: str) -> str:
    def part(value: dict) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    head = part({"alg": "HS256", "typ": "JWT"}) + b"." + part({"sub": subject, "exp": int(time.time()) + 86_400})
    code = hmac.new(secret.encode(), head, hashlib.sha256).digest()
    return (head + b"." + base64.urlsafe_b64encode(code).rstrip(b"=")).decode()


def noise(chance: random.Random, width: int = 200, height: int = 150) -> bytes:
    """A PNG that no other picture equals."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + chance.randbytes(3 * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 1))
        + chunk(b"IEND", b"")
    )


def sent(key: str) -> bytes:
    """The picture that goes with an `Idempotency-Key`: it need not be kept to be known again."""
    return noise(random.Random(key))


@dataclass(frozen=True)
class Accepted:
    """What a client was told of its upload."""

    image: str
    job: str


@dataclass
class Ledger:
    """What the clients sent, and what they were answered."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    accepted: dict[str, Accepted] = field(default_factory=dict)  # by idempotency key
    statuses: collections.Counter = field(default_factory=collections.Counter)
    early: int = 0  # reads of pictures in work, which are 404
    resets: int = 0
    bad: list[str] = field(default_factory=list)
    slowest: float = 0

    def answered(self, what: str, status: int, headers: dict[str, str], body: bytes):
        with self.lock:
            self.statuses[status] += 1
            if status >= 500 and not (status == 503 and "retry-after" in headers):
                self.bad.append(f"{what}: {status} {body[:200]!r}")

    def complain(self, sentence: str):
        with self.lock:
            self.bad.append(sentence)

    def acknowledged(self, key: str, accepted: Accepted, seconds: float):
        with self.lock:
            known = self.accepted.setdefault(key, accepted)
            if known != accepted:
                self.bad.append(f"two pictures for one Idempotency-Key: {known} and {accepted}")
            self.slowest = max(self.slowest, seconds)

    def choose(self, chance: random.Random) -> Accepted | None:
        """One that was acknowledged: of the last few, which may be in work, as often as of all."""
        with self.lock:
            all_of_them = list(self.accepted.values())
        return chance.choice(all_of_them[-4:] if chance.random() < 0.5 else all_of_them) if all_of_them else None


class Client(threading.Thread):
    """Uploads one picture after another, `pause` seconds apart, and now and then reads one. Every upload that was begun
    is repeated with its `Idempotency-Key` until it is acknowledged."""

    def __init__(self, number: int, port: int, secret: str, ledger: Ledger, pause: float, stop: threading.Event):
        super().__init__(daemon=True)
        self.port, self.ledger, self.pause, self.stop_event = port, ledger, pause, stop
        self.chance = random.Random(number)
        self.headers = {"Authorization": f"Bearer {token(secret, f'client-{number}')}"}

    def run(self):
        while not self.stop_event.is_set():
            self.upload()
            if self.chance.random() < 0.3:
                self.read()
            self.stop_event.wait(self.pause)

    def upload(self):
        key, begun = str(uuid.uuid4()), time.monotonic()
        while True:
            answer = self.send(key)
            if answer and answer[0] in (200, 202):
                accepted = Accepted(answer[2]["image_id"], answer[2]["job_id"])
                return self.ledger.acknowledged(key, accepted, time.monotonic() - begun)
            if answer and answer[0] < 500:
                return self.ledger.complain(f"upload refused: {answer[0]} {answer[2]}")
            # A client with patience: what the server says, but not in step with the others.
            retry = float(answer[1].get("retry-after", 1)) if answer else 0.5
            time.sleep(min(retry, 5) * self.chance.uniform(0.8, 1.2))

    def send(self, key: str):
        """One try: status, headers and JSON; `None` when the connection broke."""
        return self.request("POST", "/api/v1/images/upload", {"Idempotency-Key": key}, sent(key))

    def read(self):
        """Whatever process answers: what was acknowledged is known, and what was told to be complete can be read."""
        accepted = self.ledger.choose(self.chance)
        if not accepted:
            return
        told = self.request("GET", f"/api/v1/images/jobs/{accepted.job}", {})
        if not told or told[0] == 503:
            return
        if told[0] != 200:
            return self.ledger.complain(f"the job of an acknowledged picture: {told[0]} {told[2]}")
        state = told[2]["status"]
        answer = self.request("GET", f"/api/v1/images/{accepted.image}", {})
        if answer and answer[0] == 404 and state != "completed":
            with self.ledger.lock:
                self.ledger.early += 1
        elif answer and answer[0] not in (200, 503):
            self.ledger.complain(f"a picture that was told to be {state}: {answer[0]} {answer[2]}")

    def request(self, method: str, path: str, headers: dict[str, str], picture: bytes | None = None):
        """Status, headers and JSON; `None` when the connection broke."""
        body, headers = None, self.headers | headers
        if picture:
            boundary = uuid.uuid4().hex
            headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
            form = f'--{boundary}\r\nContent-Disposition: form-data; name="bucket"\r\n\r\nchaos\r\n'
            form += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
            body = form.encode() + b"Content-Type: image/png\r\n\r\n" + picture + f"\r\n--{boundary}--\r\n".encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            with self.ledger.lock:
                self.ledger.resets += 1
            return None
        finally:
            connection.close()
        names = {name.lower(): value for name, value in response.getheaders()}
        self.ledger.answered(f"{method} {path}", response.status, names, answer)
        try:
            return response.status, names, json.loads(answer)
        except ValueError:
            return response.status, names, {}
