"""The job that does nothing, for Celery on Redis.

`python -m peers.celery_noop COUNT` enqueues and prints when it began and how long it took, in seconds; `celery -A peers.celery_noop worker` works; the worker counts in Redis."""

import os
import sys
import time

import redis
from celery import Celery

PORT = os.environ["BENCH_REDIS"]
queue = Celery("noop", broker=f"redis://127.0.0.1:{PORT}/0")
queue.conf.update(task_serializer="json", task_ignore_result=True, broker_connection_retry_on_startup=True)
counter = redis.Redis(port=int(PORT), db=1)


@queue.task(name="nothing")
def nothing(number):
    counter.incr("done")


if __name__ == "__main__":
    count = int(sys.argv[1])
    nothing.delay(0)  # connects
    start = time.time()
    for number in range(count):
        nothing.delay(number)
    print(start, time.time() - start)
