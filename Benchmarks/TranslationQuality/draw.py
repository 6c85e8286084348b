"""Draws pictures with texts that are known, each with a twin without its texts.

    draw.py --split dev|test --count N --seed S --out DIR [--kinds meme,photo]

DIR gets the pictures, NAME-twin files beside them, and truth.jsonl, a line for each: file, twin, kind, size and blocks
with text, other (the text to set in its place), box, angle (clockwise, around the picture's middle), lines and style.
Equal arguments give equal bytes with the same versions of Pillow, numpy and the fonts.
"""
import argparse
import json
import pathlib
import random

import kinds

QUALITIES = [None, None, 95, 85, 70, 50]


def save(image, folder, name, quality):
    if quality is None:
        image.save(folder / f"{name}.png")
        return f"{name}.png"
    image.save(folder / f"{name}.jpg", quality=quality)
    return f"{name}.jpg"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=["dev", "test"], required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--kinds", default="", help="only these")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    chosen = [kind for kind in kinds.KINDS if not options.kinds or kind.__name__ in options.kinds.split(",")]
    with open(options.out / "truth.jsonl", "w", encoding="utf-8") as truth:
        for number in range(options.count):
            kind = chosen[number % len(chosen)]
            # The split is part of the seed: the same number gives unrelated pictures.
            chooser = random.Random(f"{options.split}/{options.seed}/{number}")
            page = kind(options.split, chooser)
            quality = chooser.choice(QUALITIES)
            name = f"{number:04}-{kind.__name__}"
            line = {"file": save(page.image, options.out, name, quality),
                    "twin": save(page.clean, options.out, f"{name}-twin", quality),
                    "kind": kind.__name__, "size": page.size, "quality": quality, "blocks": page.blocks}
            truth.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
