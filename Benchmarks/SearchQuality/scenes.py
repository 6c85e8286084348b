"""Backgrounds: a base colour, shapes, and a thing made of primitives, so that colour and subject are known."""
import dataclasses
import random

import numpy
from PIL import Image, ImageDraw, ImageFilter

COLOURS = {
    "red": (196, 48, 44), "orange": (226, 128, 38), "yellow": (228, 200, 64), "green": (62, 142, 74),
    "blue": (48, 96, 188), "purple": (124, 70, 160), "pink": (226, 134, 172), "brown": (116, 80, 52),
    "gray": (128, 130, 132), "black": (34, 34, 38), "white": (226, 226, 222),
}
SUBJECTS = ["cat", "car", "sun", "house", "tree", "robot", "fish", "cup"]
SPLITS = {"dev": 11_000, "test": 29_000, "final": 47_000}  # first seed of the templates


@dataclasses.dataclass(frozen=True)
class Template:
    key: str
    seed: int
    subject: str
    colour: str


def templates(split: str, count: int) -> list[Template]:
    """`count` backgrounds; two splits share none."""
    made = []
    for number in range(count):
        seed = SPLITS[split] + number
        random_ = random.Random(seed)
        made.append(Template(f"{split}-template-{number:03}", seed, random_.choice(SUBJECTS),
                             random_.choice(list(COLOURS))))
    return made


def _shade(colour, amount):
    return tuple(max(0, min(255, channel + amount)) for channel in colour)


def _shape(draw, random_, size, colour):
    width, height = size
    x, y = random_.uniform(-0.1, 0.9) * width, random_.uniform(-0.1, 0.9) * height
    across, down = random_.uniform(0.05, 0.3) * width, random_.uniform(0.05, 0.3) * height
    kind = random_.randrange(3)
    if kind == 0:
        draw.rectangle((x, y, x + across, y + down), fill=colour)
    elif kind == 1:
        draw.ellipse((x, y, x + across, y + down), fill=colour)
    else:
        draw.polygon([(x, y), (x + across, y + down / 3), (x + across / 3, y + down)], fill=colour)


def _cat(draw, box, light, dark):
    box("ellipse", 0.15, 0.3, 0.85, 0.95, light)
    draw([(0.2, 0.5), (0.22, 0.05), (0.5, 0.35)], light)
    draw([(0.8, 0.5), (0.78, 0.05), (0.5, 0.35)], light)
    for x in (0.33, 0.6):
        box("ellipse", x, 0.5, x + 0.08, 0.62, dark)
    draw([(0.46, 0.68), (0.54, 0.68), (0.5, 0.74)], dark)


def _car(draw, box, light, dark):
    box("rectangle", 0.05, 0.5, 0.95, 0.75, light)
    draw([(0.2, 0.5), (0.32, 0.28), (0.68, 0.28), (0.8, 0.5)], light)
    for x in (0.18, 0.64):
        box("ellipse", x, 0.66, x + 0.18, 0.86, dark)


def _sun(draw, box, light, dark):
    for step in range(4):
        inset = 0.08 * step
        draw([(0.5, inset), (1 - inset, 0.5), (0.5, 1 - inset), (inset, 0.5)], dark if step % 2 else light)
    box("ellipse", 0.25, 0.25, 0.75, 0.75, light)


def _house(draw, box, light, dark):
    box("rectangle", 0.15, 0.45, 0.85, 0.95, light)
    draw([(0.05, 0.45), (0.5, 0.05), (0.95, 0.45)], dark)
    box("rectangle", 0.42, 0.65, 0.58, 0.95, dark)


def _tree(draw, box, light, dark):
    box("rectangle", 0.44, 0.6, 0.56, 0.98, dark)
    for top in (0.05, 0.22, 0.39):
        draw([(0.5, top), (0.85, top + 0.33), (0.15, top + 0.33)], light)


def _robot(draw, box, light, dark):
    box("rectangle", 0.3, 0.1, 0.7, 0.4, light)
    box("rectangle", 0.2, 0.45, 0.8, 0.85, light)
    for x in (0.38, 0.54):
        box("rectangle", x, 0.2, x + 0.08, 0.28, dark)
    for x in (0.28, 0.6):
        box("rectangle", x, 0.85, x + 0.12, 1, dark)


def _fish(draw, box, light, dark):
    box("ellipse", 0.1, 0.3, 0.75, 0.7, light)
    draw([(0.7, 0.5), (0.95, 0.28), (0.95, 0.72)], light)
    box("ellipse", 0.22, 0.42, 0.28, 0.48, dark)


def _cup(draw, box, light, dark):
    box("ellipse", 0.6, 0.35, 0.9, 0.7, dark)
    box("ellipse", 0.66, 0.42, 0.84, 0.63, light)
    box("rectangle", 0.2, 0.25, 0.7, 0.85, dark)


_DRAWINGS = {"cat": _cat, "car": _car, "sun": _sun, "house": _house, "tree": _tree, "robot": _robot, "fish": _fish,
             "cup": _cup}


def _subject(image, template, random_):
    draw = ImageDraw.Draw(image)
    width, height = image.size
    side = random_.uniform(0.35, 0.5) * min(width, height)
    left, top = random_.uniform(0.05, 0.9) * (width - side), random_.uniform(0.25, 0.75) * (height - side)

    def box(kind, x0, y0, x1, y1, colour):
        corners = (left + x0 * side, top + y0 * side, left + x1 * side, top + y1 * side)
        getattr(draw, kind)(corners, fill=colour)

    def polygon(points, colour):
        draw.polygon([(left + x * side, top + y * side) for x, y in points], fill=colour)

    light = COLOURS[random_.choice([name for name in COLOURS if name != template.colour])]
    _DRAWINGS[template.subject](polygon, box, light, _shade(light, -110 if sum(light) > 250 else 110))


def scene(template: Template, size: tuple[int, int], random_: random.Random) -> Image.Image:
    """The template in this size. `random_` gives what differs between two pictures of one template: noise."""
    own = random.Random(template.seed)
    base = COLOURS[template.colour]
    width, height = size
    top, bottom = numpy.array(_shade(base, own.randint(0, 24))), numpy.array(_shade(base, -own.randint(0, 24)))
    slope = numpy.linspace(0, 1, height)[:, None, None]
    rows = top * (1 - slope) + bottom * slope
    image = Image.fromarray(numpy.repeat(rows, width, axis=1).astype(numpy.uint8), "RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(own.randint(8, 25)):
        # Two of three shapes are shades of the base, so that it stays the colour of most of the picture.
        other = COLOURS[own.choice(list(COLOURS))]
        _shape(draw, own, size, other if own.random() < 0.33 else _shade(base, own.randint(-50, 50)))
    _subject(image, template, own)
    image = image.filter(ImageFilter.GaussianBlur(own.uniform(0, 4)))
    return noisy(image, own.choice([0, 6, 14]), random_)


def noisy(image: Image.Image, deviation: float, random_: random.Random) -> Image.Image:
    if not deviation:
        return image
    noise = numpy.random.default_rng(random_.getrandbits(63)).normal(0, deviation, (image.height, image.width, 3))
    return Image.fromarray(numpy.clip(numpy.asarray(image, dtype=float) + noise, 0, 255).astype(numpy.uint8), "RGB")
