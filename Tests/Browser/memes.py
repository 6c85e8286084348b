"""Memes whose words are known, rendered as the measurements render them, taken in by the server's own pipeline."""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Cluster"))
from process import wait_until  # noqa: E402

RENDER = pathlib.Path(__file__).parents[2] / "Benchmarks" / "SearchQuality" / "render.py"


def rendered(count, seed=5, styles="impact"):
    """Pairs of a picture's truth and its bytes; impact captions are large and read without fail."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["--split", "dev", "--count", count, "--seed", seed, "--languages", "en", "--styles", styles, "--out", folder]
        subprocess.run([sys.executable, "-B", RENDER, *map(str, command)], check=True)
        folder = pathlib.Path(folder)
        lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
        return [(truth, (folder / truth["file"]).read_bytes()) for truth in map(json.loads, lines)]


def add(request, name, data, kind="image/jpeg", library=""):
    """Sends one and gives its id at once."""
    file = {"name": name, "mimeType": kind, "buffer": data}
    answer = request.post("/meme", multipart={"file": file, "library": library})
    assert answer.ok, answer.text()
    return answer.json()["data"]["id"]


def settled(request, identifiers):
    """Waits until the pipeline is through with all of them; gives what is known of each."""
    known = {}

    def is_settled(identifier):
        known[identifier] = request.get(f"/meme/{identifier}").json()["data"]
        return known[identifier]["status"] != "partial"

    for identifier in identifiers:
        wait_until(f"the reading of meme {identifier}", lambda: is_settled(identifier), seconds=120)
        assert known[identifier]["status"] == "ready", known[identifier]
    return known


def searchable(request, text, identifier):
    """Waits until the index, which follows within a second, finds the meme."""

    def is_found():
        return identifier in request.get("/search", params={"q": text, "format": "id", "n": 50}).json()["data"]

    wait_until(f"finding {identifier} by {text!r}", is_found)
