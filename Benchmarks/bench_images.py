"""Pictures from upload to completed beside thumbor, a Python stack, pyvips and a chain in C: CPU, memory, quality."""

import contextlib
import itertools
import pathlib
import sys
import tempfile
import time

from harness.processes import PeakMemory
from harness.report import Report, median, options, percentile, run, version
from images.contenders import Pictor, PythonStack, Thumbor, limit, pyvips
from images.generate import picture, salted_file
from images.quality import Reference

# Pictures per round: enough CPU time for the 10 ms clock of /proc.
PER_ROUND = {0.5: 5, 2: 3, 12: 1, 24: 1}
salts = itertools.count(int(time.time()) % 1_000_000 * 1000)


def main():
    chosen = options("Pictures beside thumbor, a Python stack, pyvips and a chain in C.", 5,
                     sizes={"default": "2,12", "help": "megapixels, of 0.5, 2, 12 and 24 (2,12)"},
                     kinds={"default": "jpg", "help": "of jpg, png and webp (jpg)"})
    report = Report(chosen)
    with tempfile.TemporaryDirectory(prefix="pictor-bench-") as folder, contextlib.ExitStack() as stack:
        folder = pathlib.Path(folder)
        field = Field(stack, folder)
        for kind, size in itertools.product(chosen.kinds.split(","), map(float, chosen.sizes.split(","))):
            speed(report, chosen, field, size, kind)
        first_variant(report, chosen, field)
        memory(report, field)
    report.note("versions: " + "; ".join([
        version("thumbor"), version("Pillow"), version("pyvips"), version("fastapi"), version("celery"),
        run("redis-server", "--version"), "libvips " + run("pkg-config", "--modversion", "vips"),
        "libwebp " + run("pkg-config", "--modversion", "libwebp"),
    ]))
    return report.finish()


class Field:
    """All contenders, in the order of a round: no two of a kind after each other."""

    def __init__(self, stack, folder):
        self.folder = folder
        self.shipping = Pictor(stack, folder, "pictor, shipping (effort 2/4)", 2, 4)
        self.thumbor = Thumbor(stack, folder)
        self.python = PythonStack(stack, folder, 6)
        self.pyvips = pyvips(stack, folder)
        self.equal = Pictor(stack, folder, "pictor, equal effort 4", 4, 4)
        self.limit = limit(stack, folder, 4, 4)
        self.shipping_limit = limit(stack, folder, 2, 4)
        self.all = [self.shipping, self.thumbor, self.python, self.pyvips, self.equal, self.limit, self.shipping_limit]


def speed(report, chosen, field, size, kind):
    source = picture(size, kind)
    figures = {contender: ([], []) for contender in field.all}
    for number in range(chosen.rounds + 1):
        for contender in field.all if number % 2 == 0 else reversed(field.all):
            milliseconds, walls = measure(contender, source, PER_ROUND[size], field.folder)
            if number > 0:
                figures[contender][0].append(milliseconds)
                figures[contender][1].extend(walls)
    title = f"{size:g} MP {kind.upper()}"
    cpu = {contender: median(values) for contender, (values, _) in figures.items()}
    quality = {contender: looks(contender, source, field.folder) for contender in field.all}
    report.limit(f"{title}: limit", figures[field.limit][0])
    report.table(
        f"{title}, CPU per picture with all four variants",
        ["contender", "CPU ms", "x limit", "p50 ms", "p99 ms", "kB of 4 variants", "PSNR dB", "SSIM"],
        [[one.name, cpu[one], cpu[one] / cpu[field.limit], percentile(figures[one][1], 0.5),
          percentile(figures[one][1], 0.99), *quality[one]] for one in field.all],
    )
    if size >= 2:
        report.goal(f"{title}, equal effort: CPU x limit", cpu[field.equal] / cpu[field.limit], 1.15)
    if size == 12 and kind == "jpg":
        report.goal(f"{title}, shipping: thumbor's CPU x pictor's", cpu[field.thumbor] / cpu[field.shipping], 2.2, True)
        report.goal(f"{title}, shipping: Python stack's CPU x pictor's", cpu[field.python] / cpu[field.shipping], 7, True)


def measure(contender, source, count, folder):
    """CPU ms per picture, and the ms each took from the first byte sent to the last variant there."""
    files = [salted_file(source, next(salts), folder) for _ in range(count)]
    walls = []
    before = contender.cpu_seconds()
    for file in files:
        start = time.monotonic()
        contender.work(file)
        walls.append((time.monotonic() - start) * 1000)
        file.unlink()
    return (contender.cpu_seconds() - before) * 1000 / count, walls


def looks(contender, source, folder):
    """kB of the four variants, PSNR and SSIM of the 1200 px one."""
    file = salted_file(source, next(salts), folder)
    variants = contender.work(file, keep=True)
    file.unlink()
    return sum(map(len, variants.values())) / 1000, *Reference(source, 1200).compare(variants["large"])


def first_variant(report, chosen, field):
    """When the thumbnail of a 12 MP picture can be seen, while the large sizes are still being made."""
    source = picture(12, "jpg")
    figures = [field.shipping.first_variant(salted_file(source, next(salts), field.folder))
               for _ in range(chosen.rounds + 1)][1:]
    cpu = median([cpu * 1000 for _, cpu in figures])
    report.table("First variant of a 12 MP JPEG", ["CPU ms", "ms after the upload began"],
                 [[cpu, median([wall * 1000 for wall, _ in figures])]])
    report.goal("first variant of a 12 MP JPEG: CPU", cpu, 200, unit=" ms")


def memory(report, field):
    """Four 12 MP pictures queued at once: idle, peak, and 10 s after the last."""
    rows = []
    for contender in [field.shipping, field.thumbor, field.python]:
        files = [salted_file(picture(12, "jpg"), next(salts), field.folder) for _ in range(4)]
        idle = contender.memory_mib()
        with PeakMemory(*contender.pids) as peak:
            contender.work_at_once(files)
        time.sleep(10)
        rows.append([contender.name, contender.workers, idle, peak.peak_kib / 1024, contender.memory_mib()])
    report.table("Memory (PSS of the process tree, MB): four 12 MP JPEG at once",
                 ["contender", "workers", "idle before", "peak", "10 s after"], rows)
    _, _, idle, peak, after = rows[0]
    report.goal("peak with four 12 MP pictures at once", peak, 350, unit=" MB")
    report.goal("10 s after the last picture, above idle", after - idle, 60, unit=" MB")


if __name__ == "__main__":
    sys.exit(main())
