"""Hundreds of memes: a pack comes in and goes out by hand, and scrolling ends only where the memes do."""

import io
import struct
import zipfile
import zlib

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_everywhere import serious

COUNT = 700


def small(number):
    """A picture of one colour; its shape and colour tell it from all others."""
    width, height = 24 + number % 5 * 8, 24 + number % 3 * 8
    pixel = bytes((number % 251, number // 251 * 60 % 256, 120))
    rows = b"".join(b"\0" + pixel * width for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def pack():
    """Pictures, and a text that is none."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for number in range(COUNT):
            archive.writestr(f"many/number {number}.png", small(number))
        archive.writestr("many/notes.txt", "no picture")
    return held.getvalue()


def test_a_pack_is_taken_in_by_hand(page, pack):
    page.goto("/memes/packs")
    assert serious(Axe().run(page)) == []
    page.get_by_label("ZIP archive").set_input_files({"name": "many.zip", "mimeType": "application/zip", "buffer": pack})
    page.get_by_label("Library").fill("many & more")
    page.get_by_role("button", name="Take in").click()
    expect(page.locator("[data-part=state]")).to_contain_text(f"{COUNT} new memes")
    expect(page.locator("[data-part=refused]")).to_contain_text("notes.txt")
    page.get_by_role("button", name="Take in").click()
    expect(page.locator("[data-part=state]")).to_contain_text(f"{COUNT} were here already")


def test_what_is_no_archive_is_said_to_be_none(page):
    page.goto("/memes/packs")
    page.get_by_label("ZIP archive").set_input_files({"name": "a.zip", "mimeType": "application/zip", "buffer": b"nothing"})
    page.get_by_role("button", name="Take in").click()
    expect(page.get_by_role("alert").first).to_contain_text("no ZIP archive")


def test_a_library_is_packed_by_hand(page):
    page.goto("/memes/packs")
    row = page.get_by_role("row", name="many & more")
    with page.expect_download() as download:
        row.get_by_role("link", name="Pack").click()
    assert download.value.suggested_filename == "many & more.zip"
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == COUNT + 1
        assert archive.testzip() is None
    page.get_by_label("What is found by").fill("lib:nowhere")
    page.get_by_role("button", name="Pack").click()
    expect(page.get_by_role("alert").last).to_contain_text("No meme is there to pack")


COUNT_CALLS = """
const real = window.fetch;
window.pending = 0;
window.fetch = async (...all) => {
  window.pending += 1;
  try { return await real(...all); } finally { window.pending -= 1; }
};
"""
SETTLED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
  while (window.pending > 0) await frame();
  await frame();
  await frame();
}"""


def shown(page):
    return page.locator("#found .meme").evaluate_all("(all) => all.map((one) => one.dataset.meme)")


def test_scrolling_ends_where_the_memes_do_and_leads_back(page):
    page.add_init_script(COUNT_CALLS)
    page.goto("/memes")
    newest = shown(page)
    first = newest[0]
    seen = set()
    for _ in range(200):
        now = shown(page)
        seen.update(now)
        assert len(now) <= 360, "the page grows without bound"
        if len(seen) >= COUNT:
            break
        page.mouse.wheel(0, 1500)
        page.evaluate(SETTLED)  # what came into view has asked for more, and got it
    assert len(seen) == COUNT
    assert first not in shown(page)
    for _ in range(200):
        page.mouse.wheel(0, -1500)
        page.evaluate(SETTLED)  # what came into view has asked for more, and got it
        assert len(shown(page)) <= 360
        if page.evaluate("window.scrollY") == 0 and shown(page)[0] == first:
            break
    order = shown(page)
    assert order[: len(newest)] == newest
    assert len(set(order)) == len(order)
