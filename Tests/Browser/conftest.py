"""One Chromium for all journeys; the server's address comes from PICTOR_URL."""

import os

import pytest
from playwright.sync_api import expect, sync_playwright

# Only a broken page waits this long; a busy machine may need some of it.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def url():
    return os.environ["PICTOR_URL"]


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser, url):
    context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context):
    """A page whose test fails when a script of it fails or the content security policy stops something."""
    page = context.new_page()
    go = page.goto

    def goto(address, **options):
        """Goes there and waits until every part of the page listens: a test is faster than any hand."""
        answer = go(address, **options)
        if not options:
            expect(page.locator("[data-started]:not([data-ready])")).to_have_count(0)
        return answer

    page.goto = goto
    wrong = []
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    assert not wrong, wrong
