"""A million translation tasks whose time is over, removed by a server that takes in others meanwhile."""

import http.client
import io
import pathlib
import random
import sqlite3
import sys
import tempfile
import threading
import time
import uuid

import numpy
from PIL import Image

from harness.processes import PeakMemory, Program, cpu_seconds, free_port, memory_kib
from harness.report import PRODUCTS, Report, options, percentile

BOUNDARY = "pictor-benchmark"
HOUR = 3_600_000
FILE = 2000  # bytes of each file that is made here; no other has so many
# What a finished task of one picture leaves: rows as the service writes them, of a sign with two texts.
BLOCKS = ('[{"id":0,"box":{"x":40,"y":60,"width":320,"height":44},"angle":0,"order":0,"source_text":"No smoking here",'
          '"confidence":0.95,"translation":"Aquí no se fuma","flags":[],"skipped":false,"layout":{"lines":2}},'
          '{"id":1,"box":{"x":40,"y":160,"width":320,"height":44},"angle":0,"order":1,"source_text":"Thank you",'
          '"confidence":0.95,"translation":"Gracias","flags":[],"skipped":false,"layout":{"lines":1}}]')
OPTIONS = '{"tone":"general","strict":false,"context":true,"glossary":{}}'


def main():
    chosen = options("How fast translation tasks whose time is over are removed.", 1,
                     tasks={"type": int, "default": 1_000_000, "help": "finished tasks (1000000)"},
                     kept={"type": int, "default": 20_000, "help": "of these, not expired yet (20000)"},
                     files={"type": int, "default": 20_000, "help": "expired tasks with files on the disk (20000)"},
                     rate={"type": float, "default": 5, "help": "tasks that clients create a second meanwhile (5)"},
                     program={"type": pathlib.Path, "default": PRODUCTS / "pictor", "help": "another program"},
                     limit={"type": float, "default": 3000, "help": "seconds after which the rest is left (3000)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        data = pathlib.Path(folder)
        with Program([chosen.program, "serve", "--no-workers", "--port", (port := free_port()), "--data", data], port):
            pass  # makes the schema
        fill(data, chosen)
        size = (data / "pictor.db").stat().st_size
        tell(report, chosen, size, measure(data, chosen))
    return report.finish()


def fill(data, chosen):
    """Rows of all tables that a task has, and files for some of those that are over."""
    now = int(time.time() * 1000)
    connection = sqlite3.connect(data / "pictor.db")
    connection.execute("PRAGMA synchronous = OFF")
    draw = random.Random(1)
    for first in range(0, chosen.tasks, 20_000):
        tasks, images, pictures, memories, uses, events = [], [], [], [], [], []
        for number in range(first, min(first + 20_000, chosen.tasks)):
            # Spread, so that the two kinds lie side by side in every table.
            is_kept = number % max(1, chosen.tasks // max(1, chosen.kept)) == 0
            end = now + 20 * HOUR if is_kept else now - draw.randrange(1, HOUR)
            begun = end - 24 * HOUR
            task, image = name(draw, begun), name(draw, begun)
            tasks.append((task, f"user-{number % 500}", "es", OPTIONS, 1, 1, 1, 1, begun, end))
            images.append((image, task, 0, "completed", 1, 1, f"{number:064x}", "sign.png", 400, 300, "en", "embedded",
                           "apertium", BLOCKS, '["machine_translation"]', begun, begun + 900, f"user-{number % 500}"))
            pictures.append((image, name(draw, begun), f"user-{number % 500}", "default-org", "translations", "completed",
                             f"{number:064x}", "stored", "image/png", 20_000, "{}", begun, begun, 1))
            events.append((name(draw, begun), "upload_initiated", image, task, f"user-{number % 500}", "{}", begun))
            memory = f"{draw.getrandbits(256):064x}"
            memories.append((memory, BLOCKS, begun))
            uses.append((memory, task))
            if not is_kept and number < chosen.files:
                for path in (f"translations/{image}/image-1.png", f"translations/{image}/clean-1.png",
                             f"translations/{image}/mask-1.png", f"originals/images/{image}"):
                    file = data / "objects" / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(b"x" * FILE)
        with connection:
            insert(connection, "translation_task (id, owner, target, options, images, accepted, seq, delivered, created_at, "
                   "expires_at)", tasks)
            insert(connection, "translation_image (id, task_id, position, state, seq, revision, content_hash, file_name, "
                   "width_px, height_px, source, provider, model, blocks, flags, started_at, completed_at, client)", images)
            insert(connection, "image (id, job_id, owner, organization, bucket, status, content_hash, recipe, mime_type, "
                   "size_bytes, metadata, created_at, completed_at, keeps_original)", pictures)
            insert(connection, "image_event (id, kind, image_id, job_id, actor, detail, created_at)", events)
            insert(connection, "translation_memory (id, value, created_at)", memories)
            insert(connection, "translation_memory_use (memory_id, task_id)", uses)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def name(draw, moment):
    """An id as the service makes them: its first bits are the moment."""
    bits = draw.getrandbits(74)
    return str(uuid.UUID(int=moment << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0x2 << 62 | bits & (1 << 62) - 1))


def insert(connection, table, rows):
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def measure(data, chosen):
    """What came of the expired tasks and of the others, how long it took, and what clients saw meanwhile."""
    connection = sqlite3.connect(data / "pictor.db")
    with connection:  # as if it were due since long: the server's first look begins the sweep
        connection.execute("DELETE FROM job_schedule WHERE name = 'translation.sweep'")
        connection.execute("INSERT INTO job_schedule (name, cron, next_at) VALUES ('translation.sweep', '*/5 * * * *', 0)")
    begun = int(time.time() * 1000)

    def count(condition):
        """Of the tasks that were there before; those that clients create end later than any of them."""
        return connection.execute(f"SELECT COUNT(*) FROM translation_task WHERE {condition}").fetchone()[0]

    over, others = f"expires_at < {begun + HOUR}", f"expires_at BETWEEN {begun + HOUR} AND {begun + 21 * HOUR}"
    expired = count(over)
    port = free_port()
    with Program([chosen.program, "serve", "--no-workers", "--port", port, "--data", data], port,
                 {"PICTOR_LOG_LEVEL": "warning"}):
        alone = create(port, 20, time.monotonic() + 10, lambda: False)
    port = free_port()
    with Program([chosen.program, "serve", "--port", port, "--data", data], port,
                 {"PICTOR_LOG_LEVEL": "warning"}) as server, PeakMemory(server.pid) as memory:
        started, used = time.monotonic(), cpu_seconds(server.pid)
        is_over, times, course = threading.Event(), [], []
        client = threading.Thread(target=lambda: times.extend(create(port, chosen.rate, started + chosen.limit, is_over.is_set)))
        client.start()
        while time.monotonic() - started < chosen.limit:
            if not connection.execute(f"SELECT 1 FROM translation_task WHERE {over} LIMIT 1").fetchone():
                break
            course.append(memory_kib(server.pid))
            time.sleep(0.5)
        seconds, used = time.monotonic() - started, cpu_seconds(server.pid) - used
        is_over.set()
        client.join()
    files = [path for path in (data / "objects").rglob("*") if path.is_file() and path.stat().st_size == FILE]
    tables = ("translation_image", "translation_memory", "translation_memory_use")
    return {
        "expired": expired, "removed": expired - count(over), "kept": count(others), "seconds": seconds, "cpu": used,
        "rest": {table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables},
        "files": len(files), "alone": alone, "times": times, "peak": memory.peak_kib,
        "quarter": course[len(course) // 4] if course else 0,
    }


def create(port, rate, end, is_over):
    """Milliseconds until each task is accepted, at random moments."""
    times, draw = [], random.Random(2)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    next_at = time.monotonic()
    while next_at < end and not is_over():
        time.sleep(max(0, next_at - time.monotonic()))
        picture = noise(draw)
        body = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="target_language"\r\n\r\nSpanish\r\n--{BOUNDARY}\r\n'
                'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n').encode()
        started = time.monotonic()
        connection.request("POST", "/api/v1/translate", body + picture + f"\r\n--{BOUNDARY}--\r\n".encode(),
                           {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        times.append(1000 * (time.monotonic() - started))
        next_at += draw.expovariate(rate)
    return times


def noise(draw):
    """A small PNG unlike all others, without words."""
    file = io.BytesIO()
    Image.fromarray(numpy.full((64, 64, 3), draw.randrange(256), numpy.uint8)).save(
        file, "PNG", pnginfo=note(str(draw.random())))
    return file.getvalue()


def note(text):
    from PIL.PngImagePlugin import PngInfo
    info = PngInfo()
    info.add_text("mark", text)
    return info


def tell(report, chosen, size, found):
    rate = found["removed"] / found["seconds"]
    most = percentile(found["times"], 0.95)
    report.table(f"{chosen.tasks:,} finished tasks, {found['expired']:,} of them over", ["figure", "value"], [
        ["removed", f"{found['removed']:,}"], ["seconds", found["seconds"]], ["tasks/s", rate],
        ["CPU ms a task", 1000 * found["cpu"] / max(1, found["removed"])],
        ["kept, of those that are not over", f"{found['kept']:,} of {chosen.tasks - found['expired']:,}"],
        ["files left of tasks that are over", found["files"]],
        ["PSS after a quarter of the time, MiB", found["quarter"] / 1024], ["PSS at most, MiB", found["peak"] / 1024],
        [f"creations meanwhile ({len(found['times'])}): p50 ms", percentile(found["times"], 0.5)], ["p95 ms", most],
        ["p99 ms", percentile(found["times"], 0.99)],
        ["creations alone: p50 ms", percentile(found["alone"], 0.5)], ["p95 ms", percentile(found["alone"], 0.95)],
        ["database, MiB", size / 1024 ** 2],
    ])
    report.goal("tasks removed a second, at least", rate, 2000, unit="/s", is_at_least=True)
    report.goal("creation p95 meanwhile", most, 50, unit=" ms")
    report.note(f"rows left: {found['rest']}")
    lost = chosen.tasks - found["expired"] - found["kept"]
    if lost or found["files"] or found["removed"] < found["expired"]:
        report.note(f"WRONG: {lost} tasks lost, {found['files']} files left")


if __name__ == "__main__":
    sys.exit(main())
