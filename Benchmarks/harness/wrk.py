"""Loads by wrk, and what it says of them."""

import re
import subprocess

MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


class Wrk:
    """One wrk that has been started; its figures are there when it has ended."""

    def __init__(self, url, *, threads, connections, seconds, options=(), arguments=()):
        words = ["wrk", "-t", threads, "-c", connections, "-d", f"{seconds}s", *options, url]
        words += ["--", *arguments] if arguments else []
        self.process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)

    def end(self):
        self.text = self.process.communicate()[0]
        if self.process.returncode != 0:
            raise RuntimeError(f"wrk ended with {self.process.returncode}: {self.text}")
        self.requests = int(re.search(r"(\d+) requests in", self.text)[1])
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", self.text)[1])
        self.errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout|responses:) (\d+)", self.text)))
        return self

    def faultless(self):
        self.end()
        if self.errors or not self.requests:
            raise RuntimeError(self.text)
        return self

    def milliseconds(self, percent):
        """Of the table that `--latency` prints: 50, 75, 90 and 99."""
        value, unit = re.search(rf"\n +{percent}% +([\d.]+)(us|ms|s|m)\b", self.text).groups()
        return float(value) * MILLISECONDS[unit]
