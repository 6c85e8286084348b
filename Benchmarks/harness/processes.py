"""Programs under measurement: starting and ending them, their CPU time and memory from /proc."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tree(pid):
    """The process and all its descendants that live now."""
    children = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            fields = stat_fields(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, pending = [], [pid]
    while pending:
        one = pending.pop()
        found.append(one)
        pending += children.get(one, [])
    return found


def stat_fields(pid):
    """The fields of /proc/PID/stat from the third on; None when the process is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text[text.rindex(")") + 2 :].split()


def cpu_seconds(pid):
    """User and system time of the process tree, ended children that were waited for included."""
    ticks = 0
    for one in tree(pid):
        fields = stat_fields(one)
        if fields:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICK


def memory_kib(pid, field="Pss"):
    """A field of smaps_rollup, summed over the process tree."""
    total = 0
    for one in tree(pid):
        try:
            rollup = pathlib.Path(f"/proc/{one}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(field + ":"))
    return total


class PeakMemory:
    """The highest PSS of process trees, sampled every 100 ms while the block runs."""

    def __init__(self, *pids):
        self.pids = pids
        self.peak_kib = 0

    def __enter__(self):
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.sample)
        self.thread.start()
        return self

    def sample(self):
        while not self.is_over.wait(0.1):
            self.peak_kib = max(self.peak_kib, sum(memory_kib(pid) for pid in self.pids))

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


class Program:
    """A program that runs for the block: it is ready once its port answers, and ended by its process id."""

    def __init__(self, arguments, port=None, env=None, cwd=None, errors=None):
        self.arguments = [str(argument) for argument in arguments]
        self.port = port
        self.env = {**os.environ, **(env or {})}
        self.cwd = cwd
        self.log = open(errors, "wb") if errors else tempfile.TemporaryFile()

    def __enter__(self):
        self.process = subprocess.Popen(
            self.arguments,
            env=self.env,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        try:
            if self.port:
                self.wait_for_port()
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def pid(self):
        return self.process.pid

    def wait_for_port(self, seconds=30):
        deadline = time.monotonic() + seconds
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{' '.join(self.arguments)} does not answer:\n{self.output()}") from None
                time.sleep(0.05)

    def output(self):
        name = self.log.name
        if isinstance(name, str):
            return pathlib.Path(name).read_text(errors="replace")[-2000:]
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-2000:]

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def stop(self):
        """Asks the program to end, and after 10 s ends it and what it started."""
        family = tree(self.pid)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in family:
                end(pid)
            self.process.wait()
        for pid in family[1:]:
            end(pid)
        self.log.close()

    def __exit__(self, *_):
        self.stop()


def end(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
