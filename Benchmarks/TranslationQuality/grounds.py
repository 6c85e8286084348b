"""What lies behind texts."""
import numpy
from PIL import Image


def plain(size, colour):
    return Image.new("RGB", size, colour)


def gradient(size, top, bottom):
    shares = numpy.linspace(0, 1, size[1])[:, None, None]
    rows = numpy.array(top) * (1 - shares) + numpy.array(bottom) * shares
    return Image.fromarray(numpy.repeat(rows, size[0], axis=1).round().astype("uint8"))


def photo(size, chooser, noise, darkest=20, brightest=200):
    """Soft blobs of a few colours with sensor noise, as a blurred photo has."""
    random = numpy.random.default_rng(chooser.randrange(1 << 32))
    small = random.uniform(darkest, brightest, (chooser.randint(4, 8), chooser.randint(4, 8), 3))
    small = 0.5 * small + 0.5 * small.mean(axis=2, keepdims=True)
    image = Image.fromarray(small.astype("uint8")).resize(size, Image.Resampling.BICUBIC)
    pixels = numpy.asarray(image, dtype="float32") + random.normal(0, noise, (size[1], size[0], 1))
    return Image.fromarray(pixels.clip(0, 255).astype("uint8"))
