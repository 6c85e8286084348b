"""A pull by hand: begun with a token, watched, steered, mended."""

import os
import pathlib
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from memes import rendered
from playwright.sync_api import expect
from test_everywhere import save, serious


@pytest.fixture(scope="module")
def source():
    """Three memes and one whose end is missing."""
    folder = pathlib.Path(os.environ["PICTOR_PULL_FOLDER"]) / "holiday"
    folder.mkdir()
    memes = rendered(4, seed=9)
    for number, (_, data) in enumerate(memes):
        (folder / f"{number}.jpg").write_bytes(data if number else data[: len(data) // 2])
    return folder, memes


def show_token(page):
    page.get_by_role("button", name="Developer").click()
    page.locator("#account input[name=token]").fill(os.environ["PICTOR_TOKEN"])
    page.locator("#account").get_by_role("button", name="Use it").click()
    expect(page.locator(".account")).to_contain_text("browser-tester")


def begin(page, source):
    page.goto("/memes/pulls")
    page.get_by_label("From").fill(source)
    page.get_by_role("button", name="Begin").click()


def test_a_pull_needs_a_token_and_a_folder_that_may_be_read(page, source):
    folder, _ = source
    begin(page, f"local://{folder}")
    expect(page.get_by_role("alert")).to_contain_text("Send an API key")
    show_token(page)
    begin(page, "local:///etc/")
    expect(page.get_by_role("alert")).to_contain_text("may not be read")
    begin(page, "nowhere://x/")
    expect(page.get_by_role("alert")).to_contain_text("This is no source")


def test_a_pull_is_watched_to_its_end_and_what_failed_is_tried_again(page, source):
    folder, memes = source
    page.goto("/memes/pulls")
    show_token(page)
    page.get_by_label("Library").fill("holiday")
    page.get_by_label("From").fill(f"local://{folder}")
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(re.compile("/memes/pulls/.+"))
    tiles = page.locator("#pull .tiles")
    # Live: nobody loads the page again.
    expect(tiles.locator("div").filter(has_text="New memes")).to_contain_text("3")
    expect(tiles.locator("div").filter(has_text="Of no use")).to_contain_text("1")
    expect(page.locator("#pull")).to_contain_text("0.jpg")
    expect(page.locator("#pull")).to_contain_text("permanent")
    expect(page.locator("#pull .status").first).to_have_text("done")
    assert not serious(Axe().run(page))
    if os.environ.get("PICTOR_SCREENS"):
        save(page, pathlib.Path(os.environ["PICTOR_SCREENS"]), "memes-pull-1440-light")
    (folder / "0.jpg").write_bytes(memes[0][1])
    page.get_by_role("button", name="Try 1 failed again").click()
    page.goto(page.url)
    expect(tiles.locator("div").filter(has_text="New memes")).to_contain_text("4")
    expect(page.get_by_role("button", name="Try 1 failed again")).to_have_count(0)
    page.goto("/memes/pulls")
    expect(page.locator("#pulls tbody tr").first).to_contain_text("done")
    page.goto("/memes?lib=holiday")
    expect(page.locator("#found .meme")).to_have_count(4)


def test_a_pull_is_paused_goes_on_and_is_cancelled(page, source):
    folder, _ = source
    page.goto("/memes/pulls")
    show_token(page)
    # Enough work to be met while it runs.
    many = folder.parent / "many"
    many.mkdir()
    data = (folder / "1.jpg").read_bytes()
    for number in range(3000):
        (many / f"{number:04}.jpg").write_bytes(data + bytes(str(number), "ascii"))
    page.get_by_label("From").fill(f"local://{many}")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#pull .status").first).to_have_text("paused")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#pull .status").first).to_have_text("running")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#pull .status").first).to_have_text(re.compile("cancelled"))
    expect(page.locator("#pull .tiles div").filter(has_text="Cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
