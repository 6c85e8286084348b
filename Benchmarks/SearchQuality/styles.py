"""The ways in which memes carry their text. Each function takes a scene and a caption and gives the finished picture."""
import dataclasses
import functools
import pathlib
import random

from PIL import Image, ImageDraw, ImageFont

DEJAVU = pathlib.Path("/usr/share/fonts/truetype/dejavu")
CHINESE = pathlib.Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@functools.cache
def faces() -> list[str]:
    """The text faces of DejaVu, 21 with fonts-dejavu-extra."""
    names = sorted(path.name for path in DEJAVU.glob("*.ttf") if "Math" not in path.name)
    if len(names) != 21:
        raise SystemExit(f"found {len(names)} of the 21 faces of DejaVu: apt-get install fonts-dejavu-core "
                         "fonts-dejavu-extra")
    return names


@functools.lru_cache(maxsize=512)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(CHINESE if name == CHINESE.name else DEJAVU / name), size)


def font(name: str, size: float, language: str) -> ImageFont.FreeTypeFont:
    if language == "zh":
        if not CHINESE.exists():
            raise SystemExit("no Chinese font: apt-get install fonts-wqy-microhei, or leave zh out of --languages")
        name = CHINESE.name
    return _font(name, round(size))


def wrap(text: str, face: ImageFont.FreeTypeFont, width: float, language: str) -> list[str]:
    """Lines no wider than `width`, broken between words, or between characters of Chinese."""
    pieces, joint = (list(text), "") if language == "zh" else (text.split(), " ")
    lines = [pieces[0]]
    for piece in pieces[1:]:
        longer = lines[-1] + joint + piece
        if face.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


def halves(text: str, language: str) -> list[str]:
    """What stands above and below: short captions in one piece."""
    pieces, joint = (list(text), "") if language == "zh" else (text.split(), " ")
    if len(pieces) < 5:
        return ["", text]
    middle = len(pieces) // 2
    return [joint.join(pieces[:middle]), joint.join(pieces[middle:])]


def lines_at(draw, lines, face, middle, top, **look):
    """Centred lines from `top` down; gives the y below them."""
    step = sum(face.getmetrics()) * 1.05
    for line in lines:
        draw.text((middle - face.getlength(line) / 2, top), line, font=face, **look)
        top += step
    return top


def _outlined(image, caption, face, fill, stroke, random_):
    """Lines at the top and the bottom, on a layer of their own that may be turned a little."""
    layer = Image.new("RGBA", image.size, fill + (0,))
    draw = ImageDraw.Draw(layer)
    margin = image.width * 0.05
    width = max(2, round(face.size / 14))
    look = {"fill": fill + (255,), "stroke_width": width, "stroke_fill": stroke + (255,)}
    top, bottom = (wrap(half, face, image.width - 2 * margin, caption.language) if half else []
                   for half in halves(caption.text, caption.language))
    step = sum(face.getmetrics()) * 1.05
    lines_at(draw, top, face, image.width / 2, margin * 0.7, **look)
    lines_at(draw, bottom, face, image.width / 2, image.height - margin * 0.9 - step * len(bottom), **look)
    if random_.random() < 0.3:
        layer = layer.rotate(random_.uniform(-4, 4), Image.Resampling.BICUBIC)
    image.paste(layer, (0, 0), layer)
    return image


def impact(image, caption, random_):
    """Narrow bold capitals, white with a black outline, as on most memes."""
    face = font("DejaVuSansCondensed-Bold.ttf", image.width / random_.uniform(9, 13), caption.language)
    return _outlined(image, _capitals(caption), face, WHITE, BLACK, random_)


def colour(image, caption, random_):
    """Any face in any strong colour, with an outline of the other brightness."""
    face = font(random_.choice(faces()), image.width / random_.uniform(10, 16), caption.language)
    fill = (0, 0, 0)
    while max(fill) - min(fill) < 90:
        fill = tuple(random_.randrange(256) for _ in range(3))
    bright = 0.299 * fill[0] + 0.587 * fill[1] + 0.114 * fill[2] > 110
    return _outlined(image, caption, face, fill, BLACK if bright else WHITE, random_)


def small(image, caption, random_):
    """Plain small text at the bottom without any outline, white or, on a bright picture, black."""
    face = font(random_.choice(faces()), random_.uniform(14, 20), caption.language)
    lines = wrap(caption.text, face, image.width * 0.9, caption.language)
    step = sum(face.getmetrics()) * 1.05
    top = image.height - step * len(lines) - image.height * random_.uniform(0.03, 0.12)
    band = image.crop((0, round(top), image.width, round(top + step * len(lines)))).convert("L").resize((1, 1))
    lines_at(ImageDraw.Draw(image), lines, face, image.width / 2, top,
             fill=WHITE if band.getpixel((0, 0)) < 150 else BLACK)
    return image


def panel(image, caption, random_):
    """Black text on a white panel above the picture."""
    face = font(random_.choice(faces()), image.width / random_.uniform(14, 22), caption.language)
    lines = wrap(caption.text, face, image.width * 0.92, caption.language)
    gap = round(face.size * 0.6)
    height = round(sum(face.getmetrics()) * 1.05 * len(lines)) + 2 * gap
    whole = Image.new("RGB", (image.width, image.height + height), WHITE)
    whole.paste(image, (0, height))
    draw = ImageDraw.Draw(whole)
    for number, line in enumerate(lines):
        draw.text((gap, gap + number * sum(face.getmetrics()) * 1.05), line, font=face, fill=(16, 16, 16))
    return whole


def strip(image, caption, random_):
    """Two pictures, one above the other, each with half of the caption at its bottom."""
    face = font("DejaVuSans-Bold.ttf", image.width / random_.uniform(14, 18), caption.language)
    half = image.resize((image.width, round(image.height * 0.6)))
    whole = Image.new("RGB", (image.width, 2 * half.height + 6), WHITE)
    look = {"fill": WHITE, "stroke_width": max(1, round(face.size / 16)), "stroke_fill": BLACK}
    for number, text in enumerate(halves(caption.text, caption.language)):
        top = number * (half.height + 6)
        whole.paste(half, (0, top))
        if not text:
            continue
        lines = wrap(text, face, image.width * 0.9, caption.language)
        step = sum(face.getmetrics()) * 1.05
        lines_at(ImageDraw.Draw(whole), lines, face, image.width / 2, top + half.height - step * len(lines) - 8, **look)
    return whole


def chat(image, caption, random_):
    """A screenshot of a conversation, the picture among its bubbles."""
    face = font(random_.choice(["DejaVuSans.ttf", "DejaVuSansCondensed.ttf"]), random_.uniform(17, 24), caption.language)
    whole = Image.new("RGB", (image.width, round(image.height * 1.1)), (236, 229, 221))
    draw = ImageDraw.Draw(whole)
    small_picture = image.resize((image.width // 2, image.height // 2))
    whole.paste(small_picture, (16, 16))
    top = small_picture.height + 32
    for number, text in enumerate(part for part in halves(caption.text, caption.language) if part):
        lines = wrap(text, face, image.width * 0.66, caption.language)
        width, step = max(face.getlength(line) for line in lines), sum(face.getmetrics()) * 1.05
        left = 16 if number == 0 else image.width - width - 48
        draw.rounded_rectangle((left, top, left + width + 32, top + step * len(lines) + 20), 12,
                               fill=WHITE if number == 0 else (208, 244, 196))
        for row, line in enumerate(lines):
            draw.text((left + 16, top + 10 + row * step), line, font=face, fill=(20, 24, 28))
        top += step * len(lines) + 36
    return whole


def _capitals(caption):
    return dataclasses.replace(caption, text=caption.text.upper())


# How often each occurs among 100 pictures.
STYLES = {impact: 34, colour: 20, small: 18, panel: 16, strip: 6, chat: 6}


def choose(random_: random.Random):
    return random_.choices(list(STYLES), weights=list(STYLES.values()))[0]
