"""Pictures for schemathesis: without them every generated upload is refused by its first bytes.

PICTOR_PULL is the id of a pull, without which every address of pulls would only answer 404; so is PICTOR_TRANSLATION of
a translation, which nobody deletes.
"""

import os
import struct
import zlib
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

FIXTURES = Path(__file__).parent.parent / "ImagingTests" / "Fixtures"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, colour: bytes) -> bytes:
    """One colour, eight bits a channel."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + colour * width) * height
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


pngs = st.builds(png, st.integers(1, 200), st.integers(1, 200), st.binary(min_size=3, max_size=3))
photos = [path.read_bytes() for path in sorted(FIXTURES.glob("photo.*")) if path.stat().st_size < 1_000_000]
schemathesis.openapi.media_type("image/png", pngs)
schemathesis.openapi.media_type("image/jpeg", st.sampled_from(photos) if photos else pngs)


@schemathesis.hook
def before_call(context, case, kwargs):
    """In its coverage phase the tool leaves every other field of a form with a generated file empty."""
    body = case.body
    is_valid = case.meta is None or all(part.mode.is_positive for part in case.meta.components.values())
    if isinstance(body, dict) and body.get("bucket") == "" and is_valid:
        body["bucket"] = "conformance"
    pull = os.environ.get("PICTOR_PULL")
    if pull and is_valid and "pull_id" in (case.path_parameters or {}):
        case.path_parameters["pull_id"] = pull
    task = os.environ.get("PICTOR_TRANSLATION")
    if task and is_valid and "task_id" in (case.path_parameters or {}) and case.method.upper() != "DELETE":
        case.path_parameters["task_id"] = task
