"""Sends generated request heads to a running server and to httptools (llhttp, the parser of Node.js), and compares.

    compare_heads.py PORT COUNT SEED

The server answers each head with what it read. A head that it accepts must mean the same to httptools: method, target,
version, header fields and framing. Refusing what httptools accepts is allowed and counted. Ends with 1 when a head
differs.
"""

import random
import socket
import sys

import httptools

METHODS = [b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH"]
TARGETS = [b"/", b"/a/b?x=1&y=%20", b"/%C3%A4", b"*", b"http://h:80/a?b", b"//", b"/?", b"/a'(b)~"]
NAMES = [b"X", b"x-y", b"Content-Length", b"Transfer-Encoding", b"Connection", b"Expect", b"Accept"]
VALUES = {
    b"Content-Length": [b"0", b"5", b"005", b"12345"],
    b"Transfer-Encoding": [b"chunked", b"Chunked"],
    b"Connection": [b"close", b"keep-alive", b"Close, x", b"upgrade"],
    b"Host": [b"a", b"a:80", b""],
}
OTHER_VALUES = [b"1", b"", b" a  b ", b"\t", b"a\tb", b"\xc3\xa4", b"\xff", b"x" * 300, b"\"q,\\\""]
# What is wrong, or what some parsers take and others do not.
ODD_METHODS = [b"get", b"G\tT", b"", b"BREW", b"G/T"]
ODD_TARGETS = [b"/a b", b"/a\x80", b"/a#b", b"", b"a", b"http://"]
ODD_VERSIONS = [b"HTTP/1.0", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.2", b"http/1.1", b"HTTP/1.1 ", b"HTTP/11", b""]
ODD_NAMES = [b"Host", b"X Y", b"", b"X(", b" X", b"\xc3\xa4"]
ODD_SEPARATORS = [b" : ", b"", b"\t:", b":\x0b", b"::"]
ODD_VALUES = {
    b"Content-Length": [b"+5", b"-1", b"5, 5", b"0x5", b"", b"18446744073709551616", b"5\x0b", b"5 5"],
    b"Transfer-Encoding": [b"gzip, chunked", b"identity", b"xchunked", b"chunked,", b"chunked;a", b"chunked, chunked"],
    b"Host": [b"a/b", b"a b", b"u@a"],
}
ODD_OTHERS = [b"a\x00b", b"a\rb", b"a\nb", b"a\x7f", b"a\r\n b", b"a\r\n\rb", b"\x01"]
SPICE = [b"\r\n", b"\r", b"\n", b"\0", b" ", b"\t", b":", b",", b"\x0b", b"\x80", b"\r\n\r", b"Content-Length: 5\r\n"]
KNOWN_METHODS = set(METHODS)


def generate(rng):
    """A head that is mostly right, ending with its first empty line."""

    def pick(usual, odd):
        return rng.choice(odd if rng.random() < 0.05 else usual)

    lines = [b" ".join([pick(METHODS, ODD_METHODS), pick(TARGETS, ODD_TARGETS), pick([b"HTTP/1.1"], ODD_VERSIONS)])]
    if rng.random() < 0.97:
        lines.append(b"Host: a")
    for _ in range(rng.randrange(4)):
        name = pick(NAMES, ODD_NAMES)
        value = pick(VALUES.get(name, OTHER_VALUES), ODD_VALUES.get(name, ODD_OTHERS))
        lines.append(name + pick([b": ", b":", b":\t ", b":  "], ODD_SEPARATORS) + value)
    head = bytearray(b"\r\n".join(lines) + b"\r\n\r\n")
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        place = rng.randrange(len(head))
        action = rng.randrange(3)
        if action == 0:
            head[place : place + 1] = b""
        elif action == 1:
            head[place] = rng.randrange(256)
        else:
            head[place:place] = rng.choice(SPICE)
    head = bytes(head)
    end = head.find(b"\r\n\r\n", 2 if head.startswith(b"\r\n") else 0)
    return None if end < 0 else head[: end + 4]


class Reading:
    """What httptools finds in a head."""

    def __init__(self):
        self.url = b""
        self.headers = []
        self.heads = 0
        self.is_complete = False

    def on_url(self, url):
        self.url += url

    def on_header(self, name, value):
        self.headers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self):
        self.heads += 1

    def on_message_complete(self):
        self.is_complete = True


def ask_httptools(head):
    """Method, target, version, fields and framing; None when it refuses the head."""
    reading = Reading()
    parser = httptools.HttpRequestParser(reading)
    try:
        parser.feed_data(head)
        if reading.heads != 1:
            return None
        lengths = [value for name, value in reading.headers if name == b"content-length"]
        if reading.is_complete:
            framing = "none"
        elif lengths:
            framing = f"length {int(lengths[0])}"
        else:
            # An empty chunk ends a chunked body and nothing else.
            parser.feed_data(b"0\r\n\r\n")
            framing = "chunked" if reading.is_complete else "unknown"
    except httptools.HttpParserUpgrade:
        framing = "none"
    except (httptools.HttpParserError, ValueError):
        return None
    return (parser.get_method(), reading.url, parser.get_http_version(), sorted(reading.headers), framing)


def ask_server(port, head):
    """The same; None when the server refuses the head."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    if not answer.startswith(b"HTTP/1.1 200 "):
        return None
    lines = answer.split(b"\r\nX-Read: ")[1].split(b"\r\n")[0].decode().split("|")
    fields = [tuple(bytes.fromhex(part) for part in line.split(":")) for line in lines[4:]]
    fields = sorted((name.lower(), value) for name, value in fields)
    return (bytes.fromhex(lines[0]), bytes.fromhex(lines[1]), lines[2], fields, lines[3])


def main(port, count, seed):
    rng = random.Random(seed)
    alike = stricter = refused = 0
    different = []
    for _ in range(count):
        head = generate(rng)
        if head is None:
            continue
        ours, theirs = ask_server(port, head), ask_httptools(head)
        if ours is None:
            stricter += theirs is not None
            refused += theirs is None
        elif ours == theirs:
            alike += 1
        elif theirs is None and ours[0] not in KNOWN_METHODS:
            alike += 1  # llhttp knows a list of methods; ours is answered 405
        else:
            different.append((head, ours, theirs))
    print(f"alike {alike}, both refuse {refused}, stricter {stricter}, different {len(different)}")
    for head, ours, theirs in different[:10]:
        print(f"{head!r}\n  server:    {ours}\n  httptools: {theirs}")
    return 1 if different or alike == 0 or stricter == 0 else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
