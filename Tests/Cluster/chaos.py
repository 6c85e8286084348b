"""Breaks a cluster while clients upload, and proves afterwards that nothing was lost and nothing was done twice.

Every kind of fault comes once. Then they come at random, and beside them one process is killed every few seconds. The
report is a table for docs/reliability.md.
"""

import argparse
import collections
import datetime
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from cluster import SECRET, Cluster
from faults import Faults, pause
from killer import Killer
from process import wait_until
from proof import Proof
from stores import REPOSITORY
from uploads import Client, Ledger

LIMIT = 5  # seconds until a process tells that a part is away or back


def run(arguments) -> int:
    with tempfile.TemporaryDirectory(prefix="pictor-chaos-") as folder:
        Path(folder).chmod(0o755)
        # The sweeper removes what an interrupted upload left after a day; here after a moment, to see it done.
        settings = {"PICTOR_IMAGES_STAGING_AGE": "20s", "PICTOR_JOBS_LEASE": arguments.lease}
        cluster = Cluster(Path(folder), arguments.serve, arguments.worker, arguments.binary, settings)
        try:
            return observe(cluster, arguments)
        finally:
            if arguments.keep_logs:
                subprocess.run(["sh", "-c", f"cp {folder}/*.log {folder}/*/*.log {arguments.keep_logs}/ 2>/dev/null"])
            cluster.stop()


def observe(cluster: Cluster, arguments) -> int:
    ledger, stop = Ledger(), threading.Event()
    clients = [Client(n, cluster.port, SECRET, ledger, arguments.pause, stop) for n in range(1, arguments.clients + 1)]
    faults = Faults(cluster, ledger, random.Random(arguments.seed), arguments.hold)
    killer = Killer(cluster.pictors, random.Random(arguments.seed + 1), arguments.every)
    begun = time.monotonic()
    for client in clients:
        client.start()
    happened, problems = break_everything(faults, killer, arguments)
    stop.set()
    for client in clients:
        client.join(120)
    proof = Proof(cluster, ledger)
    proof.problems += problems + killer.problems
    proof.expect("clients whose last upload was never acknowledged", sum(client.is_alive() for client in clients), 0)
    proof.wait_for_work(180)
    pause(20)  # the sweeper's age
    worker = cluster.workers[0]
    worker.process.stop()
    worker.start()  # sweeps at its start
    wait_until("the sweeper", lambda: "images swept" in worker.process.output, 60)
    proof.check()
    if not arguments.untimed:
        slow = [name for name, times in faults.silences.items() if max(map(max, times)) > LIMIT]
        proof.expect(f"parts whose absence or return was told after more than {LIMIT} s", slow, [])
    report(faults, happened + killer.happened, killer.longest, proof, time.monotonic() - begun, arguments)
    return 1 if proof.problems else 0


def break_everything(faults: Faults, killer: Killer, arguments) -> tuple[collections.Counter, list[str]]:
    """How often each fault came, and what went wrong with them."""
    begun, happened, problems = time.monotonic(), collections.Counter(), []

    def play(fault):
        print(f"{time.monotonic() - begun:6.1f} s  {fault.__doc__}", flush=True)
        try:
            fault()
        except (RuntimeError, OSError) as problem:
            problems.append(f"{fault.__doc__}: {problem}")
        happened[fault.__doc__] += 1
        pause(arguments.rest)

    for fault in faults.all():
        play(fault)
    if arguments.minutes > 0:
        killer.start()
        end = time.monotonic() + 60 * arguments.minutes
        while time.monotonic() < end:
            play(faults.chance.choice(faults.all()))
        killer.stop()
    return happened, problems


def report(faults: Faults, happened, longest: float, proof: Proof, seconds: float, arguments):
    ledger = proof.ledger
    print(f"\nRun of {datetime.date.today()} with commit {commit()}: {arguments.serve} serve, {arguments.worker} worker, "
          f"{arguments.clients} clients, {seconds:.0f} s, of which {arguments.minutes:g} min at random, `jobs.lease` "
          f"{arguments.lease}, seed {arguments.seed}.")  # fmt: skip
    table(("fault", "times"), happened)
    if longest:
        print(f"\nThe longest time between two of the kills beside the others was {longest:.1f} s.")
    table(("what shows that they had their effect", ""), faults.seen)
    print("\n| a part is away | times | seconds until it is told, at most | until all is well again, at most |")
    print("|---|---|---|---|")
    for name, times in faults.silences.items():
        away, back = (max(seconds) for seconds in zip(*times))
        print(f"| {name} | {len(times)} | {away:.1f} | {back:.1f} |")
    seen = {"pictures acknowledged": len(ledger.accepted)}
    seen |= {f"answers {status}" : count for status, count in sorted(ledger.statuses.items())}
    seen |= {
        "of the answers 404, to who asked for a picture that was still in work": ledger.early,
        "connections reset": ledger.resets,
        "longest wait for an acknowledgement, retries included": f"{ledger.slowest:.1f} s",
        "longest time from an acknowledgement to the complete picture, by clocks up to 10 s apart": f"{proof.slowest():.0f} s",
        "files read over HTTP afterwards that were those of the bucket and of the picture sent": proof.read,
    }
    table(("seen by the clients", ""), seen)
    print()
    if proof.problems:
        print("**Broken promises:**\n")
        for problem in proof.problems:
            print(f"- {problem}")
    else:
        print("Every acknowledged picture is complete exactly once: row, events, sizes and their bytes, which are those of the "
              "picture sent. No job is stuck, no bytes belong to nothing, nobody was refused what was acknowledged, and no "
              "answer of 500 or more was anything but 503 with `Retry-After`.")  # fmt: skip


def table(heads: tuple[str, str], lines: dict):
    print(f"\n| {heads[0]} | {heads[1]} |\n|---|---|")
    for name, value in lines.items():
        print(f"| {name} | {value} |")


def commit() -> str:
    def git(*words: str) -> str:
        answer = subprocess.run(["git", "-C", REPOSITORY, *words], capture_output=True, text=True)
        return answer.stdout.strip() if answer.returncode == 0 else "unknown"

    changes = " and changes" if git("status", "--porcelain", "--untracked-files=no") not in ("", "unknown") else ""
    return git("rev-parse", "--short", "HEAD") + changes


def main():
    parser = argparse.ArgumentParser(prog="script/chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long at random, after each fault once (10)")
    parser.add_argument("--serve", type=int, default=3, metavar="N", help="processes that serve (3)")
    parser.add_argument("--worker", type=int, default=3, metavar="N", help="processes that work (3)")
    parser.add_argument("--clients", type=int, default=4, metavar="N", help="clients that upload (4)")
    parser.add_argument("--pause", type=float, default=0.5, metavar="S", help="seconds between a client's uploads (0.5)")
    parser.add_argument("--rest", type=float, default=3, metavar="S", help="seconds between two faults (3)")
    parser.add_argument("--hold", type=float, default=4, metavar="S", help="seconds that a fault lasts (4)")
    parser.add_argument("--every", type=float, default=10, metavar="S", help="seconds between two kills while faults come at random (10)")
    parser.add_argument("--lease", default="30s", help="jobs.lease (30s)")
    parser.add_argument("--untimed", action="store_true", help=f"do not judge whether {LIMIT} s were enough to tell of a part that is away")
    parser.add_argument("--seed", type=int, default=1, help="for the order of faults (1)")
    parser.add_argument("--keep-logs", type=Path, help="a folder for the logs")
    parser.add_argument("--binary", type=lambda text: Path(text).resolve(), default=REPOSITORY / ".build/release/pictor", help="the program to run")
    sys.exit(run(parser.parse_args()))


if __name__ == "__main__":
    main()
