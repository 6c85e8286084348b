"""The stack that pictor's images service replaces, in the form people run it: FastAPI takes the upload, Celery works on
it through Redis, Pillow makes the sizes, SQLite remembers. The algorithm, written anew from its description: the pixels
are copied through a Python list to lose the metadata, a 1x1 picture is the colour, four WebP sizes."""

import os
import pathlib
import sqlite3
import time
import uuid

from celery import Celery
from fastapi import FastAPI, Form, HTTPException, UploadFile
from PIL import Image

DATA = pathlib.Path(os.environ["STACK_DATA"])
SIDES = {"thumbnail": 150, "medium": 600, "large": 1200, "original": 4096}
queue = Celery("stack", broker=f"redis://127.0.0.1:{os.environ['STACK_REDIS']}/0",
               backend=f"redis://127.0.0.1:{os.environ['STACK_REDIS']}/1")
queue.conf.update(task_serializer="json", task_acks_late=True, task_track_started=True, worker_prefetch_multiplier=1,
                  worker_max_tasks_per_child=50, broker_connection_retry_on_startup=True)
app = FastAPI()


def database():
    connection = sqlite3.connect(DATA / "stack.db", timeout=30)
    connection.execute("CREATE TABLE IF NOT EXISTS job (id TEXT PRIMARY KEY, status TEXT, colour TEXT, created_at REAL)")
    return connection


@app.post("/api/v1/images/upload", status_code=202)
async def upload(file: UploadFile, bucket: str = Form(), method: int = Form(6)):
    job = str(uuid.uuid4())
    staged = DATA / "staging" / job
    staged.parent.mkdir(exist_ok=True)
    staged.write_bytes(await file.read())
    with database() as connection:
        connection.execute("INSERT INTO job VALUES (?, 'pending', NULL, ?)", (job, time.time()))
    process.delay(job, bucket, method)
    return {"job_id": job, "image_id": job, "status_url": f"/api/v1/images/jobs/{job}", "message": "Upload accepted."}


@app.get("/api/v1/images/jobs/{job_id}")
async def status(job_id: str):
    row = database().execute("SELECT status, colour FROM job WHERE id = ?", (job_id,)).fetchone()
    if not row:
        raise HTTPException(404, "Job not found")
    return {"job_id": job_id, "status": row[0], "dominant_color": row[1]}


@queue.task(max_retries=3)
def process(job, bucket, method):
    with database() as connection:
        connection.execute("UPDATE job SET status = 'processing' WHERE id = ?", (job,))
    staged = DATA / "staging" / job
    image = Image.open(staged)
    clean = Image.new(image.mode, image.size)
    clean.putdata(list(image.getdata()))
    red, green, blue = clean.resize((1, 1), Image.Resampling.LANCZOS).getpixel((0, 0))[:3]
    for name, side in SIDES.items():
        scale = min(1, side / max(clean.size))
        size = (int(clean.width * scale), int(clean.height * scale))
        folder = DATA / bucket / "processed" / name
        folder.mkdir(parents=True, exist_ok=True)
        clean.resize(size, Image.Resampling.LANCZOS).save(folder / f"{job}_{name}.webp", "WEBP", quality=85, method=method)
    with database() as connection:
        connection.execute("UPDATE job SET status = 'completed', colour = ? WHERE id = ?",
                           (f"#{red:02x}{green:02x}{blue:02x}", job))
    staged.unlink()
