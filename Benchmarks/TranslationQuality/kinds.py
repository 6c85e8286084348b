"""The kinds of pictures: each draws a page with texts of a split."""
from PIL import Image, ImageDraw

import grounds
import ink
import texts

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def meme(split, chooser):
    page = ink.Page(grounds.photo((800, 600), chooser, noise=chooser.choice([0, 6, 14])))
    size = chooser.randint(36, 60)
    top, bottom = chooser.sample(texts.of(split, texts.MEME), 2)
    face = chooser.choice(["sans-bold", "condensed-bold"])
    stroke = (BLACK, chooser.randint(2, 4))
    page.block(top, (400, 16), 740, face, size, WHITE, "centre", 1.15, stroke)
    lines = len(ink.wrapped(bottom[0], ink.font(face, size), 740))
    page.block(bottom, (400, 580 - round(1.15 * size * lines)), 740, face, size, WHITE, "centre", 1.15, stroke)
    return page


def comic(split, chooser):
    image = grounds.photo((1000, 1400), chooser, noise=4)
    draw = ImageDraw.Draw(image)
    places = [(270, 220), (730, 520), (280, 860), (720, 1180)]
    for x, y in places:
        draw.ellipse((x - 230, y - 130, x + 230, y + 130), fill=WHITE, outline=BLACK, width=3)
    page = ink.Page(image)
    face, size = chooser.choice(["sans", "sans-bold", "sans-italic"]), chooser.randint(22, 30)
    for (x, y), pair in zip(places, chooser.sample(texts.of(split, texts.DIALOGUE), 4)):
        lines = len(ink.wrapped(pair[0], ink.font(face, size), 290))
        page.block(pair, (x, y - round(1.25 * size * lines / 2)), 290, face, size, BLACK, "centre")
    return page


def doc2col(split, chooser):
    page = ink.Page(grounds.plain((1240, 1000), chooser.choice([WHITE, (250, 246, 235), (236, 240, 244)])))
    face, size = chooser.choice(["sans", "serif"]), chooser.randint(18, 23)
    page.block(chooser.choice(texts.of(split, texts.TITLE)), (80, 60), 1100, face + "-bold", 40, (20, 20, 30))
    for x in (80, 660):
        y = 160
        for _ in range(3):
            sentences = chooser.sample(texts.of(split, texts.PROSE), 3)
            pair = tuple(" ".join(parts) for parts in zip(*sentences))
            y = page.block(pair, (x, y), 500, face, size, (30, 30, 30)) + size
    return page


def darkui(split, chooser):
    dark = tuple(chooser.randint(18, 40) for _ in range(3))
    page = ink.Page(grounds.plain((900, 560), dark))
    labels = chooser.sample(texts.of(split, texts.LABEL), 7)
    panel = tuple(channel + 18 for channel in dark)
    bright = chooser.choice([(235, 235, 240), (200, 205, 215), (170, 200, 255)])
    for image in (page.clean, page.image):
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, 260, 560), fill=panel)
        draw.rounded_rectangle((320, 440, 620, 510), 12, fill=(70, 110, 220))
    for row, pair in enumerate(labels[:4]):
        page.block(pair, (28, 40 + 70 * row), 230, "sans", chooser.randint(18, 20), bright)
    page.block(labels[4], (320, 50), 540, "sans-bold", chooser.randint(28, 34), WHITE)
    page.block(labels[5], (320, 140), 540, "sans", chooser.randint(20, 24), bright)
    page.block(labels[6], (470, 460), 280, "sans-bold", 22, WHITE, "centre")
    return page


def poster(split, chooser):
    top = tuple(chooser.randint(20, 120) for _ in range(3))
    page = ink.Page(grounds.gradient((800, 1100), top, tuple(chooser.randint(10, 110) for _ in range(3))))
    bright = chooser.choice([WHITE, (255, 230, 120), (255, 220, 210)])
    face = chooser.choice(["sans-bold", "serif-bold"])
    y = page.block(chooser.choice(texts.of(split, texts.TITLE)), (400, 140), 700, face, chooser.randint(64, 84), bright,
                   "centre")
    for pair in chooser.sample(texts.of(split, texts.SIGN), 3):
        y = page.block(pair, (400, y + 110), 660, chooser.choice(["sans", "serif"]), chooser.randint(28, 40), bright,
                       "centre")
    return page


def small(split, chooser):
    page = ink.Page(grounds.plain((640, 300), chooser.choice([WHITE, (245, 245, 245)])))
    shade = chooser.randint(60, 105)
    face, y = chooser.choice(["sans", "serif"]), 24
    for _ in range(2):
        pair = tuple(" ".join(parts) for parts in zip(*chooser.sample(texts.of(split, texts.PROSE), 2)))
        y = page.block(pair, (30, y), 580, face, chooser.randint(11, 13), (shade, shade, shade), pitch=1.4) + 26
    page.block(chooser.choice(texts.of(split, texts.LABEL)), (610, 260), 400, face, 13, (40, 60, 140), "right")
    return page


def photo(split, chooser):
    is_bright = chooser.random() < 0.6
    darkest, brightest = (10, 120) if is_bright else (150, 245)
    page = ink.Page(grounds.photo((900, 600), chooser, chooser.choice([0, 3, 8]), darkest, brightest))
    shade = WHITE if is_bright else (20, 20, 20)
    shadow = (BLACK, 2) if is_bright and chooser.random() < 0.4 else None
    alignment, face = chooser.choice(["left", "centre"]), chooser.choice(["sans", "sans-bold", "serif"])
    x = 450 if alignment == "centre" else 60
    one, other = chooser.sample(texts.of(split, texts.SIGN), 2)
    page.block(one, (x, 70), 600, face, chooser.randint(36, 56), shade, alignment, shadow=shadow)
    page.block(other, (x, 400), 420, face, chooser.randint(28, 40), shade, alignment, shadow=shadow)
    return page


def rotated(split, chooser):
    colour = chooser.choice([WHITE, (244, 236, 214), (222, 232, 240)])
    page = ink.Page(grounds.plain((900, 500), colour))
    face = chooser.choice(["sans", "serif", "sans-bold"])
    size = chooser.randint(24, 34)
    y = page.block(chooser.choice(texts.of(split, texts.TITLE)), (170, 120), 560, face, size + 8, (60, 20, 20))
    for pair in chooser.sample(texts.of(split, texts.PROSE), 2):
        y = page.block(pair, (170, y + 24), 560, face, size - 6, (30, 30, 40))
    angle = chooser.choice([-1, 1]) * chooser.uniform(2, 15)
    page.image = page.image.rotate(-angle, Image.Resampling.BICUBIC, fillcolor=colour)
    for block in page.blocks:
        block["angle"] = angle
    return page


def mixed(split, chooser):
    """A level headline, and one or two texts that each stand at an angle of their own."""
    is_bright = chooser.random() < 0.4
    dark = tuple(chooser.randint(20, 90) for _ in range(3))
    light = chooser.choice([WHITE, (244, 236, 214), (222, 232, 240)])
    ground = chooser.choice(["plain", "gradient", "photo"])
    if ground == "photo":
        image = grounds.photo((1000, 760), chooser, 3, *((10, 110) if is_bright else (160, 245)))
    elif ground == "gradient" and is_bright:
        image = grounds.gradient((1000, 760), dark, tuple(chooser.randint(20, 90) for _ in range(3)))
    else:
        image = grounds.plain((1000, 760), dark if is_bright else light)
    page = ink.Page(image)
    inks = [WHITE, (255, 230, 120)] if is_bright else [(20, 20, 30), (120, 20, 30), (20, 60, 40)]
    page.block(chooser.choice(texts.of(split, texts.TITLE)), (500, 60), 880, chooser.choice(["sans-bold", "serif"]),
               chooser.randint(40, 60), chooser.choice(inks), "centre")
    page.block(chooser.choice(texts.of(split, texts.PROSE)), (70, 170), 860, "sans", chooser.randint(22, 28),
               chooser.choice(inks))
    places = chooser.choice([[(500, 500)], [(270, 480), (730, 530)]])
    for middle, pair in zip(places, chooser.sample(texts.of(split, texts.SIGN), len(places))):
        page.turned_block(pair, middle, 330, chooser.choice(["sans", "sans-bold", "serif"]), chooser.randint(28, 48),
                          chooser.choice(inks), chooser.choice([-1, 1]) * chooser.uniform(2, 15),
                          alignment=chooser.choice(["left", "centre"]))
    return page


KINDS = [meme, comic, doc2col, darkui, poster, small, photo, rotated, mixed]
