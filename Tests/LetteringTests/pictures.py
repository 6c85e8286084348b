"""Draws the pictures of these tests into the folder named."""
import pathlib
import sys

from PIL import Image, ImageDraw, ImageFont

FACES = "/usr/share/fonts/truetype/dejavu/"


def face(size, name="DejaVuSans"):
    return ImageFont.truetype(f"{FACES}{name}.ttf", size)


def main():
    folder = pathlib.Path(sys.argv[1])
    sign = Image.new("RGB", (640, 240), (240, 230, 200))
    clean = sign.copy()
    ImageDraw.Draw(sign).text((60, 90), "seven green apples", font=face(44), fill=(30, 40, 90))
    sign.save(folder / "sign.png")
    clean.save(folder / "sign-clean.png")


main()
