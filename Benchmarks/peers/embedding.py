"""MiniLM in Python, one thread, controlled like EmbeddingBench: `bulk` and `query` on standard input.

usage: embedding.py loop PRECISION MODEL.xml TOKENIZER.json FILE
       embedding.py onnxruntime MODEL.onnx ROWS TOKENIZER.json FILE

`loop` is the limit: OpenVINO runs batches that were cut into tokens before, shaped as Pictor shapes them.
`onnxruntime` does what a user writes: Hugging Face's tokenizers, batches sorted by length, mean, length 1.
"""

import json
import os
import pathlib
import resource
import sys
import time

import numpy as np
import tokenizers

MAX_TOKENS, MAX_ROWS = 512, 16


def main():
    kind, *rest, tokenizer, file = sys.argv[1:]
    texts = pathlib.Path(file).read_text().splitlines()
    tokenizer = tokenizers.Tokenizer.from_file(tokenizer)
    tokenizer.enable_truncation(256)
    tokenizer.no_padding()
    passes = {"loop": loop, "onnxruntime": plain}[kind](texts, tokenizer, *rest)
    for run in passes.values():
        run()
    print("ready", flush=True)
    for line in sys.stdin:
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        passes[line.strip()]()
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(json.dumps({"cpu_s": cpu, "wall_s": time.monotonic() - start}), flush=True)


def shaped(encodings):
    """Batches sorted by length and filled up to a multiple of 4."""
    order = sorted(encodings, key=lambda encoding: -len(encoding.ids))
    batches = []
    while order:
        columns = len(order[0].ids)
        rows = min(len(order), MAX_ROWS, max(1, MAX_TOKENS // columns))
        batch, order = order[:rows], order[rows:]
        table = np.zeros((2, rows, columns), np.int64)
        for row, encoding in enumerate(batch):
            table[0, row, : len(encoding.ids)] = encoding.ids
            table[1, row, : len(encoding.ids)] = 1
        batches.append(table)
    return batches


def loop(texts, tokenizer, precision, model):
    import openvino

    settings = {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": precision}
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()

    def run(batches):
        for ids, mask in batches:
            request.infer({"input_ids": ids, "attention_mask": mask}, share_inputs=True)
            request.get_output_tensor().data.copy()

    bulk = shaped(tokenizer.encode_batch(texts))
    queries = [shaped([tokenizer.encode(text)])[0] for text in texts]
    return {"bulk": lambda: run(bulk), "query": lambda: run(queries)}


def plain(texts, tokenizer, model, rows):
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])

    def vectors(encodings):
        columns = max(len(encoding.ids) for encoding in encodings)
        ids, mask = np.zeros((len(encodings), columns), np.int64), np.zeros((len(encodings), columns), np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        fields = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = session.run(None, fields)[0]
        mean = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def bulk():
        encodings = sorted(tokenizer.encode_batch(texts), key=lambda encoding: -len(encoding.ids))
        for start in range(0, len(encodings), int(rows)):
            vectors(encodings[start : start + int(rows)])

    def queries():
        for text in texts:
            vectors([tokenizer.encode(text)])

    return {"bulk": bulk, "query": queries}


os.environ["TOKENIZERS_PARALLELISM"] = "false"
main()
