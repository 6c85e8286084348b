"""Rankings to compare: the product's, its parts, and what others would do with the same readings."""
import json
import pathlib
import random
import re
import sqlite3

import numpy

import fit

HERE = pathlib.Path(__file__).resolve().parent


def uncut(answer):
    return [hit[0] for hit in answer["hits"]]


def word_recall(truth, read):
    """By style, how many words of English captions stand among what was read; rows and shares."""
    counts = {}
    for meme, reading in zip(truth, read):
        if meme["language"] != "en":
            continue
        words = set(re.findall(r"[a-z']+", reading["text"].lower()))
        for style in ("all", meme["style"]):
            pictures, known, all_ = counts.get(style, (0, 0, 0))
            caption = meme["caption"].lower().split()
            counts[style] = (pictures + 1, known + sum(word in words for word in caption), all_ + len(caption))
    shares = {style: known / all_ for style, (_, known, all_) in counts.items()}
    return [[style, counts[style][0], f"{shares[style]:.3f}"] for style in sorted(counts)], shares


def without(name, reading):
    """The reading without the words that the pass of this name was the first to read."""
    return {"text": " ".join(word["text"] for word in reading["words"] if word["pass"] != name)}


class FullText:
    """SQLite's full-text table with its own ranking."""

    def __init__(self, texts, tokenizer):
        self.database = sqlite3.connect(":memory:")
        self.database.execute(f"CREATE VIRTUAL TABLE meme USING fts5(text, tokenize = '{tokenizer}')")
        self.database.executemany("INSERT INTO meme (rowid, text) VALUES (?, ?)", enumerate(texts))

    def __call__(self, terms):
        match = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        if not match:
            return []
        select = "SELECT rowid FROM meme WHERE meme MATCH ? ORDER BY bm25(meme), rowid LIMIT 100"
        return [row[0] for row in self.database.execute(select, (match,))]


class Rankings:
    def __init__(self, split):
        self.split = split
        self.weights = json.loads((HERE / "weights.json").read_text())
        texts = [reading["text"] for reading in split.read]
        self.porter, self.trigram = FullText(texts, "porter unicode61"), FullText(texts, "trigram")
        self.texts = [set(re.findall(r"\w+", text.lower())) for text in texts]

    def product(self, mode, kind="read"):
        return lambda query: uncut(self.split.found[kind][query.id][mode])

    def peers(self):
        def words(query):
            return [word for word in re.findall(r"\w+", query.text.lower())] if query.picture is None else []

        def any_word(query):
            asked = set(words(query))
            held = [(-len(asked & text), number) for number, text in enumerate(self.texts) if asked & text]
            return [number for _, number in sorted(held)]

        def trigram(query):
            letters = query.text.lower()
            return self.trigram({letters[i:i + 3] for i in range(len(letters) - 2)})

        def chance(query):
            return random.Random(query.id).sample(range(len(self.texts)), min(10, len(self.texts)))

        return {"FTS5 porter": lambda query: self.porter(words(query)), "FTS5 trigram": trigram,
                "any word": any_word, "chance": chance}

    def ablations(self):
        legs = fit.LEGS
        rows = {f"without {leg}": self.weighed({leg: 0}) for leg in legs}
        rows |= {f"{leg} alone": self.weighed({other: float(other == leg) for other in legs}, {leg: 1.0})
                 for leg in ("words", "trigrams", "dense")}
        rows |= {f"RRF, k = {k}": self.reciprocal_ranks(k) for k in (10, 60)}
        return rows

    def weighed(self, changed, added=None):
        """The product with other weights."""
        def ranking(query):
            answer = self.split.found["read"][query.id]["hybrid"]
            if query.picture is not None:
                return uncut(answer)
            weights = (self.weights["hybrid"][answer["intent"]] | (added or {})) | changed
            case = fit.Case(query, answer, 1)
            return case.ranking(numpy.array([weights.get(leg, 0.0) for leg in fit.LEGS]))[0]

        return ranking

    def reciprocal_ranks(self, k):
        """Words, trigrams and vectors by their ranks alone, all equal."""
        def ranking(query):
            answer = self.split.found["read"][query.id]["hybrid"]
            if query.picture is not None:
                return uncut(answer)
            scores = {}
            for leg in ("words", "trigrams", "dense"):
                shares = [(hit[2].get(leg, 0), -hit[0]) for hit in answer["hits"]]
                for rank, (share, number) in enumerate(sorted(shares, reverse=True)[:100], start=1):
                    if share > 0:
                        scores[-number] = scores.get(-number, 0) + 1 / (k + rank)
            return sorted(scores, key=lambda number: (-scores[number], number))[:10]

        return ranking
