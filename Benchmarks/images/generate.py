"""Pictures that compress like photos, the same on every machine: noise in seven octaves, shapes, and sensor noise."""

import io
import math
import pathlib
import struct
import zlib

import numpy
from PIL import ExifTags, Image, ImageDraw

from harness.report import ROOT

SEED = 7
SIZES = {0.5: (816, 612), 2: (1632, 1224), 12: (4032, 3024), 24: (6000, 4000)}
FOLDER = ROOT / ".pictor" / "bench"


def picture(megapixels, kind):
    """The path of a picture; made once and kept. `kind` is jpg, png or webp."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"seed{SEED}-{megapixels:g}mp.{kind}"
    if not path.exists():
        path.write_bytes(encoded(pixels(*SIZES[megapixels]), kind))
    return path


def pixels(width, height):
    chance = numpy.random.default_rng(SEED)
    luma = noise(chance, width, height, 70)
    # Colour changes with brightness, and more slowly than it.
    red, blue = (0.3 * luma + noise(chance, width, height, 22) for _ in range(2))
    canvas = numpy.stack([128 + luma + red, 128 + luma - 0.5 * (red + blue), 128 + luma + blue], axis=-1)
    image = Image.fromarray(numpy.clip(canvas, 0, 255).astype(numpy.uint8))
    draw_shapes(chance, image)
    grain = chance.normal(0, 4.2, (height, width, 1))
    return Image.fromarray(numpy.clip(numpy.asarray(image) + grain, 0, 255).astype(numpy.uint8))


def noise(chance, width, height, strength):
    """Value noise: seven grids of random values, each twice as fine and half as strong as the one before."""
    total = numpy.zeros((height, width), numpy.float32)
    for octave in range(7):
        cells = 3 * 2**octave
        grid = chance.uniform(-1, 1, (cells * height // width + 2, cells + 2)).astype(numpy.float32)
        total += 0.5**octave * numpy.asarray(Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC))
    return strength * total


def draw_shapes(chance, image):
    draw = ImageDraw.Draw(image)
    for number in range(60):
        x, y = chance.uniform(0, image.width), chance.uniform(0, image.height)
        size = image.width * chance.uniform(0.01, 0.08)
        colour = tuple(int(value) for value in chance.integers(20, 236, 3))
        if number % 3 == 0:
            draw.ellipse((x - size, y - size, x + size, y + size), fill=colour)
        elif number % 3 == 1:
            draw.rectangle((x - size, y - size / 2, x + size, y + size / 2), fill=colour)
        else:
            turn = chance.uniform(0, 2 * math.pi)
            draw.polygon([(x + size * math.cos(turn + step * 2.1), y + size * math.sin(turn + step * 2.1))
                          for step in range(3)], fill=colour)


def encoded(image, kind):
    out = io.BytesIO()
    match kind:
        case "jpg":
            image.save(out, "JPEG", quality=90, exif=phone_exif())
        case "png":
            image.save(out, "PNG", compress_level=6)
        case "webp":
            image.save(out, "WEBP", quality=90, method=4)
    return out.getvalue()


def phone_exif():
    """Turned by 90 degrees, with a position: both must be gone afterwards."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    position[ExifTags.GPS.GPSLatitudeRef] = "N"
    position[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    position[ExifTags.GPS.GPSLongitudeRef] = "E"
    position[ExifTags.GPS.GPSLongitude] = (13.0, 24.0, 18.0)
    return exif


def salted(data, number):
    """The same pixels in a file of its own, because equal files are encoded only once."""
    salt = b"salt %d" % number
    if data[:2] == b"\xff\xd8":
        return data[:2] + b"\xff\xfe" + struct.pack(">H", len(salt) + 2) + salt + data[2:]
    if data[:4] == b"\x89PNG":
        chunk = b"tEXt" + b"Comment\0" + salt
        return data[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]
    salt = salt.ljust(16)
    body = data[8:] + b"salt" + struct.pack("<I", len(salt)) + salt
    return b"RIFF" + struct.pack("<I", len(body)) + body


def salted_file(path, number, folder):
    copy = pathlib.Path(folder) / f"{number}{path.suffix}"
    copy.write_bytes(salted(path.read_bytes(), number))
    return copy
