"""Clients that wait for translations, each with a long poll of its own: what they cost, and how soon they are told."""

import base64
import concurrent.futures
import http.client
import json
import pathlib
import random
import re
import resource
import select
import socket
import sqlite3
import struct
import sys
import tempfile
import time
import urllib.request
import zlib

from harness.processes import Program, cpu_seconds, free_port, memory_kib
from harness.report import PRODUCTS, ROOT, Report, options, percentile
from parked import raise_file_limit

sys.path.insert(0, str(ROOT / "Tests/Cluster"))
from translations import WORDS, sign  # noqa: E402

# One reads, so that most tasks stay unfinished, and a core is left for answers.
SETTINGS = {"PICTOR_LOG_LEVEL": "warning", "PICTOR_TRANSLATION_LANGUAGES": "eng", "PICTOR_TRANSLATION_POLL_RATE_LIMIT": "0",
            "PICTOR_TRANSLATION_RATE_LIMIT": "0", "PICTOR_WORKERS_COUNT": "1"}


def main():
    chosen = options("Long polls for results of translations that are parked at once.", 1,
                     parked={"type": int, "default": 10_000, "help": "tasks that are waited for (10000)"},
                     woken={"type": int, "default": 200, "help": "results that are waited for (200)"})
    report = Report(chosen)
    raise_file_limit()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] * 9 // 10 - 600  # what the server keeps for files is more
    count, port = min(chosen.parked, most), free_port()
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        with serve(folder, port, "--no-workers") as server:
            tasks = create(port, count)
            idle = park(server, tasks, count)
            idle["polls"].close()
        with serve(folder, port) as server:
            # The newest are waited for twice, because the oldest are finished before they are waited for.
            busy = park(server, tasks[::-1] + tasks[-count // 8 :], count)
            figures = wake(server, pathlib.Path(folder), busy["polls"], chosen.woken)
    tell(report, {"nobody works": idle, "pictures are read": busy}, figures)
    return report.finish()


def serve(folder, port, *more):
    return Program([PRODUCTS / "pictor", "serve", *more, "--port", port, "--data", folder], port, SETTINGS)


def park(server, tasks, count):
    before = memory(server)
    polls = Polls(server.port, tasks)
    polls.until_parked(count)
    return {"polls": polls, "waiting": len(polls.waiting), "before": before, "parked": memory(server)}


def wake(server, folder, polls, wanted):
    used, started = cpu_seconds(server.pid), time.time()
    told = polls.told(wanted)
    seconds, used = time.time() - started, cpu_seconds(server.pid) - used
    polls.close()
    with sqlite3.connect(f"file:{folder / 'pictor.db'}?mode=ro", uri=True) as database:
        ended = dict(database.execute("SELECT task_id, completed_at FROM translation_image WHERE completed_at IS NOT NULL"))
    late = [1000 * moment - ended[task] for task, moment in told]
    return {"late": late, "per_second": len(late) / seconds, "cpu": used / seconds, "again": polls.again}


def memory(server):
    return {name: memory_kib(server.pid, name) / 1024 for name in ("Pss", "Rss")}


def create(port, count):
    """Tasks of one picture each, no two alike, in the order in which they are worked off."""
    signs = [sign(words) for words in WORDS]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return [task for tasks in pool.map(lambda part: create_some(port, signs, part), split(count, 100)) for task in tasks]


def split(count, size):
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def create_some(port, signs, numbers):
    connection, tasks = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    for number in numbers:
        data = base64.b64encode(marked(signs[number % len(signs)], number)).decode()
        body = {"target_language": "Spanish", "provider": "embedded", "context": False,
                "images": [{"data": data, "name": f"{number}.png"}]}
        while (answer := posted(connection, body)) is None:
            time.sleep(1)
        tasks.append(answer["task_id"])
    connection.close()
    return tasks


def posted(connection, body):
    """None while as many wait as may."""
    connection.request("POST", "/api/v1/translate", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 503):
        raise RuntimeError(f"{answer.status} {text[:500]!r}")
    return json.loads(text) if answer.status == 200 else None


def marked(png, number):
    """The picture with a number in its file, so that it equals no other."""
    text = b"tEXtComment\0" + b"%d-%d" % (number, random.getrandbits(60))
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return png[:-12] + chunk + png[-12:]  # before IEND


class Polls:
    """One connection for each, to the task that it names. A poll that ends without a result is asked anew."""

    def __init__(self, port, tasks):
        self.port, self.again = port, 0
        self.poll = select.epoll()
        self.waiting = {}  # descriptor: (socket, task, what came so far)
        for task in tasks:
            client = socket.create_connection(("127.0.0.1", port))
            self.waiting[client.fileno()] = [client, task, b""]
            self.poll.register(client, select.EPOLLIN)
            self.ask(client, task)

    def ask(self, client, task):
        client.sendall(f"GET /api/v1/translate/result/{task}?since=0&timeout=60 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def until_parked(self, wanted):
        """Requests are taken as they come: when later ones are answered, the polls wait. Those that end meanwhile are
        nobody's."""
        for _ in range(20):
            task = next(iter(self.waiting.values()))[1]
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/translate/result/{task}?timeout=0", timeout=60).read()
        list(self.answers(until=time.time() + 3))
        open_now = connections(self.port)
        if min(open_now, len(self.waiting)) < wanted:
            raise RuntimeError(f"{len(self.waiting)} of {wanted} polls wait, and the server has {open_now} connections")

    def told(self, wanted):
        """The tasks whose results came, and when."""
        told = []
        for task, moment in self.answers(until=time.time() + 600):
            told.append((task, moment))
            if len(told) == wanted:
                return told
        raise RuntimeError(f"only {len(told)} results in 10 minutes")

    def answers(self, until):
        while time.time() < until:
            events = self.poll.poll(0.2)
            now = time.time()
            for descriptor, _ in events:
                one = self.waiting[descriptor]
                came = one[0].recv(1 << 16)
                if not came:
                    raise RuntimeError(f"the server ended the poll for {one[1]}")
                one[2] += came
                state = whole(one[2])
                if state is None:
                    continue
                one[2] = b""
                if state["seq"] == 0:
                    self.again += 1
                    self.ask(one[0], one[1])
                    continue
                self.poll.unregister(descriptor)
                del self.waiting[descriptor]
                one[0].close()
                yield one[1], now

    def close(self):
        for client, _, _ in self.waiting.values():
            client.close()


def whole(text):
    """The JSON of an answer that has come completely."""
    head, end, body = text.partition(b"\r\n\r\n")
    if not end:
        return None
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(text[:500])
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    return json.loads(body) if len(body) == length else None


def connections(port):
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60).read().decode()
    return int(float(re.search(r"^http_connections (\S+)", text, re.M)[1]))


def tell(report, runs, figures):
    idle, late = runs["nobody works"], figures["late"]
    rows = []
    for run, one in runs.items():
        for name in one["before"]:
            grown = one["parked"][name] - one["before"][name]
            rows.append([run, name.upper(), one["waiting"], one["before"][name], one["parked"][name], grown,
                         1024 * grown / one["waiting"]])
    report.table("Long polls for results, one process on SQLite",
                 ["while", "memory", "polls", "MB before", "MB parked", "difference", "KB a poll"], rows)
    report.table("From a picture's end, before its commit, to the answer at the client, while pictures are read",
                 ["results", "a second", "p50 ms", "p95 ms", "p99 ms", "max ms", "polls asked anew", "cores used"],
                 [[len(late), figures["per_second"], percentile(late, 0.5), percentile(late, 0.95), percentile(late, 0.99),
                   max(late), figures["again"], figures["cpu"]]])
    report.goal("parked polls", idle["waiting"], 10_000, is_at_least=True)
    grown = idle["parked"]["Rss"] - idle["before"]["Rss"]
    report.goal("memory that they take (RSS)", grown, 300, unit=" MB")
    report.goal("memory of the whole process then, while nobody works (RSS)", idle["parked"]["Rss"], 300, unit=" MB")
    report.goal("delay of waking, median", percentile(late, 0.5), 20, unit=" ms")


if __name__ == "__main__":
    sys.exit(main())
