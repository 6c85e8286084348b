"""How well blocks were found, erased and set again."""
import math
import re
import unicodedata

import numpy
from PIL import Image, ImageDraw


def distance(one, other):
    """Characters (or words, of two lists) to change."""
    row = list(range(len(other) + 1))
    for number, left in enumerate(one, start=1):
        before, row[0] = row[0], number
        for column, right in enumerate(other, start=1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (left != right))
    return row[-1]


def turned(place, angle, middle):
    """Where a place goes when all is turned clockwise around `middle`."""
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    x, y = place[0] - middle[0], place[1] - middle[1]
    return middle[0] + x * cosine - y * sine, middle[1] + x * sine + y * cosine


def corners(box, angle, middle):
    """Clockwise from the top left; `box` is left, top, right, bottom."""
    places = [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]
    return [turned(place, angle, middle) for place in places]


def sides(box):
    """The box of the product's JSON as left, top, right, bottom."""
    return [box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]]


def middle(box):
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def area(polygons, size):
    """Which pixels of a picture polygons cover."""
    image = Image.new("1", tuple(size))
    draw = ImageDraw.Draw(image)
    for polygon in polygons:
        draw.polygon(polygon, fill=1)
    return numpy.asarray(image)


def overlap(one, other):
    """Intersection over union, and the share of the first that the second covers."""
    shared = (one & other).sum()
    return shared / max(1, (one | other).sum()), shared / max(1, one.sum())


def true_polygons(picture):
    page = picture["size"][0] / 2, picture["size"][1] / 2
    return [corners(block["box"], block["angle"], page) for block in picture["blocks"]]


def assigned(truth, found, size):
    """For each polygon found, in order, the index of the true one that covers most of it, or None below 30 %; and the
    best IoU of each true polygon."""
    true_areas, found_areas = [area([one], size) for one in truth], [area([one], size) for one in found]
    owners, best = [], [0.0] * len(truth)
    for one in found_areas:
        shares = [overlap(one, other) for other in true_areas]
        owner = max(range(len(truth)), key=lambda index: shares[index][1], default=None)
        owners.append(owner if owner is not None and shares[owner][1] >= 0.3 else None)
        for index, (iou, _) in enumerate(shares):
            best[index] = max(best[index], iou)
    return owners, best


def reading(picture, found):
    """Errors of the texts found: `found` is a list of (polygon, text) in the order of reading."""
    owners, best = assigned(true_polygons(picture), [polygon for polygon, _ in found], picture["size"])
    result = {"edits": 0, "letters": 0, "word_edits": 0, "words": 0, "ious": best,
              "false": [text for owner, (_, text) in zip(owners, found) if owner is None],
              "found": len(found), "wrong": []}
    for index, block in enumerate(picture["blocks"]):
        read = " ".join(text for owner, (_, text) in zip(owners, found) if owner == index)
        edits = distance(block["text"], read)
        result["edits"] += edits
        result["letters"] += len(block["text"])
        result["word_edits"] += distance(block["text"].split(), read.split())
        result["words"] += len(block["text"].split())
        if edits:
            result["wrong"].append((block["text"], read))
    return result, owners


def psnr(one, other, mask):
    """In dB over the pixels of a mask; 99 when they are equal."""
    difference = (one.astype("float64") - other)[mask]
    error = (difference ** 2).mean() if difference.size else 0
    return 99.0 if error == 0 else min(99.0, 10 * math.log10(255 ** 2 / error))


def folded(text):
    """Without accents, punctuation and capitals, for a reader that knows only English."""
    plain = unicodedata.normalize("NFD", text.lower())
    return " ".join(re.sub(r"[^a-z0-9 ]", "", plain.replace("\n", " ")).split())
