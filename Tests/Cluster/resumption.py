"""How long the work of a killed process lies still: from the kill until each job that it held was begun by another."""

import json
import threading
import time
from dataclasses import dataclass

from cluster import Cluster, Pictor


@dataclass
class Interrupted:
    """A job whose process was killed."""

    job: str
    kind: str
    gap: float | None  # seconds until another began it; none when nobody did


class Resumption:
    """PostgreSQL notes who takes each job and whose is taken away, as it happens: nothing slips between two looks."""

    def __init__(self, cluster: Cluster):
        self.rows = cluster.postgresql.rows
        self.lock = threading.Lock()
        self.kills: dict[str, float] = {}  # a worker's id: when its process was killed
        for statement in NOTING:
            self.rows(statement)

    def about_to_kill(self, pictor: Pictor):
        worker = worker_of(pictor)
        if worker is not None:  # it worked already
            with self.lock:
                self.kills[worker] = time.time()

    def interrupted(self) -> list[Interrupted]:
        """The jobs that were held by a process when it was killed. A worker that was too slow to say that it lived was not
        killed by us."""
        return [
            Interrupted(job, kind, float(begun) - self.kills[worker] if begun else None)
            for job, kind, worker, begun in self.rows(LOST)
            if worker in self.kills
        ]


def worker_of(pictor: Pictor) -> str | None:
    """The id under which the process takes jobs, as its log tells."""
    worker = None
    for line in pictor.process.output.splitlines():
        if '"worker.id"' not in line:
            continue
        told = json.loads(line)
        worker = told.get("worker.renewed", told["worker.id"])
    return worker


NOTING = [
    "CREATE TABLE chaos_holder (job TEXT, kind TEXT, attempt BIGINT, holder TEXT, is_lost BOOLEAN, at DOUBLE PRECISION)",
    "CREATE INDEX chaos_holder_by_job ON chaos_holder (job, attempt)",
    """
    CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO chaos_holder SELECT NEW.id, NEW.kind, NEW.attempt, COALESCE(NEW.holder, OLD.holder), NEW.lost > OLD.lost,
            EXTRACT(EPOCH FROM clock_timestamp());
        RETURN NULL;
    END $$
    """,
    # A claim raises the attempt; what a dead worker held is counted as lost.
    """
    CREATE TRIGGER chaos_note AFTER UPDATE ON job FOR EACH ROW
    WHEN (NEW.attempt > OLD.attempt OR NEW.lost > OLD.lost) EXECUTE FUNCTION chaos_note()
    """,
]

LOST = """
    SELECT job, kind, holder, (SELECT MIN(at) FROM chaos_holder AS next WHERE next.job = lost.job AND NOT is_lost
        AND next.attempt > lost.attempt)
    FROM chaos_holder AS lost WHERE is_lost
"""
