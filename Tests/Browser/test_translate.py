"""Translating pictures by hand: dropping, watching, comparing, changing words, taking results away."""

import io
import zipfile

import pytest
from pictures import transfer
from playwright.sync_api import expect
from signs import sign

@pytest.fixture
def translated(page):
    """A page with one finished sign, dropped as a person drops it."""
    page.goto("/translate")
    page.dispatch_event(".drop", "drop", {"dataTransfer": transfer(page, "museum.png", sign("The museum is closed"))})
    expect(page.locator(".translation [data-part=state]")).to_have_text("Done")
    return page


def test_a_dropped_sign_is_translated_and_compared(translated):
    texts = translated.locator(".blocks textarea")
    expect(texts).to_have_value("El museo está cerrado")
    image = translated.locator(".compare [data-part=image]")
    expect(image).to_have_js_property("naturalWidth", 800)
    translated.get_by_role("slider").fill("45")
    assert "45%" in image.evaluate("(image) => getComputedStyle(image).clipPath")
    expect(translated.locator("[data-part=how]")).to_contain_text("machine translation")


def test_changed_words_are_drawn_and_taken_back(translated):
    image = translated.locator(".compare [data-part=image]")
    before = image.get_attribute("src")
    field = translated.locator(".blocks textarea")
    field.fill("Hoy no se abre")
    field.blur()
    expect(image).not_to_have_attribute("src", before)
    expect(translated.locator(".blocks [data-part=flags]")).to_contain_text("edited")
    translated.get_by_role("button", name="Undo").click()
    expect(translated.locator(".blocks textarea")).to_have_value("El museo está cerrado")
    translated.get_by_label("Keep the original").check()
    expect(translated.locator(".blocks textarea")).to_be_disabled()


def test_the_task_is_still_there_after_a_reload_and_goes_as_zip(translated):
    translated.reload()
    expect(translated.locator(".blocks textarea")).to_have_value("El museo está cerrado")
    with translated.expect_download() as download:
        translated.get_by_role("link", name="All as ZIP").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["1-museum.spanish.png"]
    translated.get_by_role("button", name="Delete").click()
    translated.wait_for_url("**/translate")
    expect(translated.locator(".translation")).to_have_count(0)


def test_what_an_archive_leaves_out_is_still_said_after_a_reload(page):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("museum.png", sign("The museum is closed"))
        archive.writestr("notes.txt", "no picture")
    page.goto("/translate")
    page.dispatch_event(".drop", "drop", {"dataTransfer": transfer(page, "museum.zip", data.getvalue())})
    expect(page.locator("[data-part=skipped]")).to_contain_text("notes.txt")
    page.wait_for_url("**/translate/*")
    page.reload()
    expect(page.locator("[data-part=skipped]")).to_contain_text("notes.txt")
    expect(page.locator(".translation [data-part=name]")).to_have_text("museum.png")


def test_a_file_that_is_no_picture_is_refused_in_words(page):
    page.goto("/translate")
    page.dispatch_event(".drop", "drop", {"dataTransfer": transfer(page, "notes.png", b"no picture")})
    expect(page.locator(".toast")).to_contain_text("notes.png")


def test_languages_that_nobody_reaches_cannot_be_chosen(page):
    page.goto("/translate")
    assert page.locator("option[value=vi]").is_disabled()
    assert page.locator("option[value=es]").is_enabled()
