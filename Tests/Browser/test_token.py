"""A server that asks who you are: pages say so, take a token, and then work."""

import os

import pytest
from pictures import file, picture, transfer
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def url():
    return os.environ["PICTOR_CLOSED_URL"]


def use_token(page, text):
    page.locator("main input[name=token]").fill(text)
    page.locator("main").get_by_role("button", name="Use it").click()


def test_a_token_opens_the_pages_for_this_tab(page):
    assert page.goto("/jobs").status == 401
    expect(page.get_by_role("heading", level=1)).to_have_text("Show a token first")
    use_token(page, "not-a-token")
    expect(page.locator(".toast")).to_have_text("This token was not accepted.")
    use_token(page, os.environ["PICTOR_TOKEN"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Jobs")
    expect(page.locator(".account")).to_contain_text("browser-tester")
    page.goto("/upload")
    expect(page.locator(".account")).to_contain_text("browser-tester")


def test_the_last_upload_of_the_hour_says_when_the_next_may_come(page):
    page.goto("/")
    expect(page.get_by_text("Show a token to see your pictures")).to_be_visible()
    use_token(page, os.environ["PICTOR_TOKEN"])
    expect(page.locator("[data-part=quota]")).to_contain_text("1 of 1 uploads left")
    # Once, although the page was drawn twice: for a stranger and for whoever shows the token.
    dropped = transfer(page, "first.jpg", picture(page, 301, 400, 300))
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    first = page.locator(".upload").filter(has_text="first.jpg")
    expect(first.locator("[data-part=state]")).to_have_text("Done")
    expect(page.locator("[data-part=quota]")).to_contain_text("0 of 1 uploads left")
    page.locator("input[type=file]").set_input_files([file("second.jpg", picture(page, 302, 400, 300))])
    second = page.locator(".upload").filter(has_text="second.jpg")
    expect(second.get_by_role("alert")).to_contain_text("Maximum 1 uploads per hour")
    retry = second.get_by_role("button", name="Try again in")
    expect(retry).to_be_visible()
    expect(retry).to_be_disabled()
