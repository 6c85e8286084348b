"""Memes whose words are known, rendered as the measurements render them, taken in by the server's own pipeline."""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

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
    for identifier in identifiers:
        for _ in range(1200):
            known[identifier] = request.get(f"/meme/{identifier}").json()["data"]
            if known[identifier]["status"] != "partial":
                break
            time.sleep(0.1)
        assert known[identifier]["status"] == "ready", known[identifier]
    return known


def searchable(request, text, identifier):
    """Waits until the index, which follows within a second, finds the meme."""
    for _ in range(300):
        found = request.get("/search", params={"q": text, "format": "id", "n": 50}).json()["data"]
        if identifier in found:
            return
        time.sleep(0.1)
    raise AssertionError(f"{text!r} finds {found}, not {identifier}")
