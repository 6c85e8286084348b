"""Clients that have pictures translated, whatever happens to the servers."""

import base64
import collections
import http.client
import io
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont
from uploads import token

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
WORDS = ["OPEN DOOR", "WET PAINT", "LAST TRAIN", "NIGHT MARKET", "COLD WATER", "GREEN HOUSE", "OLD BRIDGE", "SLOW ROAD"]
FINAL = ("completed", "failed")


def sign(words: str) -> bytes:
    picture = Image.new("RGB", (360, 120), (240, 240, 230))
    ImageDraw.Draw(picture).text((24, 36), words, font=ImageFont.truetype(FONT, 34), fill=(20, 20, 60))
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def fingerprint(image: dict) -> tuple:
    return image["status"], image["revision"], image["completed_at"], image["translated_text"]


SIGNS = [base64.b64encode(sign(words)).decode() for words in WORDS]


@dataclass
class Ledger:
    """What the clients sent, and what they were told."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    tasks: dict[str, str] = field(default_factory=dict)  # idempotency key: task id
    images: dict[str, int] = field(default_factory=dict)  # task id: how many pictures it has
    results: collections.Counter = field(default_factory=collections.Counter)  # (task id, picture): times it was told
    statuses: collections.Counter = field(default_factory=collections.Counter)
    resets: int = 0
    bad: list[str] = field(default_factory=list)
    slowest: float = 0

    def complain(self, sentence: str):
        with self.lock:
            self.bad.append(sentence)

    def acknowledged(self, key: str, task: str, images: int, seconds: float):
        with self.lock:
            if self.tasks.setdefault(key, task) != task:
                self.bad.append(f"two tasks for one Idempotency-Key: {self.tasks[key]} and {task}")
            self.images[task] = images
            self.slowest = max(self.slowest, seconds)


class Client(threading.Thread):
    """Has one task after another translated and follows it by a cursor to its end. Every wish is another one, by its
    glossary, so that no answer is remembered."""

    def __init__(self, number: int, port: int, secret: str, ledger: Ledger, stop: threading.Event):
        super().__init__(daemon=True)
        self.port, self.ledger, self.stop_event = port, ledger, stop
        self.chance = random.Random(number)
        self.headers = {"Authorization": f"Bearer {token(secret, f'client-{number}')}", "Content-Type": "application/json"}

    def run(self):
        while not self.stop_event.is_set():
            task, count = self.begin()
            if task:
                self.follow(task, count)

    def begin(self):
        key, begun = str(uuid.uuid4()), time.monotonic()
        count = self.chance.choice((1, 1, 2, 3))
        signs = self.chance.sample(SIGNS, count)
        body = {
            "target_language": "Spanish", "provider": "model", "context": False, "glossary": {f"wish {key}": "deseo"},
            "images": [{"data": data, "name": f"{place}.png"} for place, data in enumerate(signs)],
        }  # fmt: skip
        while True:
            answer = self.request("POST", "/api/v1/translate", {"Idempotency-Key": key}, body)
            if answer and answer[0] == 200:
                task = answer[2]["task_id"]
                self.ledger.acknowledged(key, task, count, time.monotonic() - begun)
                return task, count
            if answer and answer[0] < 500:
                self.ledger.complain(f"a task was refused: {answer[0]} {answer[2]}")
                return None, 0
            self.wait(answer)

    def follow(self, task: str, count: int):
        """A result is told once: it has a number of its own, and neither changes nor goes afterwards."""
        known: dict[int, tuple] = {}
        since, deadline = 0, time.monotonic() + 600
        while time.monotonic() < deadline:
            answer = self.request("GET", f"/api/v1/translate/result/{task}?since={since}&timeout=20", {})
            if not answer or answer[0] >= 500:
                self.wait(answer)
                continue
            if answer[0] != 200:
                return self.ledger.complain(f"{task}: {answer[0]} {answer[2]}")
            state = answer[2]
            told = {image["index"]: fingerprint(image) for image in state["partial_results"] if image["status"] in FINAL}
            with self.ledger.lock:
                self.ledger.results.update((task, index) for index in told.keys() - known.keys())
            if len(told) != state["seq"] or any(told.get(index) != result for index, result in known.items()):
                self.ledger.complain(f"{task}: {known} became {told}, with the number {state['seq']}")
            for image in state["partial_results"]:
                if image["status"] == "failed":
                    self.ledger.complain(f"{task}: picture {image['index']}: {image['error']}")
            since, known = state["seq"], told
            if state["success"] is not None:
                return None
        return self.ledger.complain(f"{task} had no end within 10 minutes")

    def wait(self, answer):
        # A client with patience: what the server says, but not in step with the others.
        retry = float(answer[1].get("retry-after", 1)) if answer else 0.5
        time.sleep(min(retry, 5) * self.chance.uniform(0.8, 1.2))

    def request(self, method: str, path: str, headers: dict[str, str], body=None):
        """Status, headers and JSON; `None` when the connection broke."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            connection.request(method, path, body=json.dumps(body) if body else None, headers=self.headers | headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            with self.ledger.lock:
                self.ledger.resets += 1
            return None
        finally:
            connection.close()
        names = {name.lower(): value for name, value in response.getheaders()}
        with self.ledger.lock:
            self.ledger.statuses[response.status] += 1
        if response.status >= 500 and not (response.status == 503 and "retry-after" in names):
            self.ledger.complain(f"{method} {path}: {response.status} {answer[:200]!r}")
        try:
            return response.status, names, json.loads(answer)
        except ValueError:
            return response.status, names, {}
