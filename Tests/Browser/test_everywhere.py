"""What holds on every page: no serious finding of axe, nothing wider than the screen; and the screenshots."""

import os
import pathlib

import pytest
from axe_playwright_python.sync_playwright import Axe
from memes import add, rendered, searchable, settled
from pictures import file, picture
from playwright.sync_api import expect
from signs import translated

SHAPES = [(1600, 1200), (1200, 1600), (2400, 1000), (1000, 1000), (1600, 900), (1200, 800), (800, 1200), (1500, 1000)]


@pytest.fixture(scope="module")
def addresses(browser, url):
    """Every kind of page, with pictures to show, one of them failed."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/upload")
    shown = [file(f"landscape-{n}.jpg", picture(page, n, *size)) for n, size in enumerate(SHAPES, 1)]
    page.locator("input[type=file]").set_input_files(shown)
    expect(page.locator(".upload[data-state=done]")).to_have_count(len(SHAPES))
    page.goto("/")
    image = page.locator("#recent a").first.get_attribute("href")
    page.goto("/jobs")
    job = page.locator("#jobs tbody a").first.get_attribute("href")
    found = memes(page)
    context.close()
    return found | {
        "home": "/", "upload": "/upload", "picture": image, "jobs": "/jobs", "job": job,
        "dashboard": "/dashboard/", "queues": "/dashboard/queues", "api": "/docs", "missing": "/nowhere",
    }


def memes(page):
    """The pages of memes, some of which are found by a word and two by none."""
    known = {add(page.request, f"meme-{n}.jpg", data): truth for n, (truth, data) in enumerate(rendered(10, seed=11))}
    bare = [add(page.request, f"landscape-{n}.jpg", picture(page, 60 + n, 640, 480)) for n in range(2)]
    settled(page.request, [*known, *bare])
    one, truth = next(iter(known.items()))
    searchable(page.request, truth["caption"], one)
    word = truth["caption"].split()[0]
    return {
        "memes": "/memes", "memes-found": f"/memes?q={word}&explain=1", "memes-nothing": "/memes?q=zqxwv", "memes-one": f"/memes/{one}",
        "memes-label": "/memes/label", "memes-pulls": "/memes/pulls",
        "translate": "/translate", "translate-done": f"/translate/{translated(page.request, 'The museum is closed')}",
    }


NAMES = [
    "home", "upload", "picture", "jobs", "job", "dashboard", "queues", "api", "missing",
    "memes", "memes-found", "memes-nothing", "memes-one", "memes-label", "memes-pulls",
    "translate", "translate-done",
]
# What is kept beside the tests, to be looked at.
UNKEPT = {"translate", "queues", "memes", "memes-nothing", "memes-pulls"}


@pytest.mark.parametrize("width,height", [(1440, 900), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_every_page_fits_and_is_accessible(browser, url, addresses, name, scheme, width, height):
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(addresses[name])
    settle(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Swagger UI is not ours to judge; the shell around it is.
    scope = {"exclude": [[".contract"]]}
    found = serious(Axe().run(page, context=scope))
    folder = os.environ.get("PICTOR_SCREENS")
    if folder and name not in UNKEPT:
        save(page, pathlib.Path(folder), f"{name}-{width}-{scheme}")
    context.close()
    assert not found, found


def serious(results):
    """What axe finds that keeps people out."""
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in results.response["violations"] if rule["impact"] in ("serious", "critical") for node in rule["nodes"]
    ]


def settle(page, name):
    """Waits for what the page loads after itself."""
    for _ in range(600):
        if page.evaluate("[...document.images].every((image) => image.complete || image.loading === 'lazy')"):
            break
        page.wait_for_timeout(100)
    expect(page.locator(".health")).to_have_attribute("data-state", "good")
    if name == "dashboard":
        expect(page.locator(".live")).to_have_text("Live")
        expect(page.locator("[aria-busy]")).to_have_count(0)
    if name == "translate-done":
        expect(page.locator(".translation [data-part=state]")).to_have_text("Done")
    if name == "api":
        expect(page.get_by_text("/api/v1/images/upload").first).to_be_visible()


def save(page, folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", animations="disabled")
