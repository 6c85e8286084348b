"""What these tests share: the repository, the program under test, and processes that end with the test."""

import os
import shutil
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tests/Cluster"))

from process import free_port  # noqa: E402


@pytest.fixture(scope="session")
def deploy() -> Path:
    return REPOSITORY / "deploy"


@pytest.fixture(scope="session")
def binary() -> Path:
    """The program under test; it must have been built."""
    found = Path(os.environ.get("PICTOR_TEST_BINARY", REPOSITORY / ".build/debug/pictor"))
    assert found.exists(), f"{found} is missing; build it with swift build"
    return found


@pytest.fixture(scope="session")
def tool():
    """The path of a program that `script/setup --test` installs."""

    def find(name: str, package: str) -> str:
        # Servers lie where only root looks.
        path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
        assert path, f"{name} is missing; install the package {package}, or run script/setup --test"
        return path

    return find


@pytest.fixture
def processes():
    """Processes to stop at the end, the last first."""
    started = []
    yield started
    for process in reversed(started):
        process.stop()


@pytest.fixture
def port() -> int:
    return free_port()
