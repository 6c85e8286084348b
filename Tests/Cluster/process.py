"""Processes that end with this one, also when it is killed."""

import concurrent.futures
import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)
# The kernel ends a child when the thread that started it ends, and this one stays to the last.
launcher = concurrent.futures.ThreadPoolExecutor(1)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Process:
    """A program with its log file. It can be started again with the same line."""

    def __init__(self, name: str, line: list[str], folder: Path, environment: dict[str, str] | None = None, user=None):
        self.name, self.line, self.folder, self.user = name, line, folder, user
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder)} | (environment or {})
        self.log = folder / f"{name}.log"
        self.child: subprocess.Popen | None = None
        self.starts = 0
        self.begin = 0  # of what it wrote since its last start

    def start(self):
        with self.log.open("ab") as log:
            self.begin = log.tell()
            self.child = launcher.submit(self._launch, log).result()
        self.starts += 1

    def _launch(self, log) -> subprocess.Popen:
        return subprocess.Popen(
            self.line,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user is not None else None,
            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
        )

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def send(self, number: int):
        if self.is_running:
            self.child.send_signal(number)

    def wait(self, seconds: float) -> int | None:
        """The exit code; `None` when it has not ended by then."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, seconds: float = 30) -> int:
        """Ends it as an operator would; by force when it takes longer."""
        self.send(signal.SIGTERM)
        code = self.wait(seconds)
        return self.kill() if code is None else code

    def kill(self) -> int:
        self.send(signal.SIGKILL)
        return self.child.wait()

    @property
    def output(self) -> str:
        """What it wrote since its last start."""
        with self.log.open("rb") as log:
            log.seek(self.begin)
            return log.read().decode(errors="replace")

    def tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def freeze(self):
        """Lets it and its children stand still: connections stay open, and nobody answers."""
        self._send_to_all(signal.SIGSTOP)

    def go_on(self):
        self._send_to_all(signal.SIGCONT)

    def _send_to_all(self, number: int):
        # The parent first, or else it has more children a moment later.
        self.send(number)
        for child in Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split():
            try:
                os.kill(int(child), number)
            except ProcessLookupError:
                pass


def wait_until(what: str, is_true, seconds: float = 60):
    """Asks until it is so; for programs that tell nobody when they are ready."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if is_true():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{what}: not within {seconds:.0f} s")


def accepts_connections(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
