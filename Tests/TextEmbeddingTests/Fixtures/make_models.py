"""Makes folders as people download them, and what onnxruntime and Hugging Face's tokenizers say of them.

usage: make_models.py MINILM OUT

MINILM is a folder with config.json, model.safetensors and tokenizer.json. OUT gets minilm (MiniLM as ONNX), toy (random
weights, a Unigram tokenizer, CLS pooling, prefixes), cross (random weights, WordPiece, one logit) and expected.json.
"""

import json
import pathlib
import shutil
import sys

import numpy as np
import onnx
import onnxruntime
import tokenizers
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

TEXTS = [
    "when you finally understand the assignment", "a cat sleeps on the sofa", "monday", "naïve café, 50% off!", "",
    "the build is green and nobody knows why " * 12, "你好 世界", "deploy on friday", "x" * 120, "one two three " * 200,
]
DOCUMENTS = TEXTS + ["the cat naps", "green builds make happy people " * 60]


class Graph:
    """BERT in ONNX's operators."""

    def __init__(self, config, weights, has_types):
        self.config, self.weights, self.has_types = config, weights, has_types
        self.nodes, self.constants = [], {}

    def constant(self, name, value):
        self.constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def weight(self, name, transpose=False):
        value = self.weights[name].astype(np.float32)
        return self.constant(name, value.T if transpose else value)

    def integers(self, *values):
        return self.constant("i" + "_".join(map(str, values)).replace("-", "m"), np.array(values, np.int64))

    def add(self, kind, *inputs, **attributes):
        out = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def linear(self, x, name):
        product = self.add("MatMul", x, self.weight(f"{name}.weight", transpose=True))
        return self.add("Add", product, self.weight(f"{name}.bias"))

    def norm(self, x, name):
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=self.config["layer_norm_eps"])

    def embeddings(self):
        x = self.add("Gather", self.weight("embeddings.word_embeddings.weight"), "input_ids")
        shape = self.add("Shape", "input_ids")
        length = self.add("Slice", shape, self.integers(1), self.integers(2))
        positions = self.weight("embeddings.position_embeddings.weight")
        x = self.add("Add", x, self.add("Slice", positions, self.integers(0), length, self.integers(0)))
        types = self.weight("embeddings.token_type_embeddings.weight")
        ids = "token_type_ids" if self.has_types else self.add("Sub", "input_ids", "input_ids")
        return self.norm(self.add("Add", x, self.add("Gather", types, ids)), "embeddings.LayerNorm")

    def heads(self, x, order):
        heads = self.config["num_attention_heads"]
        split = self.add("Reshape", x, self.integers(0, 0, heads, self.config["hidden_size"] // heads))
        return self.add("Transpose", split, perm=order)

    def layer(self, x, bias, name):
        query = self.heads(self.linear(x, f"{name}.attention.self.query"), [0, 2, 1, 3])
        key = self.heads(self.linear(x, f"{name}.attention.self.key"), [0, 2, 3, 1])
        value = self.heads(self.linear(x, f"{name}.attention.self.value"), [0, 2, 1, 3])
        width = self.config["hidden_size"] // self.config["num_attention_heads"]
        scale = self.constant("scale", np.float32(width**-0.5))
        scores = self.add("Add", self.add("Mul", self.add("MatMul", query, key), scale), bias)
        mixed = self.add("MatMul", self.add("Softmax", scores, axis=-1), value)
        mixed = self.add("Transpose", mixed, perm=[0, 2, 1, 3])
        mixed = self.add("Reshape", mixed, self.integers(0, 0, self.config["hidden_size"]))
        out = self.linear(mixed, f"{name}.attention.output.dense")
        x = self.norm(self.add("Add", out, x), f"{name}.attention.output.LayerNorm")
        wide = self.linear(x, f"{name}.intermediate.dense")
        root = self.constant("root", np.float32(2**0.5))
        gelu = self.add("Add", self.add("Erf", self.add("Div", wide, root)), self.constant("one", np.float32(1)))
        gelu = self.add("Mul", self.add("Mul", wide, gelu), self.constant("half", np.float32(0.5)))
        return self.norm(self.add("Add", self.linear(gelu, f"{name}.output.dense"), x), f"{name}.output.LayerNorm")

    def model(self, head):
        mask = self.add("Cast", "attention_mask", to=TensorProto.FLOAT)
        unseen = self.add("Sub", self.constant("one", np.float32(1)), self.add("Unsqueeze", mask, self.integers(1, 2)))
        bias = self.add("Mul", unseen, self.constant("far", np.float32(-1e9)))
        x = self.embeddings()
        for index in range(self.config["num_hidden_layers"]):
            x = self.layer(x, bias, f"encoder.layer.{index}")
        name, shape = "last_hidden_state", ["n", "s", self.config["hidden_size"]]
        if head:
            first = self.add("Gather", x, self.constant("zero", np.int64(0)), axis=1)
            x = self.linear(self.add("Tanh", self.linear(first, "pooler.dense")), "classifier")
            name, shape = "logits", ["n", 1]
        self.nodes.append(helper.make_node("Identity", [x], [name]))
        names = ["input_ids", "attention_mask"] + (["token_type_ids"] if self.has_types else [])
        inputs = [helper.make_tensor_value_info(each, TensorProto.INT64, ["n", "s"]) for each in names]
        output = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "bert", inputs, [output], list(self.constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def random_weights(config, seed):
    chance = np.random.default_rng(seed)
    width, wide = config["hidden_size"], config["intermediate_size"]
    weights = {}

    def dense(name, rows, columns):
        weights[f"{name}.weight"] = chance.normal(0, 0.2, (rows, columns))
        weights[f"{name}.bias"] = chance.normal(0, 0.1, rows)

    def norm(name):
        weights[f"{name}.weight"] = chance.normal(1, 0.1, width)
        weights[f"{name}.bias"] = chance.normal(0, 0.1, width)

    for name, rows in (("word", "vocab_size"), ("position", "max_position_embeddings"), ("token_type", "type_vocab_size")):
        weights[f"embeddings.{name}_embeddings.weight"] = chance.normal(0, 1, (config[rows], width))
    norm("embeddings.LayerNorm")
    for index in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{index}"
        for part in ("query", "key", "value"):
            dense(f"{name}.attention.self.{part}", width, width)
        dense(f"{name}.attention.output.dense", width, width)
        norm(f"{name}.attention.output.LayerNorm")
        dense(f"{name}.intermediate.dense", wide, width)
        dense(f"{name}.output.dense", width, wide)
        norm(f"{name}.output.LayerNorm")
    dense("pooler.dense", width, width)
    dense("classifier", 1, width)
    return weights


def unigram():
    """A tokenizer as XLM-R's: Unigram over words marked by U+2581, <s> … </s>."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.Unigram())
    tokenizer.normalizer = tokenizers.normalizers.NFKC()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = tokenizers.trainers.UnigramTrainer(vocab_size=400, special_tokens=special, unk_token="<unk>")
    tokenizer.train_from_iterator(TEXTS * 3 + [chr(code) for code in range(33, 127)], trainer)
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def write(folder, config, model, tokenizer, **files):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    onnx.save(model, folder / "model.onnx")
    tokenizer.save(str(folder / "tokenizer.json"))
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content))


def run(folder, encodings):
    """What onnxruntime gives, one text at a time, so without any padding."""
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    rows = []
    for encoding in encodings:
        fields = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
        rows.append(session.run(None, {name: np.array([fields[name]], np.int64) for name in names})[0][0])
    return rows


def unit(vectors):
    return [(vector / np.linalg.norm(vector)).tolist() for vector in vectors]


def fresh(path, limit):
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(limit)
    return tokenizer


def main(source, out):
    expected = {"texts": TEXTS, "documents": DOCUMENTS, "query": "cat on the sofa"}

    config = json.loads((source / "config.json").read_text())
    tokenizer = fresh(source / "tokenizer.json", 256)
    write(out / "minilm", config, Graph(config, load_file(source / "model.safetensors"), True).model(False), tokenizer,
          sentence_bert_config={"max_seq_length": 256})
    shutil.copytree(source / "1_Pooling", out / "minilm/1_Pooling")
    expected["minilm"] = unit(row.mean(axis=0) for row in run(out / "minilm", tokenizer.encode_batch(TEXTS)))

    small = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2,
             "layer_norm_eps": 1e-5, "max_position_embeddings": 128, "type_vocab_size": 1}
    toy = unigram()
    config = small | {"vocab_size": toy.get_vocab_size(), "pad_token_id": 1, "model_type": "bert"}
    write(out / "toy", config, Graph(config, random_weights(config, 1), False).model(False), toy,
          sentence_bert_config={"max_seq_length": 64}, **{"1_Pooling__config": {"pooling_mode_cls_token": True}},
          config_sentence_transformers={"prompts": {"query": "find: ", "document": "text: "}})
    toy = fresh(out / "toy/tokenizer.json", 64)
    encodings = toy.encode_batch(["text: " + text for text in TEXTS])
    expected["toy"] = unit(row[0] for row in run(out / "toy", encodings))
    expected["toy_ids"] = [encoding.ids for encoding in encodings]

    config = small | {"vocab_size": tokenizer.get_vocab_size(), "pad_token_id": 0, "type_vocab_size": 2,
                      "architectures": ["BertForSequenceClassification"]}
    write(out / "cross", config, Graph(config, random_weights(config, 2), True).model(True), tokenizer)
    tokenizer = fresh(out / "cross/tokenizer.json", 128)
    logits = run(out / "cross", [tokenizer.encode(expected["query"], text) for text in DOCUMENTS])
    expected["cross"] = [float(1 / (1 + np.exp(-row[0]))) for row in logits]

    (out / "expected.json").write_text(json.dumps(expected))


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
