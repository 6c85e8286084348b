#!/usr/bin/env python3
"""Makes every picture of this folder again: python3 -m pip install pillow==13.0.0 numpy && python3 make.py

`vips` of Debian's libvips-tools writes the HEIC.

With `--phone PATH` it writes one 12 MP photo of 2 to 3 MB instead, for measurements; that one is not committed.
Files can differ in bytes with other versions of Pillow; what they show does not.
"""
import io, pathlib, struct, subprocess, sys, zlib
import numpy
from PIL import Image, ImageDraw, PngImagePlugin

HERE = pathlib.Path(__file__).parent
RED = (200, 30, 30)
P3_RED = (184, 50, 41)  # what RED is in Display P3
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>XMP-SECRET</secret></x:xmpmeta>'


def scene(seed, width, height, grain):
    """Clouds of seven sizes with related channels, sixty shapes and grain: compresses like a photo."""
    chance = numpy.random.default_rng(seed)
    clouds = numpy.zeros((height, width, 3))
    for octave in range(7):
        cells = 2 ** (octave + 1)
        shared = chance.normal(size=(cells, cells, 1))
        cloud = (0.8 * shared + 0.35 * chance.normal(size=(cells, cells, 3))).astype(numpy.float32)
        for channel in range(3):
            small = Image.fromarray(cloud[:, :, channel], "F")
            clouds[:, :, channel] += numpy.asarray(small.resize((width, height), Image.BICUBIC)) * 0.6**octave
    pixels = Image.fromarray(numpy.clip(128 + 50 * clouds, 0, 255).astype(numpy.uint8))
    draw = ImageDraw.Draw(pixels)
    for _ in range(60):
        x, y = chance.integers(0, width), chance.integers(0, height)
        side = int(max(width, height) * chance.uniform(0.01, 0.08))
        colour = tuple(int(value) for value in chance.integers(0, 256, 3))
        (draw.ellipse if chance.random() < 0.5 else draw.rectangle)((x, y, x + side, y + side), fill=colour)
    noise = chance.normal(scale=grain, size=(height, width, 1))
    return Image.fromarray(numpy.clip(numpy.asarray(pixels) + noise, 0, 255).astype(numpy.uint8))


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "EXIF-SECRET"
    tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 22.0, 12.0), 3: "E", 4: (4.0, 53.0, 42.0)})
    return tags.tobytes()


def stored_for(orientation, upright):
    """The pixels that a camera stores so that `orientation` turns them into `upright`."""
    steps = {2: [Image.FLIP_LEFT_RIGHT], 3: [Image.ROTATE_180], 4: [Image.FLIP_TOP_BOTTOM], 5: [Image.TRANSPOSE],
             6: [Image.ROTATE_90], 7: [Image.TRANSVERSE], 8: [Image.ROTATE_270]}
    for step in steps.get(orientation, []):
        upright = upright.transpose(step)
    return upright


def profile(space, connection, kind, tags):
    """An ICC profile, version 4.2 (ICC.1:2022, 7)."""
    def text(words):
        data = words.encode("utf-16-be")
        return b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(data), 28) + data
    tags = {"desc": text("Fixture"), "cprt": text("CC0"), "wtpt": xyz(0.9642, 1, 0.8249), **tags}
    table, data = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name.encode() + struct.pack(">II", 132 + 12 * len(tags) + len(data), len(value))
        data += value + b"\0" * (-len(value) % 4)
    header = struct.pack(">I4sI4s4s4s12x4s28x", 128 + len(table) + len(data), b"none", 0x04200000, kind, space,
                         connection, b"acsp") + xyz(0.9642, 1, 0.8249)[8:]
    return header.ljust(128, b"\0") + table + data


def xyz(*values):
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def display_p3():
    curve = b"para\0\0\0\0" + struct.pack(">HH", 3, 0)
    curve += b"".join(struct.pack(">i", round(value * 65536)) for value in
                      (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    return profile(b"RGB ", b"XYZ ", b"mntr", {
        "rXYZ": xyz(0.51512, 0.24120, -0.00105), "gXYZ": xyz(0.29198, 0.69225, 0.04189),
        "bXYZ": xyz(0.15710, 0.06657, 0.78407), "rTRC": curve, "gTRC": curve, "bTRC": curve,
    })


def press():
    """A printing press on which full magenta on full yellow is exactly RED."""
    def lab(red, green, blue):
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
                  for v in (red / 255, green / 255, blue / 255)]
        to_d50 = [(0.4360747, 0.3850649, 0.1430804), (0.2225045, 0.7168786, 0.0606169),
                  (0.0139322, 0.0971045, 0.7141733)]
        whites = (0.9642, 1, 0.8249)
        f = [(lambda t: t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116)(
            sum(a * b for a, b in zip(row, linear)) / white) for row, white in zip(to_d50, whites)]
        return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])
    nodes = b""
    for cyan, magenta, yellow, key in numpy.ndindex(2, 2, 2, 2):
        light = 0 if key else 255
        colour = RED if (cyan, magenta, yellow, key) == (0, 1, 1, 0) else (
            light * (1 - cyan), light * (1 - magenta), light * (1 - yellow))
        l, a, b = lab(*colour)
        nodes += struct.pack(">HHH", round(l * 652.8), round((a + 128) * 256), round((b + 128) * 256))
    ramp = struct.pack(">HH", 0, 65535)
    matrix = b"".join(struct.pack(">i", value << 16) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    lut = b"mft2\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + struct.pack(">HH", 2, 2) + ramp * 4 + nodes + ramp * 3
    return profile(b"CMYK", b"Lab ", b"prtr", {"A2B0": lut})


def save(name, picture, **options):
    picture.save(HERE / name, **options)


def plain(mode, colour, size=(64, 48)):
    return Image.new(mode, size, colour)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, depth, colour_type, rows):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)) + chunk(b"IEND", b""))


def photos():
    photo = scene(7, 1600, 1200, 1.5)
    save("photo.jpg", stored_for(6, photo), quality=75, exif=exif(6))
    save("photo-edited.jpg", photo.resize((500, 375)).point(lambda value: min(255, int(value * 1.1 + 6))), quality=35)
    for number, name in enumerate(["other-1.jpg", "other-2.jpg", "other-3.jpg"]):
        save(name, scene(20 + number, 320, 240, 1.5), quality=70)


def orientations():
    # Blocks of 16 x 16: JPEG keeps plain blocks, and so equal pictures, exactly.
    upright = Image.new("RGB", (192, 128), (240, 240, 240))
    draw = ImageDraw.Draw(upright)
    for number in range(12):
        x, y = number % 4 * 16, number // 4 * 32
        draw.rectangle((x, y, x + 15, y + 15), fill=(20 * number, 255 - 20 * number, 90))
    draw.rectangle((128, 0, 191, 31), fill=RED)
    for orientation in range(1, 9):
        save(f"orientation-{orientation}.jpg", stored_for(orientation, upright), quality=95, subsampling=0,
             exif=exif(orientation))


def colours():
    palette = plain("P", 0, (320, 240))
    palette.putpalette([220, 30, 30, 180, 30, 30] + [0, 0, 0] * 254)
    palette.paste(1, (160, 0, 320, 240))
    save("palette.png", palette)
    see_through = plain("P", 0)
    see_through.putpalette([*RED, 0, 0, 255] + [0, 0, 0] * 254)
    see_through.paste(1, (32, 0, 64, 48))
    save("palette-alpha.png", see_through, transparency=bytes([255, 0]))
    save("grey-alpha.png", plain("LA", (128, 200)))
    (HERE / "grey16.png").write_bytes(png(64, 48, 16, 0, [b"\x7f\xff" * 64] * 48))
    (HERE / "rgb16.png").write_bytes(png(64, 48, 16, 2, [struct.pack(">HHH", *(v * 257 for v in RED)) * 64] * 48))
    (HERE / "grey1.png").write_bytes(png(64, 48, 1, 0, [b"\xff" * 4 + b"\0" * 4] * 48))
    rgba = plain("RGBA", (*RED, 255))
    rgba.paste((0, 0, 255, 0), (32, 0, 64, 48))
    save("rgba.png", rgba)
    save("grey.jpg", plain("L", 128), quality=95)
    save("display-p3.jpg", plain("RGB", P3_RED), quality=95, subsampling=0, icc_profile=display_p3())
    save("cmyk.jpg", plain("CMYK", (0, 255, 255, 0)), quality=95, icc_profile=press())
    save("cmyk-plain.jpg", plain("CMYK", (0, 255, 255, 0)), quality=95)


def formats():
    small = scene(3, 96, 64, 1.5)
    save("progressive.jpg", small, quality=80, progressive=True)
    (HERE / "interlaced.png").write_bytes(interlaced(small.resize((24, 16))))
    save("lossy.webp", small, quality=80)
    save("lossless.webp", small.resize((48, 32)), lossless=True)
    frames = [plain("RGB", colour) for colour in (RED, (0, 160, 0), (0, 0, 200))]
    save("animated.gif", frames[0], save_all=True, append_images=frames[1:], duration=100)
    save("animated.webp", frames[0], save_all=True, append_images=frames[1:], duration=100, lossless=True)


def interlaced(picture):
    """Adam7 (PNG, 8.2)."""
    pixels = numpy.asarray(picture)
    rows = []
    for x, y, across, down in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
                               (0, 1, 1, 2)):
        rows += [b"\0" + row.tobytes() for row in pixels[y::down, x::across]]
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 2, 0, 0, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9))
            + chunk(b"IEND", b""))


def metadata():
    picture = scene(4, 64, 48, 1.5)
    options = {"exif": exif(1), "icc_profile": display_p3()}
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=80, xmp=XMP, comment="COMMENT-SECRET", **options)
    iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", 16) + b"\x1c\x02\x78\x00\x0bIPTC-SECRET"
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    (HERE / "metadata.jpg").write_bytes(encoded.getvalue()[:2] + segment + encoded.getvalue()[2:])
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    text.add_text("Comment", "COMMENT-SECRET")
    save("metadata.png", picture.resize((32, 24)), pnginfo=text, **options)
    save("metadata.webp", picture, quality=80, xmp=XMP, **options)


def convertible():
    """One picture in every form that becomes a PNG; document.png is what they show."""
    picture = scene(9, 45, 30, 1.0)
    few = picture.quantize(16, dither=0)
    save("document.png", picture)
    save("document-16.png", few.convert("RGB"))
    save("document-1.png", picture.convert("1"))
    save("document-alpha.png", with_alpha(picture))
    save("rgb.bmp", picture)
    save("palette-8.bmp", few)
    save("one-bit.bmp", picture.convert("1"))
    rows = numpy.asarray(with_alpha(picture))[:, :, [2, 1, 0, 3]].tobytes()
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    head = struct.pack("<IiiHHIIiiII", 108, 45, -30, 1, 32, 3, len(rows), 0, 0, 0, 0) + masks
    head = head.ljust(108, b"\0")
    (HERE / "alpha-top-down.bmp").write_bytes(b"BM" + struct.pack("<IHHI", 122 + len(rows), 0, 0, 122) + head + rows)
    for name, coding in (("plain", None), ("lzw", "tiff_lzw"), ("deflate", "tiff_adobe_deflate"), ("packbits", "packbits")):
        save(f"{name}.tiff", picture, compression=coding)
    save("palette.tiff", few)
    save("fax.tiff", picture.convert("1"), compression="group4")
    save("two-pages.tiff", picture, save_all=True, append_images=[few.convert("RGB")])
    save("on-its-side.tiff", picture.transpose(Image.Transpose.ROTATE_90), tiffinfo={274: 6})
    save("jpeg.tiff", picture, compression="jpeg")


def photos_of_phones():
    """One picture in the forms that are decoded by another process; phone-document.png is what they show."""
    picture = scene(9, 90, 60, 0.0)
    save("phone-document.png", picture)
    encode = ["vips", "heifsave", HERE / "phone-document.png", HERE / "phone.heic", "--Q", "95", "--subsample-mode", "off"]
    subprocess.run(encode, check=True)
    save("phone.avif", picture, quality=95, subsampling="4:4:4")
    save("on-its-side.avif", picture.transpose(Image.Transpose.ROTATE_90), quality=95, subsampling="4:4:4", exif=exif(6))
    save("animated.avif", picture, save_all=True, append_images=[picture.transpose(Image.Transpose.ROTATE_180)],
         quality=95, subsampling="4:4:4")
    portrait = Image.new("RGB", (300, 400), RED)
    save("two-pages.pdf", picture.resize((450, 300)), save_all=True, append_images=[portrait], resolution=100)


def with_alpha(picture):
    picture = picture.convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def damaged():
    """Headers and ends are right; what lies between is not."""
    jpeg = bytearray((HERE / "other-1.jpg").read_bytes())
    table = jpeg.index(b"\xff\xc4")
    jpeg[table + 5:table + 21] = b"\xff" * 16  # more codes of each length than there can be
    (HERE / "damaged.jpg").write_bytes(jpeg)
    data = bytearray((HERE / "interlaced.png").read_bytes())
    start = data.index(b"IDAT") + 4
    data[start + 40:start + 60] = b"\xff" * 20
    (HERE / "damaged.png").write_bytes(data)
    data = bytearray((HERE / "lossless.webp").read_bytes())
    data[40:400] = b"\xff" * 360
    (HERE / "damaged.webp").write_bytes(data)
    data = bytearray((HERE / "animated.gif").read_bytes())
    start = data.index(b"\x2c\0\0\0\0")
    data[start + 12:start + 24] = b"\xff" * 12  # behind the length of the first block
    (HERE / "damaged.gif").write_bytes(data)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--phone"]:
        photo = scene(7, 4032, 3024, 4.2)
        stored_for(6, photo).save(sys.argv[2], "JPEG", quality=90, exif=exif(6))
    else:
        for make in (photos, orientations, colours, formats, metadata, convertible, photos_of_phones, damaged):
            make()
