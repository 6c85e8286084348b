"""Captions whose words and emotion are known: lists written by hand, and a grammar whose sentences share most words.

Development and test share no list and no filler, so that what is tuned on one says something about the other.
"""
import dataclasses
import pathlib
import random

FOLDER = pathlib.Path(__file__).parent / "captions"


@dataclasses.dataclass(frozen=True)
class Caption:
    key: str  # such as test-en-017 (the 17th line of captions/test.en.tsv), or grammar-… for a composed one
    text: str
    emotion: str
    language: str


@dataclasses.dataclass(frozen=True)
class Grammar:
    frames: list[str]
    who: list[str]
    does: dict[str, list[str]]  # by emotion
    thing: list[str]
    time: list[str]


GRAMMARS = {
    "dev": Grammar(
        frames=["{who} {does} the {thing} {time}", "{time} {who} {does} my {thing}"],
        who=["my uncle", "the intern", "a penguin", "our landlord", "the goalkeeper", "my roommate", "the baker",
             "a sleepy owl"],
        does={"anger": ["breaks", "hides"], "joy": ["hugs", "paints"], "fear": ["drops"], "pride": ["wins"],
              "boredom": ["polishes"], "surprise": ["juggles"]},
        thing=["lamp", "guitar", "ladder", "blanket", "helmet", "kettle", "bicycle", "mirror"],
        time=["at midnight", "before lunch", "in december", "during the game", "on wednesday", "after the storm"],
    ),
    "test": Grammar(
        frames=["{who} {does} the {thing} {time}", "when {who} {does} your {thing} {time}",
                "{time} {who} {does} the last {thing}"],
        who=["my cousin", "the professor", "a tiny dragon", "our manager", "the pirate", "my girlfriend", "the plumber",
             "a lazy panda", "the new student", "my grandfather", "the astronaut", "a rude goose"],
        does={"anger": ["steals", "ruins", "cancels"], "joy": ["kisses", "celebrates", "finds"],
              "fear": ["loses", "burns"], "pride": ["repairs", "builds"], "boredom": ["counts", "sorts"],
              "surprise": ["swallows", "teleports"], "confusion": ["forgets", "translates"]},
        thing=["sandwich", "keyboard", "umbrella", "homework", "trumpet", "password", "pumpkin", "suitcase", "piano",
               "birthday card", "rocket", "toaster", "calendar", "window"],
        time=["on friday", "before breakfast", "in august", "during class", "at the airport", "after the wedding",
              "every weekend", "without warning"],
    ),
    "final": Grammar(
        frames=["{who} {does} the {thing} {time}", "when {who} {does} our {thing} {time}",
                "{time} {who} {does} another {thing}"],
        who=["my neighbour", "the librarian", "a nervous wizard", "our coach", "the detective", "my boyfriend",
             "the electrician", "a grumpy hedgehog", "the tourist", "my grandmother", "the drummer", "a proud llama"],
        does={"anger": ["smashes", "kicks", "confiscates"], "joy": ["decorates", "rescues", "unwraps"],
              "fear": ["avoids", "floods"], "pride": ["restores", "invents"], "boredom": ["measures", "dusts"],
              "surprise": ["levitates", "multiplies"], "confusion": ["misplaces", "photographs"]},
        thing=["teapot", "backpack", "telescope", "bathtub", "violin", "receipt", "watermelon", "scarecrow", "fridge",
               "postcard", "submarine", "hammock", "dictionary", "chandelier"],
        time=["on sunday", "after dinner", "in february", "during rehearsal", "at the museum", "before the exam",
              "every evening", "by accident"],
    ),
}


def written(split: str, language: str) -> list[Caption]:
    """The captions written by hand, in the order of their file."""
    lines = (FOLDER / f"{split}.{language}.tsv").read_text(encoding="utf-8").splitlines()
    fields = [line.split("\t") for line in lines]
    return [Caption(f"{split}-{language}-{number:03}", text, emotion, language)
            for number, (emotion, text) in enumerate(fields, start=1)]


def composed(split: str, count: int, random_: random.Random) -> list[Caption]:
    """`count` different sentences of the grammar, English."""
    grammar = GRAMMARS[split]
    verbs = [(emotion, verb) for emotion, verbs in grammar.does.items() for verb in verbs]
    possible = len(grammar.frames) * len(grammar.who) * len(verbs) * len(grammar.thing) * len(grammar.time)
    if count > possible // 2:
        raise SystemExit(f"the {split} grammar gives {possible} sentences; {count} different ones take too long")
    captions: dict[str, Caption] = {}
    while len(captions) < count:
        emotion, verb = random_.choice(verbs)
        text = random_.choice(grammar.frames).format(
            who=random_.choice(grammar.who), does=verb, thing=random_.choice(grammar.thing),
            time=random_.choice(grammar.time))
        captions.setdefault(text, Caption("grammar-" + text.replace(" ", "-"), text, emotion, "en"))
    return list(captions.values())


def choose(split: str, count: int, languages: list[str], random_: random.Random) -> list[Caption]:
    """`count` captions in random order: all hand-written ones when there is room, at most half of the set."""
    by_hand = [caption for language in languages for caption in written(split, language)]
    by_hand = random_.sample(by_hand, min(len(by_hand), (count + 1) // 2))
    captions = by_hand + composed(split, count - len(by_hand), random_)
    random_.shuffle(captions)
    return captions
