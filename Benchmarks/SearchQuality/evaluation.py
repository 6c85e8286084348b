"""Renders, reads and searches a split of the evaluation; every step is kept on disk."""
import dataclasses
import hashlib
import json
import os
import pathlib
import subprocess
import sys

import queries as made

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DATA = ROOT / ".pictor" / "search-quality"


@dataclasses.dataclass
class Split:
    """A rendered and read split, its queries, and what the product answered to them."""
    name: str
    truth: list
    read: list
    queries: list
    found: dict  # by kind of index ("read", "oracle"), by query id
    digest: str


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_lines(path, values):
    path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), encoding="utf-8")


def digest(split, images, each, seed):
    """Names the data: the programs and lists that make it, and what they were asked."""
    hashed = hashlib.sha256(f"{split} {images} {each} {seed}".encode())
    files = ["captions.py", "queries.py", "render.py", "scenes.py", "styles.py"]
    for path in [HERE / name for name in files] + sorted(HERE.glob("captions/*")) + sorted(HERE.glob("queries/*")):
        hashed.update(path.read_bytes())
    return hashed.hexdigest()[:16]


def prepare(bench, split, images, each, seed, data=DATA):
    folder = data / f"{split}-{images}-{seed}"
    if not (folder / "truth.jsonl").exists():
        subprocess.run([sys.executable, HERE / "render.py", "--split", split, "--count", str(images), "--seed",
                        str(seed), "--out", folder], check=True)
    # Tesseract's threads slow each other down; the variable is read when the process starts.
    subprocess.run([bench, "read", folder, data / "cache"], check=True, stdout=sys.stderr,
                   env=os.environ | {"OMP_THREAD_LIMIT": "1"})
    truth, read = lines(folder / "truth.jsonl"), lines(folder / "read.jsonl")
    if [line["file"] for line in truth] != [line["file"] for line in read]:
        raise SystemExit(f"{folder} was not rendered or read to its end: remove it and start again")
    asked = made.make(split, truth, each, seed)
    found = {kind: answers(bench, folder, kind, truth, read, asked) for kind in ("read", "oracle")}
    return Split(split, truth, read, asked, found, digest(split, images, each, seed))


def answers(bench, folder, kind, truth, read, asked):
    """What the product answers, by query; the types that ask for labels search labelled memes, the others plain ones."""
    places = [folder / f"{kind}-{name}.jsonl" for name in ("documents", "queries", "answers")]
    write_lines(places[0], [document(n, kind, *both) for n, both in enumerate(zip(truth, read))])
    write_lines(places[1], [
        {"id": query.id, "text": query.text, "labelled": query.type in made.LABELLED}
        | ({} if query.picture is None else {"picture": query.picture})
        for query in asked])
    subprocess.run([bench, "rank", *places], check=True)
    return {answer["id"]: answer for answer in lines(places[2])}


def document(number, kind, truth, read):
    texts = {"text": truth["caption"], "caption": truth["caption"]} if kind == "oracle" else {
        "text": read["text"], "caption": read["caption"]}
    return {"number": number, "hash": read["hash"], "tags": [truth["subject"]], "emotions": [truth["emotion"]],
            "colors": [truth["colour"]] if truth["colour"] else []} | texts
