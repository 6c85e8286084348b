"""Draws the pictures of these tests into the folder named; NAME-clean.png is the same without its text."""
import math
import pathlib
import random
import sys

from PIL import Image, ImageDraw, ImageFont

FACES = "/usr/share/fonts/truetype/dejavu/"
INK, PAPER = (30, 40, 90), (240, 230, 200)


def face(name, size):
    return ImageFont.truetype(f"{FACES}{name}.ttf", size)


def draw(folder, name, ground, texts, turned=0):
    """`texts`: place, text, face, size and more for ImageDraw."""
    ground.save(folder / f"{name}-clean.png")
    image = ground.copy()
    for place, text, name_, size, more in texts:
        ImageDraw.Draw(image).text(place, text, font=face(name_, size), **{"fill": INK, **more})
    if turned:
        image = image.rotate(-turned, Image.Resampling.BICUBIC, fillcolor=PAPER)
    image.save(folder / f"{name}.png")
    return image


def turned(image, middle, angle, text, name, size, fill):
    """Draws a line turned clockwise, with its middle at `middle`."""
    letters = Image.new("L", (image.width, image.height))
    ImageDraw.Draw(letters).text(middle, text, font=face(name, size), fill=255, anchor="mm")
    image.paste(fill, mask=letters.rotate(-angle, Image.Resampling.BICUBIC, center=middle))


def paper(size=(640, 200), colour=PAPER, mode="RGB"):
    return Image.new(mode, size, colour)


def gradient(size, noise=0):
    chooser = random.Random(3)
    image = Image.new("RGB", size)
    for y in range(size[1]):
        for x in range(size[0]):
            shade = 60 + 50 * math.sin(x / 90) * math.cos(y / 400) + chooser.gauss(0, noise)
            image.putpixel((x, y), (int(shade), int(shade * 0.8) + 10, int(shade * 0.6) + 40))
    return image


def main():
    folder = pathlib.Path(sys.argv[1])
    sans, bold, serif, slant = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSans-Oblique"
    sentence = "seven green apples"
    sign = draw(folder, "sign", paper(), [((60, 70), sentence, sans, 40, {})])
    exif = Image.Exif()
    exif[0x0112] = 6
    sign.transpose(Image.Transpose.ROTATE_90).save(folder / "turned.jpg", quality=95, exif=exif)
    draw(folder, "bold", paper(), [((60, 70), sentence, bold, 34, {})])
    draw(folder, "serif", paper(), [((60, 70), sentence, serif, 40, {})])
    draw(folder, "slant", paper(), [((60, 70), sentence, slant, 40, {})])
    draw(folder, "bright", paper(colour=(20, 30, 60)), [((60, 70), sentence, sans, 40, {"fill": (255, 220, 90)})])
    lines = ["the water of the lake", "is cold until", "the end of June"]
    for name, x, anchor in (("left", 60, "la"), ("centre", 320, "ma"), ("right", 580, "ra")):
        draw(folder, name, paper((640, 260)),
             [((x, 50 + 42 * row), line, sans, 30, {"anchor": anchor}) for row, line in enumerate(lines)])
    white = {"fill": (255, 255, 255)}
    draw(folder, "meme", gradient((560, 200), noise=6),
         [((280, 60), "COFFEE FIRST", bold, 48, {**white, "anchor": "ma", "stroke_width": 3, "stroke_fill": (0, 0, 0)})])
    draw(folder, "narrow", gradient((560, 200), noise=6),
         [((280, 60), "COFFEE FIRST", "DejaVuSansCondensed-Bold", 38,
           {**white, "anchor": "ma", "stroke_width": 3, "stroke_fill": (0, 0, 0)})])
    draw(folder, "soft", gradient((560, 200)), [((60, 70), "Mind the gap", sans, 44, white)])
    draw(folder, "shadow", gradient((560, 200)),
         [((63, 73), "Mind the gap", sans, 44, {"fill": (0, 0, 0)}), ((60, 70), "Mind the gap", sans, 44, white)])
    draw(folder, "tilted", paper((700, 400)),
         [((120, 130), "Tickets at the entrance", serif, 36, {}), ((120, 176), "and at every counter", serif, 36, {})],
         turned=8)
    angles = draw(folder, "angles", paper((800, 560)), [((60, 40), "Harvest dinner in the garden", sans, 36, {})])
    turned(angles, (230, 300), 11, "Fresh lemonade", bold, 38, (120, 20, 30))
    turned(angles, (570, 420), -7, "Bring a blanket", serif, 34, INK)
    angles.save(folder / "angles.png")
    draw(folder, "labels", paper(colour=(30, 32, 40)),
         [((40, 40), "Search", sans, 24, white), ((360, 40), "Settings", sans, 24, white),
          ((40, 120), "Log out", sans, 24, white), ((360, 120), "Dark mode", sans, 24, white)])
    columns = []
    for x in (40, 420):
        for row in range(5):
            columns.append(((x, 40 + 30 * row), f"{'left' if x < 100 else 'right'} column line {row + 1}", sans, 22, {}))
    draw(folder, "columns", paper((760, 260)), columns)
    # JPEG keeps the tint of these thin letters at half the size.
    draw(folder, "tint", paper((300, 80), (255, 255, 255)),
         [((30, 30), "Recent documents", sans, 13, {"fill": (40, 60, 140)})]).save(folder / "tint.jpg", quality=80)
    # Bicubic turning makes the letters' middles darker than their ink.
    draw(folder, "overshot", paper((700, 400)),
         [((120, 130), "Tickets at the entrance", sans, 22, {"fill": (60, 60, 60)}),
          ((120, 160), "and at every counter", sans, 22, {"fill": (60, 60, 60)})], turned=8)
    button = paper((640, 240), (24, 26, 34))
    ImageDraw.Draw(button).rectangle((40, 150, 139, 199), fill=(70, 110, 220))
    draw(folder, "button", button,
         [((40, 40), "Your account", sans, 24, white), ((90, 163), "Cancel", sans, 20, {**white, "anchor": "ma"})])
    draw(folder, "clear", paper(colour=(0, 0, 0, 0), mode="RGBA"), [((60, 70), sentence, sans, 40, {"fill": "black"})])
    draw(folder, "plain", paper((300, 200)), [])


main()
