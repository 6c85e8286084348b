"""Draws the pictures of these tests into the folder named: a sentence in each, and where it stands in boxes.txt."""
import pathlib
import sys

from PIL import Image, ImageDraw, ImageFont

FACE = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 28)


def page(text, size=(640, 200), place=(40, 80), ground="white", ink="black", mode="RGB"):
    image = Image.new(mode, size, ground)
    ImageDraw.Draw(image).text(place, text, font=FACE, fill=ink)
    return image


def main():
    folder = pathlib.Path(sys.argv[1])
    sentence = "seven green apples tasted sweet"
    upright = page(sentence)
    upright.save(folder / "upright.jpg", quality=90)
    # Stored on its side: orientation 6 asks to turn it by 90 degrees clockwise, 8 the other way, 3 upside down.
    for orientation, turn in ((3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_90),
                              (8, Image.Transpose.ROTATE_270)):
        exif = Image.Exif()
        exif[0x0112] = orientation
        upright.transpose(turn).save(folder / f"turned-{orientation}.jpg", quality=90, exif=exif)
    frames = [page(text) for text in ("first frame speaks here", "second frame", "middle picture says hello",
                                      "the end is never read")]
    for name, more in (("frames.gif", {}), ("frames.webp", {"lossless": True})):
        frames[0].save(folder / name, save_all=True, append_images=frames[1:], duration=100, **more)
    page("white words without ground", ground=(0, 0, 0, 0), ink="white", mode="RGBA").save(folder / "clear-white.png")
    page("black words without ground", ground=(0, 0, 0, 0), ink="black", mode="RGBA").save(folder / "clear-black.png")
    page("", size=(300, 200), ground=(90, 120, 160)).save(folder / "plain.png")
    page("", size=(1, 1)).save(folder / "dot.png")
    page("a banner of great width", size=(3000, 1500), place=(200, 300)).resize((9000, 4500)).save(folder / "huge.png")
    dense = Image.new("RGB", (1600, 2000), "white")
    for row in range(55):
        ImageDraw.Draw(dense).text((20, 20 + 36 * row), f"{row} " + "lots of lines to read here " * 4, font=FACE, fill=0)
    dense.save(folder / "dense.png")
    left, top, right, bottom = FACE.getbbox("seven")
    (folder / "boxes.txt").write_text(f"{40 + left} {80 + top} {40 + right} {80 + bottom}\n")


main()
