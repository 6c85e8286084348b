"""Many long polls parked at once: their memory, how late they are woken, and that a client's leaving ends them."""

import json
import resource
import select
import socket
import time
import urllib.request

from harness.processes import memory_kib
from harness.report import percentile


def raise_file_limit():
    """Lets this process and the servers it starts open as many files as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def measure_parked(server, wanted):
    count = min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)
    return {"connections": count, **woken(server, count), **cancelled(server, count)}


def woken(server, count):
    """Every poll is due at a moment of its own, spread over two seconds. Late is when its answer is read after that."""
    before = memory_kib(server.pid, "Anonymous")
    first = time.time() + 4
    due = [first + 2 * number / count for number in range(count)]
    clients = [park(server.port, moment) for moment in due]
    wait_for(server.port, "parked", count)
    kib = (memory_kib(server.pid, "Anonymous") - before) / count
    poll = select.epoll()
    moments = {}
    for client, moment in zip(clients, due):
        poll.register(client, select.EPOLLIN)
        moments[client.fileno()] = (client, moment)
    late = []
    while len(late) < count:
        events = poll.poll(10)
        if not events:
            raise RuntimeError(f"{count - len(late)} long polls were never answered")
        now = time.time()
        for descriptor, _ in events:
            client, moment = moments[descriptor]
            late.append((now - moment) * 1000)
            poll.unregister(client)
            client.close()
    return {"kib": kib, "p50_ms": percentile(late, 0.5), "p99_ms": percentile(late, 0.99), "max_ms": max(late)}


def cancelled(server, count):
    """All clients leave at once: how long until the last handler was cancelled."""
    before = counts(server.port)["cancelled"]
    clients = [park(server.port, time.time() + 300) for _ in range(count)]
    wait_for(server.port, "parked", count)
    start = time.monotonic()
    for client in clients:
        client.close()
    closed = time.monotonic()
    while counts(server.port)["cancelled"] - before < count and time.monotonic() < closed + 10:
        time.sleep(0.02)
    return {"cancelled": counts(server.port)["cancelled"] - before, "cancel_s": time.monotonic() - start}


def park(port, moment):
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(f"GET /park?until={round(moment * 1000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return client


def counts(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/parked") as response:
        return json.load(response)


def wait_for(port, name, count):
    deadline = time.monotonic() + 30
    while counts(port)[name] < count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"only {counts(port)[name]} of {count} long polls are {name}")
        time.sleep(0.02)
