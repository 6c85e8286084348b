"""What `search.index: postgres` finds beside the index in memory: one library in PostgreSQL, one server after the other.

    .pictor/venv/bin/python Benchmarks/SearchQuality/postgres.py FOLDER [PICTOR]

FOLDER is a split that `script/bench search --fit` has rendered and read, such as .pictor/search-quality/dev-1000-1;
PICTOR is the program (.build/release/pictor). The server embeds the captions itself.
"""
import json
import os
import pathlib
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import uuid

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path += [str(HERE), str(HERE.parent), str(ROOT / "Tests/Cluster")]
import evaluation  # noqa: E402
import metrics  # noqa: E402
import queries as made  # noqa: E402
from harness.processes import Program, free_port  # noqa: E402
from stores import PostgreSQL  # noqa: E402


def serve(pictor, server, folder, index):
    port = free_port()
    settings = {"DATABASE_URL": server.url, "PICTOR_SEARCH_INDEX": index, "PICTOR_MEMES_RATE_LIMIT": "10000000",
                "PICTOR_SERVER_PORT": str(port), "PICTOR_DATA_DIRECTORY": str(folder / "data")}
    return Program([pictor, "serve"], port=port, env=settings, cwd=ROOT, errors=folder / f"{index}.log")


def get(program, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{program.port}{path}", timeout=60) as answer:
        return json.load(answer)


def ready(program, server, count, index):
    """Waits until all memes are indexed with their vectors."""
    missing = ("SELECT count(*) FROM meme WHERE content_hash NOT IN (SELECT content_hash FROM meme_stage "
               "WHERE stage = 'embed')")
    behind = ("SELECT count(*) FROM meme_index_state WHERE name <> 'layout' AND change < "
              "(SELECT max(change) FROM meme)") if index == "postgres" else "SELECT 0"
    for _ in range(1200):
        memes = get(program, "/health")["memes"]
        if memes["count"] == count and memes["dense"] != "absent" and [[["0"]]] * 2 == [
                server.run("pictor", statement) for statement in (missing, behind)]:
            time.sleep(1)  # the last change is followed within half a second
            return
        time.sleep(0.5)
    raise SystemExit("the library was not indexed in ten minutes")


def fill(server, read):
    """The memes with what was read on them, as the pipeline leaves them before their vectors are made."""
    def text(value):
        return "'" + value.replace("'", "''").replace("\0", "") + "'"

    ids = [str(uuid.UUID(int=number + 1)) for number in range(len(read))]
    memes, texts = [], []
    for number, (id_, reading) in enumerate(zip(ids, read), start=1):
        memes.append(f"('{id_}', {number}, '{number:064x}', 'ready', 'IMG_{number}.jpg', 'image/jpeg', 1, 600, 600, 1, "
                     f"{text(reading['hash'])}, '[]', {number}, {number}, {number})")
        for field, key in (("ocr", "text"), ("caption", "caption")):
            texts.append(f"('{id_}', '{field}', 'ocr', {text(reading[key])}, {number})")
    for start in range(0, len(memes), 200):
        execute(server, "INSERT INTO meme (id, number, content_hash, status, file_name, mime_type, size_bytes, width_px, "
                        "height_px, frames, perceptual_hash, colours, change, created_at, updated_at) VALUES "
                        + ",".join(memes[start:start + 200]))
    for start in range(0, len(texts), 200):
        execute(server, "INSERT INTO meme_text (meme_id, field, provenance, value, updated_at) VALUES "
                        + ",".join(texts[start:start + 200]))
    execute(server, f"UPDATE meme_counter SET value = {len(read)}")
    return {id_: number for number, id_ in enumerate(ids)}


def execute(server, statement):
    if server.run("pictor", statement) is None:
        raise SystemExit(f"PostgreSQL refused: {statement[:200]}")


def answers(program, asked, numbers):
    """By query: what is found without a cut, what is left after it, and how long the first took."""
    found = {}
    for query in asked:
        words = urllib.parse.quote(query.text)
        startedAt = time.monotonic()
        uncut = get(program, f"/query?content={words}&n=10&format=id&collapse=off")["data"]
        took = time.monotonic() - startedAt
        cut = get(program, f"/query?content={words}&n=10&format=id&collapse=off&min=auto")["data"]
        found[query.id] = ([numbers[id_] for id_ in uncut], [numbers[id_] for id_ in cut], took)
    return found


def tell(asked, memory, tables):
    print("| query | n | memory: recall@5 / nDCG@10 | postgres | after the cut: recall@5 in memory | postgres |")
    print("|---|---|---|---|---|---|")
    for type_ in [type_ for type_ in made.TYPES if any(query.type == type_ for query in asked)]:
        mine = [query for query in asked if query.type == type_]
        cells = []
        for place in (0, 1):
            for found in (memory, tables):
                rankings = [(found[query.id][place], query.grades) for query in mine]
                if type_ == "no answer":
                    cells.append(f"{metrics.mean([float(bool(hits)) for hits, _ in rankings]):.3f} answered")
                else:
                    recall = metrics.mean([metrics.recall(*pair) for pair in rankings])
                    ndcg = metrics.mean([metrics.ndcg(*pair) for pair in rankings])
                    cells.append(f"{recall:.3f} / {ndcg:.3f}" if place == 0 else f"{recall:.3f}")
        print(f"| {type_} | {len(mine)} | {' | '.join(cells)} |")
    equal = metrics.mean([float(memory[query.id][0] == tables[query.id][0]) for query in asked])
    print(f"\n{equal:.1%} of {len(asked)} queries have the same first ten in the same order.")
    for name, found in (("memory", memory), ("postgres", tables)):
        times = sorted(took for _, _, took in found.values())
        print(f"{name}: {1000 * times[len(times) // 2]:.1f} ms median, {1000 * times[int(0.95 * len(times))]:.1f} ms p95")


def main():
    split = pathlib.Path(sys.argv[1])
    pictor = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / ".build/release/pictor").resolve()
    truth, read = evaluation.lines(split / "truth.jsonl"), evaluation.lines(split / "read.jsonl")
    name, _, seed = split.name.split("-")
    asked = [query for query in made.make(name, truth, 80, int(seed))
             if query.picture is None and query.type not in made.LABELLED]
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        server = PostgreSQL(folder)
        try:
            with serve(pictor, server, folder, "memory"):
                pass  # makes the tables
            numbers = fill(server, read)
            found = {}
            for index in ("memory", "postgres"):
                with serve(pictor, server, folder, index) as program:
                    ready(program, server, len(read), index)
                    found[index] = answers(program, asked, numbers)
        finally:
            server.process.stop()
    tell(asked, found["memory"], found["postgres"])


if __name__ == "__main__":
    os.environ.pop("PICTOR_CONFIG", None)
    main()
