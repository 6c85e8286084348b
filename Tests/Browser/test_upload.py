"""Pictures on their way in: drop, paste, keyboard, many at once, and what goes wrong."""

import re

from pictures import file, picture, transfer
from playwright.sync_api import expect


def card(page, name):
    return page.locator(".upload").filter(has_text=name)


def choose(page, *files):
    page.locator("input[type=file]").set_input_files(list(files))


def test_a_dropped_picture_shows_progress_then_its_sizes(page, context):
    page.goto("/")
    data = picture(page, 101, 2400, 1800)
    # Slow enough for a person, and for us, to see the way up.
    slow = context.new_cdp_session(page)
    slow.send("Network.enable")
    speed = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": len(data) / 10}
    slow.send("Network.emulateNetworkConditions", speed)
    page.dispatch_event(".drop", "drop", {"dataTransfer": transfer(page, "dropped.jpg", data)})
    dropped = card(page, "dropped.jpg")
    expect(dropped.locator("[data-part=state]")).to_contain_text(re.compile(r"Sending, \d+ %"))
    expect(dropped.locator("[data-part=detail]")).to_contain_text(re.compile(r"\d.*B/s, .* left"))
    speed["uploadThroughput"] = -1
    slow.send("Network.emulateNetworkConditions", speed)
    expect(dropped.locator("[data-part=state]")).to_have_text("Done")
    names = dropped.locator(".variants .name")
    expect(names).to_have_text(["thumbnail", "medium", "large", "original"])
    expect(dropped.locator(".variants img").first).to_have_js_property("complete", True)
    expect(dropped.locator(".source img")).to_be_visible()
    expect(dropped).to_contain_text("% saved")
    dropped.get_by_text("Facts").click()
    expect(dropped.locator(".facts")).to_contain_text("2\u202f400 × 1\u202f800 px")
    expect(page.locator("#recent a").first).to_be_visible()


def test_a_pasted_picture_is_uploaded(page):
    page.goto("/upload")
    pasted = transfer(page, "pasted.jpg", picture(page, 102))
    page.evaluate(
        "(data) => document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))",
        pasted,
    )
    expect(card(page, "pasted.jpg").locator("[data-part=state]")).to_have_text("Done")


def test_the_keyboard_alone_uploads(page):
    page.goto("/")
    page.keyboard.press("u")
    page.wait_for_url("**/upload")
    data = picture(page, 103)
    with page.expect_file_chooser() as chooser:
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.type") == "file":
                break
        page.keyboard.press("Enter")
    chooser.value.set_files(file("keyboard.jpg", data))
    expect(card(page, "keyboard.jpg").locator("[data-part=state]")).to_have_text("Done")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.copy"):
            break
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert page.request.get(copied).headers["content-type"] == "image/webp"


def test_one_bad_file_among_good_ones_says_why_and_can_be_tried_again(page):
    page.goto("/upload")
    good = [file(f"good-{n}.jpg", picture(page, 110 + n, 800, 600)) for n in range(4)]
    choose(page, *good, file("notes.jpg", b"this is not a picture, whatever its name says"))
    for number in range(4):
        expect(card(page, f"good-{number}.jpg").locator("[data-part=state]")).to_have_text("Done")
    bad = card(page, "notes.jpg")
    expect(bad.locator("[data-part=state]")).to_have_text("Failed")
    expect(bad.get_by_role("alert")).to_contain_text("Unsupported file type")
    expect(bad.locator("[data-part=request]")).to_contain_text(re.compile(r"Request \S{8,}"))
    bad.get_by_role("button", name="Try again").click()
    expect(bad.locator("[data-part=state]")).to_have_text("Failed")


def test_a_picture_cut_in_half_is_refused_with_a_reason(page):
    page.goto("/upload")
    data = picture(page, 120)
    choose(page, file("half.jpg", data[: len(data) // 2]))
    half = card(page, "half.jpg")
    expect(half.locator("[data-part=state]")).to_have_text("Failed")
    expect(half.locator("[data-part=reason]")).not_to_be_empty()


def test_a_damaged_picture_fails_after_it_was_accepted_and_says_why(page):
    page.goto("/upload")
    data = bytearray(picture(page, 122, 800, 600, "image/png"))
    data[len(data) // 2 : len(data) // 2 + 64] = bytes(64)
    choose(page, file("damaged.png", bytes(data), "image/png"))
    damaged = card(page, "damaged.png")
    expect(damaged.locator("[data-part=state]")).to_have_text("Failed")
    expect(damaged.locator("[data-part=reason]")).not_to_be_empty()
    damaged.get_by_role("link", name="damaged.png").click()
    page.get_by_role("link", name="Look at the job").click()
    expect(page.locator(".steps [data-kind=failed]")).to_be_visible()
    page.goto("/jobs?status=failed")
    row = page.locator("tr").filter(has_text="damaged.png").first
    expect(row.locator(".reason")).not_to_be_empty()
    expect(row.get_by_role("button", name="Try again")).to_be_visible()


def test_a_stopped_upload_goes_away_and_nothing_is_stored(page, context):
    page.goto("/upload")
    # Minutes at this speed, so that the stop comes first however busy the machine is.
    data = picture(page, 121) + bytes(5_000_000)
    slow = context.new_cdp_session(page)
    slow.send("Network.enable")
    speed = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000}
    slow.send("Network.emulateNetworkConditions", speed)
    choose(page, file("stopped.jpg", data))
    stopped = card(page, "stopped.jpg")
    expect(stopped.locator("[data-part=state]")).to_contain_text("Sending")
    stopped.get_by_role("button", name="Stop").click()
    expect(stopped).to_have_count(0)
    speed["uploadThroughput"] = -1
    slow.send("Network.emulateNetworkConditions", speed)
    page.goto("/jobs")
    expect(page.get_by_text("stopped.jpg")).to_have_count(0)
