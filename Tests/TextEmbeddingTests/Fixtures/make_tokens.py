"""Writes tokens.json: texts and the ids that Hugging Face's tokenizers give them with MiniLM's tokenizer.json.

Run once, from the repository: .pictor/models-venv/bin/python3 Tests/TextEmbeddingTests/Fixtures/make_tokens.py
"""

import json
import pathlib
import random

import tokenizers

ROOT = pathlib.Path(__file__).resolve().parents[3]
WORDS = """when you finally understand the assignment monday again coffee deploy production friday cat dog brain
expanding distracted boyfriend drake refuses unbelievably antidisestablishmentarianism naïve façade über Straße
CAFÉ ÉCOLE ŁÓDŹ İstanbul ΣΊΣΥΦΟΣ ὀδυσσεύς Привет мир Ёлка ґанок שָׁלוֹם مرحبا नमस्ते สวัสดี 你好 世界 東京 こんにちは カタカナ 한국어 안녕
😀 👩‍👩‍👧‍👦 🇩🇪 🤣 🥲 👍🏽 ❤️ ™ © ½ ② ﬁ ＡＢＣ １２３ ℌ ∑ ≠ € £ ¥ $ ` ^ ~ | < > = + 3.14 1,000,000 50% #tag @user a_b-c d'oh
don't it's “quoted” ‘x’ «y» … — – • ¿qué? ¡hola! http://example.org/a?b=c&d=e#f user@example.org C++ C# .NET x² H₂O""".split()
EDGES = [
    "", " ", "\t\n\r ", "a", "[CLS]", "[SEP] and [MASK]x[PAD]", "[cls]", "[CLS", "[[CLS]]", "##ing", "[UNK]able",
    "a\0b", "\0", "a\u0001b\u007fc", "a\u00adb\u200bc\u200dd\ufeffe", "\ufffd", "x\ufffdy", "a\u00a0b\u3000c\u2028d\u2029e\u0085f\u000bg\u000ch",
    "e\u0301e\u0300\u0323", "\u0301", "한", "\u1112\u1161\u11ab", "\uf900\ufa0e", "\U0002f800", "\U00020000x\U0003134a", "\ue000\U000f0000",
    "x" * 100, "x" * 101, "ab" * 50, "é" * 100, "é" * 101, "word " * 400, "字" * 300, "!" * 300, "ß" * 10, "ŉ ǰ ΐ ΰ և ẖ ﬃ",
    "İI ıi", "Z̸̢̛͕̹a̵͔͝l̷̨̛g̶͉̑o̸", "ab\u0000[CLS]\u0000cd", "\u202eright to left\u202c", "A\u030aB", "\u212b \u2126 \u212a",
    "line one\nline two\r\nline three", "  lead and trail  ", "tab\tbed", "semi;colon:dash-under_score", "...", "?!?!", "\\n \\u0041",
]


def texts():
    chance = random.Random(7)
    yield from EDGES
    yield from WORDS
    for _ in range(120):
        yield " ".join(chance.choices(WORDS, k=chance.randint(2, 60)))


def main():
    tokenizer = tokenizers.Tokenizer.from_file(str(ROOT / ".pictor/models/minilm/tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    cases = [{"text": text, "ids": tokenizer.encode(text).ids} for text in texts()]
    chance = random.Random(8)
    pairs = []
    for _ in range(40):
        # The first never fills the room alone: then the ids that were cut away would count.
        first, second = (" ".join(chance.choices(WORDS, k=chance.choice(counts))) for counts in ([0, 1, 5, 50], [0, 5, 60, 150]))
        encoding = tokenizer.encode(first, second)
        pairs.append({"first": first, "second": second, "ids": encoding.ids, "types": encoding.type_ids})
    out = pathlib.Path(__file__).with_name("tokens.json")
    lines = [json.dumps(case, ensure_ascii=True) for case in cases]
    pair_lines = [json.dumps(case, ensure_ascii=True) for case in pairs]
    out.write_text('{"texts": [\n' + ",\n".join(lines) + '\n], "pairs": [\n' + ",\n".join(pair_lines) + "\n]}\n")


main()
