"""Makes an OpenVINO model of the BERT encoder in a folder with config.json and model.safetensors.

usage: convert_minilm.py FOLDER OUT

OUT gets model.xml and model.bin (weights as fp16), tokenizer.json, and model.json, which tells Pictor about them.
Mean pooling and unit length are part of the model. Neither torch nor transformers is needed.
"""

import hashlib
import json
import pathlib
import shutil
import sys

import numpy as np
import openvino as ov
import openvino.opset13 as op
from safetensors.numpy import load_file

MAX_TOKENS = 256


def integers(*values):
    return op.constant(np.array(values, np.int64))


class Encoder:
    """The graph of BERT (Devlin et al., 2019), as the weights' names in Hugging Face's files tell it."""

    def __init__(self, config, weights):
        self.weights = {name.removeprefix("bert."): w.astype(np.float32) for name, w in weights.items() if w.dtype.kind == "f"}
        self.width = config["hidden_size"]
        self.heads = config["num_attention_heads"]
        self.layers = config["num_hidden_layers"]
        self.epsilon = config["layer_norm_eps"]

    def row(self, name):
        return op.constant(self.weights[name].reshape(1, 1, -1))

    def linear(self, x, name):
        product = op.matmul(x, op.constant(self.weights[f"{name}.weight"]), False, True)
        return op.add(product, self.row(f"{name}.bias"))

    def norm(self, x, name):
        even = op.mvn(x, integers(-1), True, self.epsilon, "inside_sqrt")
        return op.add(op.multiply(even, self.row(f"{name}.weight")), self.row(f"{name}.bias"))

    def embeddings(self, ids):
        # All tokens are of type 0, so its vector is part of each position's.
        positions = self.weights["embeddings.position_embeddings.weight"]
        positions = positions + self.weights["embeddings.token_type_embeddings.weight"][0]
        length = op.gather(op.shape_of(ids), integers(1), op.constant(np.int64(0)))
        first = op.slice(op.constant(positions), integers(0), length, integers(1), integers(0))
        words = op.gather(op.constant(self.weights["embeddings.word_embeddings.weight"]), ids, op.constant(np.int64(0)))
        return self.norm(op.add(words, op.unsqueeze(first, integers(0))), "embeddings.LayerNorm")

    def split(self, x):
        parts = op.reshape(x, integers(0, 0, self.heads, self.width // self.heads), True)
        return op.transpose(parts, integers(0, 2, 1, 3))

    def attention(self, x, bias, name):
        query, key, value = (self.split(self.linear(x, f"{name}.self.{part}")) for part in ("query", "key", "value"))
        mixed = op.transpose(op.scaled_dot_product_attention(query, key, value, bias), integers(0, 2, 1, 3))
        mixed = op.reshape(mixed, integers(0, 0, self.width), True)
        return self.norm(op.add(self.linear(mixed, f"{name}.output.dense"), x), f"{name}.output.LayerNorm")

    def layer(self, x, bias, name):
        x = self.attention(x, bias, f"{name}.attention")
        wide = op.gelu(self.linear(x, f"{name}.intermediate.dense"), "erf")
        return self.norm(op.add(self.linear(wide, f"{name}.output.dense"), x), f"{name}.output.LayerNorm")

    def model(self):
        ids = op.parameter([-1, -1], np.int64, name="input_ids")
        mask = op.parameter([-1, -1], np.int64, name="attention_mask")
        for parameter, name in ((ids, "input_ids"), (mask, "attention_mask")):
            parameter.output(0).get_tensor().set_names({name})
        seen = op.convert(mask, "f32")
        unseen = op.subtract(op.constant(np.float32(1)), op.unsqueeze(seen, integers(1, 2)))
        bias = op.multiply(unseen, op.constant(np.float32(-1e9)))
        x = self.embeddings(ids)
        for index in range(self.layers):
            x = self.layer(x, bias, f"encoder.layer.{index}")
        seen = op.unsqueeze(seen, integers(2))
        count = op.maximum(op.reduce_sum(seen, integers(1)), op.constant(np.float32(1e-9)))
        mean = op.divide(op.reduce_sum(op.multiply(x, seen), integers(1)), count)
        unit = op.normalize_l2(mean, integers(1), 1e-12, "max")
        unit.output(0).get_tensor().set_names({"embedding"})
        return ov.Model([op.result(unit)], [ids, mask], "sentence_encoder")


def main(source, out):
    config = json.loads((source / "config.json").read_text())
    ov.save_model(Encoder(config, load_file(source / "model.safetensors")).model(), out / "model.xml", compress_to_fp16=True)
    shutil.copy(source / "tokenizer.json", out)
    manifest = {
        "kind": "embedding",
        "model": "model.xml",
        "dimensions": config["hidden_size"],
        "pooling": "none",
        "max_tokens": MAX_TOKENS,
        "tokenizer": "wordpiece",
        "pad_id": config["pad_token_id"],
        "query_prefix": "",
        "document_prefix": "",
        "sha256": {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in ("model.bin", "model.xml", "tokenizer.json")},
        "license": "Apache-2.0",
        "source": "sentence-transformers/all-MiniLM-L6-v2",
    }
    (out / "model.json").write_text(json.dumps(manifest, indent=2) + "\n")


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
