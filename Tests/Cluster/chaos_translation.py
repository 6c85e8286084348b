"""Kills one of several processes again and again while clients have pictures translated by a simulated Gemini, and proves
afterwards that no task was lost, no result was told twice, no quota was exceeded, and that nothing was paid for twice
but what a killed process was waiting for.

The report is a table for docs/reliability.md.
"""

import argparse
import datetime
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from cluster import SECRET, Cluster, Pictor
from gemini import Gemini
from killer import Killer
from process import wait_until
from resumption import Resumption
from stores import REPOSITORY
from translations import Client, Ledger

MODEL = "gemini-3.5-flash-lite"


def settings(gemini: Gemini, arguments) -> dict[str, str]:
    keys = " ".join(f"project-{number}.key" for number in range(1, arguments.projects + 1))
    provider = {
        "kind": "gemini", "url": gemini.url, "keys": keys, "concurrency": 100, "timeout": "60s",
        "models": {MODEL: {"purpose": ["chat"], "rpm": arguments.rpm}},
    }  # fmt: skip
    return {
        "PICTOR_JOBS_LEASE": f"{arguments.lease:g}s",
        "PICTOR_MODELS_PROVIDERS": json.dumps({"gemini": provider}),
        "PICTOR_TRANSLATION_LANGUAGES": "eng",
        "PICTOR_WORKERS_COUNT": "1",
    }


LOOK = 5  # seconds between two looks at leases that have run out
# The kind of job that asks the model. What it was answered and had not yet stored when its process was killed is asked again
# too, though the call is not in flight any more.
ASKING = "translation.translate"


def problems(cluster: Cluster, ledger: Ledger, counted: dict, resumption: Resumption, arguments) -> list[str]:
    found: list[str] = list(ledger.bad[:20])
    rows = cluster.postgresql.rows

    def expect(what: str, is_true: bool, told):
        if not is_true:
            found.append(f"{what}: {told}")

    images = {task: 0 for task in ledger.images}
    states: dict[str, int] = {}
    # What a killed process had begun and not acknowledged is nobody's; the sweeper removes it.
    accepted = "FROM translation_image i JOIN translation_task t ON t.id = i.task_id WHERE t.accepted = 1"
    for task, state, revision in rows(f"SELECT task_id, state, revision {accepted}"):
        images[task] = images.get(task, 0) + 1
        states[state] = states.get(state, 0) + 1
        expect("a picture that was not drawn exactly once", revision == "1", (task, revision))
    lost = {task for task, count in ledger.images.items() if images[task] != count}
    expect("tasks lost", not lost, sorted(lost)[:5])
    unknown = images.keys() - set(ledger.tasks.values())
    expect("tasks that nobody was told of", not unknown, sorted(unknown)[:5])
    expect("pictures by state", set(states) <= {"completed"}, states)
    untold = [(task, place) for task, count in ledger.images.items() for place in range(count)
              if ledger.results[(task, place)] != 1]  # fmt: skip
    expect("results not told exactly once", not untold, untold[:5])
    seqs = rows(f"SELECT task_id {accepted} GROUP BY task_id HAVING COUNT(DISTINCT i.seq) <> COUNT(*)")
    expect("tasks with two results of one number", not seqs, seqs[:5])
    expect("dead jobs", rows("SELECT COUNT(*) FROM job WHERE state = 'dead'") == [["0"]], "some")
    expect("claims that are left", rows("SELECT COUNT(*) FROM translation_claim") == [["0"]], "some")
    expect("calls in a minute and project", counted["most_in_a_minute"] <= arguments.rpm, counted["most_in_a_minute"])
    expect("calls refused by a quota", counted["refused_rpm"] == 0, counted["refused_rpm"])
    interrupted = resumption.interrupted()
    asking = [job for job in interrupted if job.kind == ASKING]
    twice = counted["billed_twice"]
    expect("billed twice, beyond the questions of killed processes", twice <= len(asking), f"{twice} of {len(asking)}")
    expect("billed twice, beyond what was in flight", twice <= counted["abandoned"], f"{twice} of {counted['abandoned']}")
    limit = arguments.lease + LOOK
    late = [f"{job.gap:.1f} s: {job.kind}" for job in interrupted if job.gap is not None and job.gap > limit]
    expect(f"jobs begun again more than {limit:g} s after the kill", not late, late[:20])
    left = [job.job for job in interrupted if job.gap is None]
    expect("jobs of killed processes that nobody took", not left, left[:5])
    expect("kills whose effect was seen", interrupted, "no killed process held a job")
    return found


def wait_for_work(cluster: Cluster, seconds: float):
    count = "SELECT COUNT(*) FROM job WHERE state IN ('ready', 'delayed', 'running')"
    wait_until("the jobs", lambda: cluster.postgresql.rows(count) == [["0"]], seconds)


def observe(cluster: Cluster, gemini: Gemini, arguments) -> int:
    ledger, stop = Ledger(), threading.Event()
    clients = [Client(number, cluster.port, SECRET, ledger, stop) for number in range(arguments.clients)]
    resumption = Resumption(cluster)
    begun = time.monotonic()

    def about_to_kill(pictor: Pictor):
        resumption.about_to_kill(pictor)
        print(f"{time.monotonic() - begun:6.1f} s  kill -9 of {pictor.name}; {len(ledger.results)} results so far", flush=True)

    killer = Killer(cluster.serves, random.Random(arguments.seed), arguments.every, arguments.kills, about_to_kill)
    for client in clients:
        client.start()
    killer.start()
    killer.join(60 * arguments.minutes)
    killer.stop()
    stop.set()
    for client in clients:
        client.join(600)
    wait_for_work(cluster, 180 + arguments.lease)
    # Calls that were left are billed when their time comes.
    time.sleep(arguments.latency[1] + 1)
    counted = gemini.summary()
    found = killer.problems + problems(cluster, ledger, counted, resumption, arguments)
    report(ledger, killer, resumption, counted, found, time.monotonic() - begun, arguments)
    return 1 if found else 0


def report(ledger: Ledger, killer: Killer, resumption: Resumption, counted: dict, found, seconds: float, arguments):
    interrupted = resumption.interrupted()
    gaps = [job.gap for job in interrupted if job.gap is not None]
    print(f"\nRun of {datetime.date.today()}: {arguments.serve} processes, {seconds:.0f} s, {arguments.clients} clients, "
          f"{arguments.projects} projects of {arguments.rpm} calls a minute, answers after {arguments.latency[0]:g} to "
          f"{arguments.latency[1]:g} s, `jobs.lease` {arguments.lease:g} s, seed {arguments.seed}.")  # fmt: skip
    lines = {
        "`kill -9` of a process": killer.happened.total(),
        "longest time between two": f"{killer.longest:.1f} s",
        "jobs that killed processes held": len(interrupted),
        "of these, questions to the model": sum(job.kind == ASKING for job in interrupted),
        "from the kill until each was begun again, median": f"{statistics.median(gaps or [0]):.1f} s",
        "the same, longest": f"{max(gaps, default=0):.1f} s",
        "tasks acknowledged": len(ledger.images),
        "their pictures": sum(ledger.images.values()),
        "results told to clients": sum(ledger.results.values()),
        "calls that the simulated Gemini got": counted["calls"],
        "answered with an error of its own (503)": counted["unavailable"],
        "refused because of a quota": counted["refused_rpm"],
        "most calls of a project in any minute": f"{counted['most_in_a_minute']} of {arguments.rpm}",
        "most calls in flight": counted["most_in_flight"],
        "in flight on killed processes": counted["abandoned"],
        "billed twice": counted["billed_twice"],
        "answers 503": ledger.statuses[503],
        "connections reset": ledger.resets,
        "longest wait for an acknowledgement, retries included": f"{ledger.slowest:.1f} s",
    }
    print("\n| | |\n|---|---|")
    for name, value in lines.items():
        print(f"| {name} | {value} |")
    print()
    if found:
        print("**Broken promises:**\n")
        for problem in found:
            print(f"- {problem}")
    else:
        print("No task was lost, every result was told exactly once, no quota was exceeded, and nothing was paid for twice "
              "but what a killed process waited for.")  # fmt: skip


def run(arguments) -> int:
    with tempfile.TemporaryDirectory(prefix="pictor-chaos-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        latency = f"{arguments.latency[0]}-{arguments.latency[1]}"
        gemini = Gemini(
            folder, rpm=arguments.rpm, latency=latency, unavailable=0.02, safety=0, seed=arguments.seed, **{"no-image": 0}
        )
        try:
            cluster = Cluster(folder, arguments.serve, 0, arguments.binary, settings(gemini, arguments))
            try:
                return observe(cluster, gemini, arguments)
            finally:
                if arguments.keep_logs:
                    arguments.keep_logs.mkdir(parents=True, exist_ok=True)
                    for log in folder.glob("*.log"):
                        (arguments.keep_logs / log.name).write_bytes(log.read_bytes())
                cluster.stop()
        finally:
            gemini.stop()


def main():
    parser = argparse.ArgumentParser(prog="script/chaos translation", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long (10)")
    parser.add_argument("--every", type=float, default=20, metavar="S", help="seconds between two kills (20)")
    parser.add_argument("--kills", type=int, metavar="N", help="no more kills than these, and then the end")
    parser.add_argument("--lease", type=float, default=30, metavar="S", help="jobs.lease (30)")
    parser.add_argument("--serve", type=int, default=3, metavar="N", help="processes that serve and work (3)")
    parser.add_argument("--clients", type=int, default=24, metavar="N", help="tasks at once (24)")
    parser.add_argument("--projects", type=int, default=4, metavar="N", help="of the simulated Gemini (4)")
    parser.add_argument("--rpm", type=int, default=30, metavar="N", help="calls a minute and project (30)")
    parser.add_argument("--latency", type=float, nargs=2, default=(5, 15), metavar="S", help="of an answer (5 15)")
    parser.add_argument("--seed", type=int, default=1, help="for who is killed (1)")
    parser.add_argument("--keep-logs", type=Path, help="a folder for the logs")
    parser.add_argument("--binary", type=lambda text: Path(text).resolve(), default=REPOSITORY / ".build/release/pictor", help="the program to run")
    sys.exit(run(parser.parse_args()))


if __name__ == "__main__":
    main()
