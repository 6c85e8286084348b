"""The simulated Gemini of Benchmarks/GeminiSimulator, and Caddy before it: it speaks HTTP/2 only."""

import json
import subprocess
import urllib.request
from pathlib import Path

from process import Process, accepts_connections, free_port, wait_until
from stores import REPOSITORY, require

FLAGS = ["-std=gnu2x", "-O2", "-Wall", "-Wextra", "-Wno-misleading-indentation"]


class Gemini:
    """`options` are the simulator's, such as `rpm=60`."""

    def __init__(self, folder: Path, **options):
        program = folder / "gemini-simulator"
        sources = sorted((REPOSITORY / "Benchmarks/GeminiSimulator").glob("*.c"))
        gcc = require("gcc", "gcc")
        subprocess.run([gcc, *FLAGS, "-o", program, *sources, "-lnghttp2", "-lssl", "-lcrypto"], check=True)
        port, self.port = free_port(), free_port()
        words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
        self.process = Process("gemini", [str(program), "--port", str(port), *words], folder)
        self.process.start()
        config = folder / "gemini.Caddyfile"
        config.write_text(
            "{\n\tadmin off\n\tauto_https off\n}\n"
            f"http://127.0.0.1:{self.port} {{\n\treverse_proxy h2c://127.0.0.1:{port}\n}}\n"
        )
        line = [require("caddy", "caddy"), "run", "--adapter", "caddyfile", "--config", str(config)]
        self.front = Process("gemini-front", line, folder)
        self.front.start()
        for number in (port, self.port):
            wait_until("the simulated Gemini", lambda: accepts_connections(number))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1beta"

    def summary(self) -> dict:
        """What happened so far, in figures."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/summary", timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        self.front.stop()
        self.process.stop()
