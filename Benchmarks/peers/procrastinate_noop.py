"""The job that does nothing, for procrastinate on PostgreSQL.

`python -m peers.procrastinate_noop schema` makes its tables, `… COUNT LANES` enqueues by 64 producers while a worker of
LANES works in the same process, and prints how long enqueuing and everything took, in seconds."""

import asyncio
import os
import sys
import time

import procrastinate

PRODUCERS = 64
app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_POSTGRESQL"], min_size=16, max_size=16)
)
done = 0
everything = asyncio.Event()


@app.task(queue="bench")
async def nothing(number):
    global done
    done += 1
    if done == int(sys.argv[1]):
        everything.set()


async def produce(numbers):
    for number in numbers:
        await nothing.defer_async(number=number)


async def main():
    async with app.open_async():
        if sys.argv[1] == "schema":
            return await app.schema_manager.apply_schema_async()
        count, lanes = int(sys.argv[1]), int(sys.argv[2])
        worker = asyncio.create_task(
            app.run_worker_async(concurrency=lanes, install_signal_handlers=False, delete_jobs="always")
        )
        start = time.perf_counter()
        await asyncio.gather(*(produce(range(first, count, PRODUCERS)) for first in range(PRODUCERS)))
        enqueued = time.perf_counter() - start
        await everything.wait()
        print(enqueued, time.perf_counter() - start, flush=True)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
