"""Drawing texts with what is known of each: their blocks, lines and boxes."""
from PIL import Image, ImageDraw, ImageFont

import metrics

FOLDER = "/usr/share/fonts/truetype/dejavu/"
# Name of the file, serif, bold, italic.
FACES = {
    "sans": ("DejaVuSans", False, False, False),
    "sans-bold": ("DejaVuSans-Bold", False, True, False),
    "serif": ("DejaVuSerif", True, False, False),
    "serif-bold": ("DejaVuSerif-Bold", True, True, False),
    "sans-italic": ("DejaVuSans-Oblique", False, False, True),
    "condensed-bold": ("DejaVuSansCondensed-Bold", False, True, False),
}


def font(face, size):
    return ImageFont.truetype(f"{FOLDER}{FACES[face][0]}.ttf", size)


def wrapped(text, face, width):
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


class Page:
    """A picture with text, and its twin without."""

    def __init__(self, ground):
        self.clean = ground
        self.image = ground.copy()
        self.draw = ImageDraw.Draw(self.image)
        self.blocks = []

    @property
    def size(self):
        return self.image.size

    def block(self, pair, place, width, face, size, ink, alignment="left", pitch=1.25, stroke=None, shadow=None):
        """Sets the first of a pair of texts into lines of at most `width`; `place` is left (or middle, or right) and top.

        Returns the first row below."""
        text, other = pair
        letters = font(face, size)
        anchor = {"left": "la", "centre": "ma", "right": "ra"}[alignment]
        boxes, (x, y) = [], place
        outline = {"stroke_width": stroke[1], "stroke_fill": stroke[0]} if stroke else {}
        lines = wrapped(text, letters, width)
        for line in lines:
            if shadow:
                self.draw.text((x + shadow[1], y + shadow[1]), line, font=letters, fill=shadow[0], anchor=anchor)
            self.draw.text((x, y), line, font=letters, fill=ink, anchor=anchor, **outline)
            boxes.append(list(map(round, self.draw.textbbox((x, y), line, font=letters, anchor=anchor))))
            y += round(size * pitch)
        _, serif, bold, italic = FACES[face]
        self.blocks.append({
            "text": text, "other": other, "box": around(boxes), "angle": 0,
            "lines": [{"text": line, "box": box} for line, box in zip(lines, boxes)],
            "style": {"size": size, "alignment": alignment, "serif": serif, "bold": bold, "italic": italic,
                      "colour": list(ink), "stroke": list(stroke[0]) if stroke else None},
        })
        return y

    def turned_block(self, pair, middle, width, face, size, ink, angle, **more):
        """Sets a text that is turned clockwise by degrees, with its middle at `middle`."""
        lines = wrapped(pair[0], font(face, size), width)
        centre = self.size[0] / 2, self.size[1] / 2
        x, y = metrics.turned(middle, -angle, centre)
        x -= 0 if more.get("alignment") == "centre" else max(font(face, size).getlength(line) for line in lines) / 2
        level = Page(Image.new("RGB", self.size))
        level.block(pair, (round(x), round(y - 0.625 * size * len(lines))), width, face, size, (255, 255, 255), **more)
        letters = level.image.convert("L").rotate(-angle, Image.Resampling.BICUBIC)
        self.image.paste(ink, mask=letters)
        block = level.blocks[0]
        block["style"]["colour"] = list(ink)
        self.blocks.append({**block, "angle": angle})


def around(boxes):
    return [min(box[0] for box in boxes), min(box[1] for box in boxes), max(box[2] for box in boxes),
            max(box[3] for box in boxes)]
