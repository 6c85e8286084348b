"""Ends one process of a cluster after another, as a machine does."""

import collections
import random
import threading
import time

from cluster import Cluster
from faults import Faults, taken


class Killer(threading.Thread):
    """`kill -9` of a serve or worker process every `every` seconds, whatever else is broken, until `stop` is called. Those
    that another fault ends and starts at this moment are left to it."""

    def __init__(self, cluster: Cluster, faults: Faults, chance: random.Random, every: float):
        super().__init__(daemon=True)
        self.cluster, self.faults, self.chance, self.every = cluster, faults, chance, every
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

    def _kill(self, killed: threading.Event):
        with taken(self.cluster.pictors, self.chance) as pictor:
            killed.set()
            self.happened[f"`kill -9` of a {pictor.kind} process, beside the others"] += 1
            try:
                self.faults.kill(pictor)
            except (RuntimeError, OSError) as problem:
                self.problems.append(str(problem))

    def stop(self):
        """Returns when every process runs."""
        self.is_over.set()
        for thread in [self, *self.restarts]:
            thread.join()
