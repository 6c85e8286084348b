"""The chain of sizes with pyvips, as its users write it, best settings for servers. A path per line comes in, a line
with the bytes of the variants goes out; `save FOLDER` keeps the variants."""

import os
import pathlib
import sys

os.environ.setdefault("VIPS_CONCURRENCY", "1")
import pyvips

pyvips.cache_set_max(0)
SIDES = {"original": 4096, "large": 1200, "medium": 600, "thumbnail": 150}
folder = None

for line in sys.stdin:
    path = line.rstrip("\n")
    if path.startswith("save "):
        folder = pathlib.Path(path[5:])
        continue
    image = pyvips.Image.new_from_file(path, access="sequential", fail_on="truncated")
    sizes = []
    for name, side in SIDES.items():
        image = image.thumbnail_image(side, height=side, size="down").copy_memory()
        data = image.webpsave_buffer(Q=85, effort=4, strip=True)
        sizes.append(len(data))
        if folder:
            (folder / f"{name}.webp").write_bytes(data)
    mean = [band.avg() for band in image.bandsplit()]
    print(*sizes, *(round(value) for value in mean), flush=True)
