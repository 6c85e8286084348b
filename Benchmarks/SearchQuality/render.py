"""Renders memes whose text, template, subject, emotion and colour are known, for measuring OCR and search.

    render.py --split dev|test|final --count N --seed S --out DIR [--languages en,zh] [--styles impact,small]

DIR gets the pictures (JPEG) and truth.jsonl, a line for each: file, key, caption, emotion, language, template, subject,
colour (null when the template does not cover most), style, width, height. Equal arguments give equal bytes with the same
versions of Pillow, numpy and the fonts.
"""
import argparse
import json
import pathlib
import random

from PIL import ImageDraw

import captions
import scenes
import styles

CAPTIONS_PER_TEMPLATE = 5


def render(caption, template, style, random_):
    width = random_.randrange(400, 801, 8)
    image = scenes.scene(template, (width, round(width * random_.uniform(0.7, 1.1))), random_)
    image = style(image, caption, random_)
    if random_.random() < 0.1:
        watermark(image, random_)
    return image


def watermark(image, random_):
    """A short word in a corner that belongs to no caption."""
    face = styles.font("DejaVuSans.ttf", 12, "en")
    draw = ImageDraw.Draw(image, "RGBA")
    place = (image.width - 70, random_.choice([6, image.height - 20]))
    draw.text(place, "lol.example", font=face, fill=(255, 255, 255, 140))


def chosen_style(names, random_):
    if not names:
        return styles.choose(random_)
    by_name = {style.__name__: style for style in styles.STYLES}
    return by_name[random_.choice(names)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=["dev", "test", "final"], required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--languages", default="en,zh", help="of the hand-written captions")
    parser.add_argument("--styles", default="", help="only these, all equally often")
    options = parser.parse_args()

    options.out.mkdir(parents=True, exist_ok=True)
    # The split is part of the seed: the same number gives unrelated pictures.
    chooser = random.Random(f"{options.split}/{options.seed}")
    chosen = captions.choose(options.split, options.count, options.languages.split(","), chooser)
    templates = scenes.templates(options.split, max(1, options.count // CAPTIONS_PER_TEMPLATE))
    names = [name for name in options.styles.split(",") if name]
    with open(options.out / "truth.jsonl", "w", encoding="utf-8") as truth:
        for number, caption in enumerate(chosen):
            random_ = random.Random(f"{options.split}/{options.seed}/{number}")
            template, style = random_.choice(templates), chosen_style(names, random_)
            image = render(caption, template, style, random_)
            file = f"{number:05}.jpg"
            quality = random_.choice([30, 50, 70, 90])
            image.save(options.out / file, quality=quality)
            line = {"file": file, "key": caption.key, "caption": caption.text, "emotion": caption.emotion,
                    "language": caption.language, "template": template.key, "subject": template.subject,
                    "colour": None if style is styles.chat else template.colour,  # there most is the wall paper
                    "style": style.__name__, "width": image.width, "height": image.height}
            truth.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
