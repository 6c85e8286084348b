"""Ends one process of a cluster after another, as a machine does."""

import collections
import contextlib
import random
import threading
import time

from cluster import Pictor
from process import wait_until


def kill(pictor: Pictor):
    """`kill -9`, and a start a second later, as a supervisor does."""
    pictor.process.kill()
    time.sleep(1)
    start(pictor)


def start(pictor: Pictor):
    """Starts a process as a supervisor does: again, when a store was away."""
    for _ in range(20):
        pictor.process.start()
        try:
            return wait_until(pictor.name, pictor.is_up, 60)
        except RuntimeError:
            time.sleep(1)
    raise RuntimeError(f"{pictor.name} does not start:\n{pictor.process.tail()}")


@contextlib.contextmanager
def taken(pictors: list[Pictor], chance: random.Random):
    """One of them by chance that nobody else ends or starts meanwhile."""
    order = chance.sample(pictors, len(pictors))
    while (pictor := next((each for each in order if each.lock.acquire(blocking=False)), None)) is None:
        time.sleep(0.1)
    try:
        yield pictor
    finally:
        pictor.lock.release()


class Killer(threading.Thread):
    """`kill -9` of one of the processes every `every` seconds, whatever else is broken, until `stop` is called or `most`
    were killed. Those that another fault ends and starts at this moment are left to it. `about_to_kill` is told each."""

    def __init__(self, pictors: list[Pictor], chance: random.Random, every: float, most=None, about_to_kill=lambda _: None):
        super().__init__(daemon=True)
        self.pictors, self.chance, self.every, self.most = pictors, chance, every, most
        self.about_to_kill = about_to_kill
        self.happened: collections.Counter = collections.Counter()
        self.longest = 0.0  # seconds between two
        self.problems: list[str] = []
        self.restarts: list[threading.Thread] = []
        self.is_over = threading.Event()

    def run(self):
        due = last = time.monotonic()
        while not self.is_over.wait(max(0, (due := due + self.every) - time.monotonic())):
            killed = threading.Event()
            # Others are killed while this one starts, which takes long when a store is away.
            restart = threading.Thread(target=self._kill, args=(killed,))
            restart.start()
            self.restarts.append(restart)
            killed.wait()
            now = time.monotonic()
            self.longest, last = max(self.longest, now - last), now
            if self.most is not None and len(self.restarts) >= self.most:
                return

    def _kill(self, killed: threading.Event):
        with taken(self.pictors, self.chance) as pictor:
            killed.set()
            self.happened[f"`kill -9` of a {pictor.kind} process, beside the others"] += 1
            try:
                self.about_to_kill(pictor)
                kill(pictor)
            except (RuntimeError, OSError) as problem:
                self.problems.append(str(problem))

    def stop(self):
        """Returns when every process runs."""
        self.is_over.set()
        for thread in [self, *self.restarts]:
            thread.join()
