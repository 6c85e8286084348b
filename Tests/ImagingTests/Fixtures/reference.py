#!/usr/bin/env python3
"""Prints the values that FactsTests expects, as other people's programs compute them:
python3 -m pip install pillow==13.0.0 numpy scipy ImageHash blurhash && python3 -m pip install --no-deps thumbhash-python
"""
import base64, pathlib
import blurhash, imagehash, numpy, scipy.fft, thumbhash
from PIL import Image

HERE = pathlib.Path(__file__).parent


def drawn(width, height, alpha):
    """The same formula as `Sample.drawn` in the tests."""
    y, x = numpy.mgrid[0:height, 0:width]
    opacity = numpy.minimum(255, x * 10 + y) if alpha else numpy.full_like(x, 255)
    channels = [(x * 9 + x * y) % 256, (y * 7 + x * x) % 256, (x * y * 3) % 256, opacity]
    return Image.fromarray(numpy.stack(channels, axis=2).astype(numpy.uint8))


def grey(width, height):
    y, x = numpy.mgrid[0:height, 0:width]
    return Image.fromarray(((x * x * 37 + y * y * 11 + x * y * 53) % 256).astype(numpy.uint8))


def number(bits):
    return "%016x" % int("".join("1" if bit else "0" for bit in bits.flatten()), 2)


for size in ((32, 24), (24, 32), (40, 40), (90, 10)):
    picture = drawn(*size, alpha=False)
    across, down = (4, 3) if size[0] >= size[1] else (3, 4)
    print("blurhash", size, blurhash.encode(numpy.array(picture.convert("RGB")), across, down))
for size, alpha in (((32, 24), False), ((24, 32), False), ((40, 40), True), ((90, 10), False), ((60, 100), True)):
    picture = drawn(*size, alpha=alpha)
    hashed = thumbhash.encode.rgba_to_thumbhash(*size, list(picture.tobytes()))
    print("thumbhash", size, alpha, base64.b64encode(bytes(hashed)).decode())
strengths = scipy.fft.dctn(numpy.array(grey(32, 32), float))[:8, :8]
low = strengths > numpy.median(strengths.flatten()[1:])
low[0, 0] = False
print("phash", number(low), "ImageHash", imagehash.phash(grey(32, 32)))
print("dhash", imagehash.dhash(grey(9, 8)))
for name in ("photo.jpg", "other-1.jpg", "other-2.jpg", "other-3.jpg"):
    photo = Image.open(HERE / name).convert("RGB")
    print("average", name, "#%02x%02x%02x" % photo.resize((1, 1), Image.LANCZOS).getpixel((0, 0)))
