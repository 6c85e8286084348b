"""Queries about rendered memes, with every relevant meme of each.

Truth is the renderer's: captions, templates, subjects, emotions, colours. Grades: 3 the caption meant; 2 a caption that
holds all content words of the query; and where the query asks for subject, emotion or template, 1 for one of two and 2
or 3 for all. No query is made of what our OCR read.
"""
import collections
import dataclasses
import pathlib
import random

FOLDER = pathlib.Path(__file__).parent / "queries"
STOP = set("""a about after again all am an and are as at be been before but by can come could did do does during each every
 for from get got had has have he her him his how i if in into is it its just like me more my near no not now of off on
 one only or our out over she should so some that the their them then there these they this those to too under up us was
 we were what when where which while who whose why will with without would you your""".split())
TYPES = ["exact", "fragment", "shuffled", "typo", "typo in every word", "hard typo", "sibling exact", "sibling bag", "CJK word",
         "CJK sentence", "mixed script", "tag", "colour", "template", "paraphrase en", "paraphrase zh",
         "cross-language", "no answer"]
# Types whose index knows tags, emotions and colours, as after a person or a vision model labelled the memes.
LABELLED = {"tag", "colour"}


@dataclasses.dataclass
class Query:
    id: int
    type: str
    text: str
    grades: dict  # by number of the meme
    picture: int | None = None


def content(text):
    return [word for word in text.split() if word not in STOP]


def misspelt(word, random_):
    """One edit: a letter left out, doubled in, changed, or swapped with its neighbour."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    place = random_.randrange(len(word) - 1)
    edited = random_.choice([
        word[:place] + word[place + 1:],
        word[:place] + random_.choice(letters) + word[place:],
        word[:place] + random_.choice(letters) + word[place + 1:],
        word[:place] + word[place + 1] + word[place] + word[place + 2:],
    ])
    return edited if edited != word else misspelt(word, random_)


class Maker:
    def __init__(self, split, truth, seed):
        self.split, self.truth, self.random = split, truth, random.Random(f"queries/{split}/{seed}")
        self.queries = []
        self.words = [set(meme["caption"].split()) for meme in truth]
        self.english = [n for n, meme in enumerate(truth) if meme["language"] == "en"]
        self.chinese = [n for n, meme in enumerate(truth) if meme["language"] == "zh"]
        self.composed = [n for n in self.english if truth[n]["key"].startswith("grammar-")]
        self.by_key = {meme["key"]: n for n, meme in enumerate(truth)}

    def add(self, type_, text, grades, picture=None):
        if any(grade >= 2 for grade in grades.values()) or type_ == "no answer":
            self.queries.append(Query(len(self.queries), type_, text, grades, picture))

    def holding(self, words, target):
        """2 for every caption with all content words, 3 for the one meant."""
        wanted = set(content(" ".join(words)))
        grades = {n: 2 for n, has in enumerate(self.words) if wanted and wanted <= has}
        grades[target] = 3
        return grades

    def sample(self, numbers, count):
        return self.random.sample(numbers, min(count, len(numbers)))

    def window(self, number, length):
        """Neighbouring words of which at least two say something."""
        words = self.truth[number]["caption"].split()
        starts = [i for i in range(len(words) - length + 1) if len(content(" ".join(words[i:i + length]))) >= 2]
        if not starts:
            return None
        start = self.random.choice(starts)
        return words[start:start + length]

    def english_words(self, count):
        for n in self.sample(self.english, count):
            caption = self.truth[n]["caption"]
            self.add("exact", caption, self.holding(caption.split(), n))
        for n in self.sample(self.english, count):
            if words := self.window(n, self.random.choice([2, 3])):
                self.add("fragment", " ".join(words), self.holding(words, n))
        for n in self.sample(self.english, count):
            words = self.truth[n]["caption"].split()
            self.add("shuffled", " ".join(self.random.sample(words, len(words))), self.holding(words, n))
        for n in self.sample(self.composed, count):
            caption = self.truth[n]["caption"]
            self.add("sibling exact", caption, self.holding(caption.split(), n))
        for n in self.sample(self.composed, count):
            words = self.truth[n]["caption"].split()
            bag = self.random.sample(words, max(2, round(0.6 * len(words))))
            if len(content(" ".join(bag))) >= 2:
                self.add("sibling bag", " ".join(bag), self.holding(bag, n))

    def misspellings(self, count):
        for n in self.sample(self.english, count):
            words = self.window(n, 3)
            long = [i for i, word in enumerate(words or []) if len(word) >= 4]
            if long:
                typed, place = list(words), self.random.choice(long)
                typed[place] = misspelt(typed[place], self.random)
                self.add("typo", " ".join(typed), self.holding(words, n))
        for n in self.sample(self.english, count):
            words = [word for word in content(self.truth[n]["caption"]) if len(word) >= 4]
            if len(words) >= 2:
                chosen = self.random.sample(words, 2)
                typed = " ".join(misspelt(word, self.random) for word in chosen)
                self.add("typo in every word", typed, self.holding(chosen, n))

        # As in the pilot that the gate comes from: of captions written by hand, which have no siblings.
        for n in self.sample([n for n in self.english if n not in set(self.composed)], count):
            words = [word for word in content(self.truth[n]["caption"]) if len(word) >= 4]
            if len(words) >= 2:
                chosen = self.random.sample(words, 2)
                typed = " ".join(misspelt(word, self.random) for word in chosen)
                self.add("hard typo", typed, self.holding(chosen, n))

    def chinese_words(self, count):
        captions = {n: self.truth[n]["caption"] for n in self.chinese}

        def holding(part, target):
            return {n: 2 for n, caption in captions.items() if part in caption} | {target: 3}

        for n in self.sample(self.chinese * 2, count):
            start = self.random.randrange(len(captions[n]) - 1)
            part = captions[n][start:start + 2]
            self.add("CJK word", part, holding(part, n))
        for n in self.sample(self.chinese, count):
            self.add("CJK sentence", captions[n], holding(captions[n], n))
        for n in self.sample(self.chinese, count):
            start = self.random.randrange(len(captions[n]) - 3)
            part = captions[n][start:start + 4]
            self.add("mixed script", f"meme {part} {self.truth[n]['emotion']}", holding(part, n))

    def labels(self, count):
        pairs = sorted({(meme["emotion"], meme["subject"]) for meme in self.truth})
        for emotion, subject in self.sample(pairs, count):
            grades = {}
            for n, meme in enumerate(self.truth):
                fits = (meme["emotion"] == emotion) + (meme["subject"] == subject)
                if fits:
                    grades[n] = [1, 3][fits - 1]
            self.add("tag", f"{emotion} {subject}", grades)
        coloured = [n for n in self.english if self.truth[n]["colour"]]
        for n in self.sample(coloured, count):
            if words := self.window(n, 2):
                colour = self.truth[n]["colour"]
                grades = {other: grade for other, grade in self.holding(words, n).items()
                          if self.truth[other]["colour"] == colour}
                self.add("colour", f"color:{colour} {' '.join(words)}", grades)

    def templates(self, count):
        groups = collections.defaultdict(list)
        for n, meme in enumerate(self.truth):
            groups[meme["template"]].append(n)
        for n in self.sample([group[0] for group in groups.values() if len(group) > 1], count):
            others = [other for other in groups[self.truth[n]["template"]] if other != n]
            self.add("template", "", {other: 2 for other in others}, picture=n)

    def written(self):
        """Queries that people wrote, of captions that were rendered."""
        files = [("paraphrase en", "paraphrase.en.tsv"), ("paraphrase zh", "paraphrase.zh.tsv"),
                 ("cross-language", "cross.tsv")]
        for type_, name in files:
            for line in (FOLDER / f"{self.split}.{name}").read_text(encoding="utf-8").splitlines():
                key, text = line.split("\t")
                if key in self.by_key:
                    self.add(type_, text, {self.by_key[key]: 3})
        for line in (FOLDER / f"{self.split}.none.txt").read_text(encoding="utf-8").splitlines():
            self.add("no answer", line, {})


def make(split, truth, each, seed=1):
    """About `each` queries of every type that is generated, and all that were written by hand."""
    maker = Maker(split, truth, seed)
    maker.english_words(each)
    maker.misspellings(each)
    maker.chinese_words(each)
    maker.labels(each)
    maker.templates(each)
    maker.written()
    return maker.queries
