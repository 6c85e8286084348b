"""Pictures with text: reading, erasing and setting it anew, on drawn pictures whose truth is known."""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parent / "TranslationQuality"))
import metrics  # noqa: E402
from harness.report import PRODUCTS, Report, median, options, percentile, run, version  # noqa: E402

DRAW = pathlib.Path(__file__).parent / "TranslationQuality" / "draw.py"
UPRIGHT = {"meme", "comic", "doc2col", "darkui", "poster", "small", "photo"}


def main():
    chosen = options("Reading, erasing and setting text in pictures.", 1,
                     count={"type": int, "default": 320, "help": "pictures (320)"},
                     seed={"type": int, "default": 7, "help": "of the drawings (7)"},
                     split={"choices": ["dev", "test"], "default": "test", "help": "texts and drawings (test)"},
                     kinds={"default": "", "help": "only these kinds, by comma"},
                     folder={"default": "", "help": "keep the pictures here"},
                     peers={"type": int, "default": 80, "help": "pictures for RapidOCR and Telea, the first (80)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as temporary:
        folder = pathlib.Path(chosen.folder or temporary)
        subprocess.run([sys.executable, "-B", DRAW, "--split", chosen.split, "--count", str(chosen.count), "--seed",
                        str(chosen.seed), "--kinds", chosen.kinds, "--out", folder], check=True)
        truth = [json.loads(line) for line in open(folder / "truth.jsonl", encoding="utf-8")]
        made = {line["file"]: line for line in map(json.loads, ours(folder).splitlines())}
        rows = [judged(picture, made[picture["file"]], folder) for picture in truth]
        read_back(truth, rows, made, folder)
        peers = [peer(picture, folder) for picture in truth[:chosen.peers]]
        tell(report, rows, peers)
        if chosen.folder:
            (folder / "rows.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1, default=float))
    return report.finish()


def ours(folder):
    return subprocess.run([PRODUCTS / "LetteringBench", folder], capture_output=True, text=True, check=True).stdout


def pixels(path):
    return numpy.asarray(Image.open(path).convert("RGB"))


def polygon(box, angle):
    left, top, right, bottom = metrics.sides(box)
    return metrics.corners((left, top, right, bottom), angle, metrics.middle((left, top, right, bottom)))


def judged(picture, made, folder):
    """What is known of our work on one picture without reading it again."""
    blocks, outcomes = made["blocks"], made["outcomes"]
    found = [(polygon(block["box"], block["angle"]), block["text"]) for block in blocks]
    row, owners = metrics.reading(picture, found)
    name = pathlib.Path(picture["file"]).stem
    source, twin = pixels(folder / picture["file"]), pixels(folder / picture["twin"])
    clean, lettered = pixels(folder / "clean" / f"{name}.png"), pixels(folder / "lettered" / f"{name}.png")
    inside = metrics.area(metrics.true_polygons(picture), picture["size"])
    changed = numpy.zeros(inside.shape, bool)
    for outcome in outcomes:
        left, top, right, bottom = metrics.sides(outcome["changed"])
        changed[top:bottom, left:right] = True
    difference = numpy.abs(source.astype(int) - lettered).max(axis=2)
    row.update(kind=picture["kind"], file=picture["file"], psnr=metrics.psnr(clean, twin, inside),
               outside=int(difference[~changed].max(initial=0)), owners=owners, seconds=made["seconds"],
               overflows=sum(outcome.get("problem") is not None for outcome in outcomes),
               contrasts=[outcome["contrast"] for outcome in outcomes], ratios=[], styles=[])
    for owner, block, outcome in zip(owners, blocks, outcomes):
        if owner is not None and outcome["lineCount"]:
            style = picture["blocks"][owner]["style"]
            row["ratios"].append(outcome["size"] / style["size"])
            angle = abs(picture["blocks"][owner]["angle"] - block["angle"])
            row["styles"].append({**kept(style, block["style"]), "angle": angle < 1})
    return row


def kept(true, found):
    """Which properties of a style were told right."""
    colour = [found["colour"][name] for name in ("red", "green", "blue")]
    return {"size": abs(math.log(found["size"] / true["size"])) < 0.1,
            "alignment": true["alignment"] == found["alignment"], "weight": true["bold"] == found["isBold"],
            "serif": true["serif"] == found["isSerif"], "slant": true["italic"] == found["isItalic"],
            "colour": max(abs(a - b) for a, b in zip(colour, true["colour"])) <= 32,
            "stroke": (true["stroke"] is not None) == ("stroke" in found)}


def read_back(truth, rows, made, folder):
    """Reads each block that was set, and each place that was erased, level and three times as large, by one pass of
    plain Tesseract."""
    crops, jobs = folder / "crops", []
    crops.mkdir(exist_ok=True)
    for picture, row in zip(truth, rows):
        row.update(back_edits=0, back_letters=0, residual=0)
        line, name = made[picture["file"]], pathlib.Path(picture["file"]).stem
        images = {kind: Image.open(folder / kind / f"{name}.png").convert("RGB") for kind in ("clean", "lettered")}
        for index, (block, text, outcome) in enumerate(zip(line["blocks"], line["texts"], line["outcomes"])):
            if not outcome["lineCount"]:
                continue
            middle, ink = metrics.middle(metrics.sides(block["box"])), outcome["colour"]
            for kind, box in (("lettered", outcome["box"]), ("clean", block["box"])):
                path = crops / f"{name}-{index}-{kind}.png"
                ink = outcome["colour"] if kind == "lettered" else block["style"]["colour"]
                crop(images[kind], metrics.sides(box), block["angle"], middle, ink).save(path)
                jobs.append((path, row, kind, text if kind == "lettered" else block["text"]))
    for (_, row, kind, text), read in zip(jobs, read_all([path for path, *_ in jobs], folder)):
        wanted, got = metrics.folded(text), metrics.folded(read)
        if kind == "lettered":
            row["back_edits"] += metrics.distance(wanted, got)
            row["back_letters"] += len(wanted)
            if wanted != got:
                row.setdefault("misread", []).append((wanted, got))
        else:
            # Letters of the source that can still be read: whole words of three letters or more.
            row["residual"] += sum(len(word) for word in set(wanted.split()) & set(got.split()) if len(word) > 2)


def crop(image, box, angle, middle, ink):
    """Level, three times as large, and dark where a pixel has the colour of the letters."""
    if angle:
        image = image.rotate(angle, Image.Resampling.BICUBIC, center=middle)
    image = image.crop(tuple(box))
    colour = numpy.array([ink["red"], ink["green"], ink["blue"]])
    distance = numpy.abs(numpy.asarray(image).astype(int) - colour).max(axis=2)
    level = Image.fromarray((distance * 1.6).clip(0, 255).astype("uint8"))
    level = level.resize((level.width * 3, level.height * 3), Image.Resampling.LANCZOS)
    page = Image.new("L", (level.width + 60, level.height + 60), 255)
    page.paste(level, (30, 30))
    return page


def read_all(paths, folder):
    if not paths:
        return []
    (folder / "crops.txt").write_text("\n".join(map(str, paths)))
    read = subprocess.run(["tesseract", folder / "crops.txt", "-", "--psm", "6"], capture_output=True, text=True,
                          check=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}).stdout
    return read.split("\f")[:len(paths)]


def peer(picture, folder):
    """RapidOCR's reading of a picture, and OpenCV's filling of the places where its text is known to stand."""
    import cv2
    from rapidocr_onnxruntime import RapidOCR
    reader = peer.__dict__.setdefault("reader", RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1))
    image = cv2.imread(str(folder / picture["file"]))
    start = time.process_time()
    lines, _ = reader(image)
    seconds = time.process_time() - start
    row, _ = metrics.reading(picture, [([tuple(point) for point in line[0]], line[1]) for line in lines or []])
    twin = cv2.imread(str(folder / picture["twin"]))
    inside = metrics.area(metrics.true_polygons(picture), picture["size"])
    letters = (numpy.abs(image.astype(int) - twin).max(axis=2) > 28) & inside
    mask = cv2.dilate(letters.astype("uint8"), numpy.ones((5, 5)))
    start = time.process_time()
    filled = cv2.inpaint(image, mask, 5, cv2.INPAINT_TELEA)
    row.update(kind=picture["kind"], seconds=[seconds, time.process_time() - start],
               psnr=metrics.psnr(filled, twin, inside))
    return row


def share(rows, above, below):
    return sum(row[above] for row in rows) / max(1, sum(row[below] for row in rows))


def tell(report, rows, peers):
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    groups = [*((kind, [row for row in rows if row["kind"] == kind]) for kind in kinds), ("all", rows)]
    table = []
    for name, group in groups:
        ious = [iou for row in group for iou in row["ious"]]
        found = sum(row["found"] for row in group)
        table.append([name, len(group), share(group, "edits", "letters"), share(group, "word_edits", "words"),
                      sum(iou >= 0.5 for iou in ious) / len(ious),
                      sum(iou >= 0.5 for iou in ious) / max(1, found), numpy.mean(ious),
                      10 * sum(len(row["false"]) for row in group) / len(group),
                      median([row["seconds"][0] for row in group])])
    report.table("Reading", ["kind", "pictures", "CER", "WER", "recall", "precision", "mean IoU", "false per 10",
                             "CPU s"], table)
    report.table("Erasing and setting",
                 ["kind", "PSNR median", "PSNR p10", "outside", "residual", "not set", "readback CER", "size ratio",
                  "contrast min", "erase s", "set s", "all s"],
                 [[name, median([row["psnr"] for row in group]), percentile([row["psnr"] for row in group], 0.1),
                   max(row["outside"] for row in group), sum(row["residual"] for row in group),
                   sum(row["overflows"] for row in group), share(group, "back_edits", "back_letters"),
                   median([ratio for row in group for ratio in row["ratios"]] or [0]),
                   min([value for row in group for value in row["contrasts"]] or [0]),
                   *(median([row["seconds"][step] for row in group]) for step in (1, 2)),
                   median([sum(row["seconds"]) for row in group])] for name, group in groups])
    tell_styles(report, groups)
    if peers:
        tell_peers(report, kinds, rows, peers)
    tell_goals(report, rows)


def tell_styles(report, groups):
    names = ["size", "alignment", "weight", "serif", "slant", "colour", "stroke", "angle"]
    rows = []
    for name, group in groups:
        styles = [style for row in group for style in row["styles"]]
        rows.append([name, *(sum(style[key] for style in styles) / max(1, len(styles)) for key in names)])
    report.table("Share of blocks whose property was told right", ["kind", *names], rows)


def tell_peers(report, kinds, rows, peers):
    table = []
    for kind in [*kinds, "all"]:
        ours_ = [row for row in rows[:len(peers)] if kind in (row["kind"], "all")]
        others = [row for row in peers if kind in (row["kind"], "all")]
        table.append([kind, share(ours_, "edits", "letters"), share(others, "edits", "letters"),
                      median([row["seconds"][0] for row in ours_]), median([row["seconds"][0] for row in others]),
                      median([row["psnr"] for row in ours_]), median([row["psnr"] for row in others]),
                      median([row["seconds"][1] for row in ours_]), median([row["seconds"][1] for row in others])])
    report.table(f"The first {len(peers)} beside RapidOCR and OpenCV's Telea (which is told where the letters are)",
                 ["kind", "CER ours", "CER RapidOCR", "CPU s ours", "CPU s RapidOCR", "PSNR ours", "PSNR Telea",
                  "CPU s ours", "CPU s Telea"], table)


def tell_goals(report, rows):
    def of(*kinds):
        return [row for row in rows if row["kind"] in kinds]

    for name, group, limit in (("upright", of(*UPRIGHT), 0.02), ("turned by up to 15 degrees", of("rotated"), 0.05),
                               ("of several angles", of("mixed"), 0.05),
                               ("memes", of("meme"), 0.02)):
        if group:
            report.goal(f"CER, {name}", share(group, "edits", "letters"), limit)
    if mixed := [style for row in of("mixed") for style in row["styles"]]:
        report.goal("angle told right, of several", sum(style["angle"] for style in mixed) / len(mixed), 0.95,
                    is_at_least=True)
    report.goal("false blocks per 10 pictures", 10 * sum(len(row["false"]) for row in rows) / len(rows), 1)
    report.goal("readable letters left", sum(row["residual"] for row in rows), 0)
    report.goal("largest difference outside", max(row["outside"] for row in rows), 0)
    report.goal("texts not set", sum(row["overflows"] for row in rows), 0)
    report.goal("readback CER", share(rows, "back_edits", "back_letters"), 0.02)
    report.goal("least contrast", min(value for row in rows for value in row["contrasts"]), 4.5, is_at_least=True)
    report.goal("CPU of a picture, median", median([sum(row["seconds"]) for row in rows]), 1, unit="s")
    report.note(f"versions: {run('tesseract', '--version').splitlines()[0]}, {version('Pillow')}, {version('numpy')}")


if __name__ == "__main__":
    sys.exit(main())
