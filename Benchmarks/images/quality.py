"""How close a variant comes to the source: PSNR and SSIM of the luma."""

import io

import numpy
from PIL import Image, ImageOps


class Reference:
    """The source reduced by Pillow's Lanczos filter from all its pixels, as stored and as a person sees it."""

    def __init__(self, path, side):
        stored = Image.open(path)
        stored.load()
        self.pictures = [luma(reduced(one, side)) for one in (stored.convert("RGB"), turned(stored))]

    def compare(self, data):
        """PSNR in dB and SSIM of an encoded picture; (None, None) when its size is another."""
        found = luma(Image.open(io.BytesIO(data)).convert("RGB"))
        for reference in self.pictures:
            if reference.shape == found.shape:
                return psnr(reference, found), ssim(reference, found)
        return None, None


def turned(image):
    return ImageOps.exif_transpose(image).convert("RGB")


def reduced(image, side):
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
    return image


def luma(image):
    return numpy.asarray(image.convert("L"), numpy.float64)


def psnr(left, right):
    return float(10 * numpy.log10(255**2 / numpy.mean((left - right) ** 2)))


def ssim(left, right):
    """Wang et al. 2004: a Gaussian window of 11 pixels, sigma 1.5."""
    offsets = numpy.arange(-5, 6)
    window = numpy.exp(-(offsets**2) / (2 * 1.5**2))
    window /= window.sum()

    def blur(image):
        rows = sum(weight * image[index : image.shape[0] - 10 + index] for index, weight in enumerate(window))
        return sum(weight * rows[:, index : rows.shape[1] - 10 + index] for index, weight in enumerate(window))

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_l, mean_r = blur(left), blur(right)
    var_l, var_r = blur(left**2) - mean_l**2, blur(right**2) - mean_r**2
    both = blur(left * right) - mean_l * mean_r
    index = ((2 * mean_l * mean_r + c1) * (2 * both + c2)) / ((mean_l**2 + mean_r**2 + c1) * (var_l + var_r + c2))
    return float(index.mean())
