"""Finding memes by hand and keyboard: typing, marks on the pictures, filters, copying, adding, labelling, deleting."""

import re

import pytest
from memes import add, rendered, searchable, settled
from pictures import picture, transfer
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def library(browser, url):
    """Eight memes that were read, and two pictures without words; one round of the pipeline for all tests."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/memes")
    memes = {}
    for number, (truth, data) in enumerate(rendered(8)):
        memes[add(page.request, f"meme-{number}.jpg", data, library="tests")] = truth
    bare = [add(page.request, f"landscape-{number}.jpg", picture(page, 400 + number, 600, 400)) for number in range(2)]
    known = settled(page.request, [*memes, *bare])
    chosen = next(identifier for identifier in memes if caption(memes[identifier]) == known[identifier]["ocr"].lower())
    searchable(page.request, memes[chosen]["caption"], chosen)
    context.close()
    return {"memes": memes, "bare": bare, "chosen": chosen, "caption": memes[chosen]["caption"]}


def caption(truth):
    return truth["caption"].lower()


def card(page, identifier):
    return page.locator(f"#found .meme[data-meme='{identifier}']")


def type_query(page, text):
    page.get_by_role("searchbox", name="Find memes").press_sequentially(text)


def test_browsing_shows_the_newest_first_and_goes_on(page, library):
    page.goto("/memes")
    expect(page.locator("[data-part=summary]")).to_contain_text("The newest")
    shown = page.locator("#found .meme").evaluate_all("(all) => all.map((one) => one.dataset.meme)")
    assert shown == sorted(shown, reverse=True)
    assert set(library["memes"]) <= set(shown)


def test_searching_while_one_types_completes_the_last_word(page, library):
    page.goto("/memes")
    text = library["caption"]
    type_query(page, text[:-2])
    expect(card(page, library["chosen"])).to_be_visible()
    expect(page.locator("#found .meme").first).to_have_attribute("data-meme", library["chosen"])
    expect(page).to_have_url(re.compile(r"/memes\?q="))
    page.reload()
    expect(page.get_by_role("searchbox", name="Find memes")).to_have_value(text[:-2])


def test_typing_is_not_limited_as_the_interface_is(page, library):
    page.goto("/memes")
    statuses = page.evaluate(
        "async () => { const all = []; for (let n = 0; n < 120; n += 1) all.push((await fetch(`/memes/found?q=cat${n}`)).status); return all; }"
    )
    assert set(statuses) == {200}


def test_matched_words_are_marked_where_they_stand(page, library):
    word = max(library["caption"].split(), key=len)
    page.goto(f"/memes?q={word}")
    marks = card(page, library["chosen"]).locator(".marks rect")
    expect(marks).to_have_count(1)
    frame, mark = card(page, library["chosen"]).locator(".frame").bounding_box(), marks.bounding_box()
    assert frame["x"] <= mark["x"] and mark["x"] + mark["width"] <= frame["x"] + frame["width"]
    # The box of the one word, as the picture is scaled.
    words = page.request.get(f"/meme/{library['chosen']}/words").json()["data"]
    boxes = [one["box"] for one in words["words"] if one["text"].lower() == word]
    scale = frame["width"] / words["width"]
    assert any(abs(mark["x"] - frame["x"] - box[0] * scale) < 12 for box in boxes), (mark, boxes)


def test_scores_are_shown_on_demand_and_add_up(page, library):
    page.goto(f"/memes?q={library['caption']}")
    expect(page.locator(".reasons")).to_have_count(0)
    page.locator("body").press("e")
    page.get_by_role("searchbox", name="Find memes").blur()
    page.keyboard.press("e")
    reasons = card(page, library["chosen"]).locator(".reasons")
    expect(reasons).to_be_visible()
    numbers = [float(text.replace("−", "-")) for text in reasons.locator("dd").all_inner_texts()]
    assert abs(sum(numbers[:-1]) - numbers[-1]) < 0.005, numbers


def test_filters_narrow_the_choice(page, library):
    page.goto("/memes")
    page.get_by_label("Library").select_option("tests")
    expect(page.locator("#found .meme")).to_have_count(8)
    expect(page).to_have_url(re.compile("lib=tests"))
    for identifier in library["bare"]:
        expect(card(page, identifier)).to_have_count(0)


def test_a_query_that_nothing_fits_says_what_is_missing(page, library):
    page.goto("/memes?q=zqxwv+%D0%B6%D1%83%D0%BA")
    expect(page.get_by_text("well enough")).to_be_visible()
    gaps = page.locator(".gaps")
    expect(gaps).to_contain_text("no words that could be found")
    expect(gaps).to_contain_text("apt install tesseract-ocr-rus")
    page.get_by_role("link", name="Show the nearest anyway").click()
    expect(page).to_have_url(re.compile("min=none"))


def test_a_digit_copies_the_picture_itself(browser, url, library):
    context = browser.new_context(base_url=url, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"/memes?q={library['caption']}")
    expect(page.locator("[data-module=memes][data-ready]")).to_be_visible()
    page.get_by_role("searchbox", name="Find memes").press("ArrowDown")
    page.keyboard.press("1")
    expect(page.locator(".toast")).to_have_text("Copied picture 1")
    size = page.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          const bitmap = await createImageBitmap(await item.getType("image/png"));
          return [bitmap.width, bitmap.height];
        }"""
    )
    truth = library["memes"][library["chosen"]]
    assert size == [truth["width"], truth["height"]]
    context.close()


def test_where_no_picture_can_be_copied_its_address_is(browser, url, library):
    context = browser.new_context(base_url=url, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.add_init_script("navigator.clipboard.write = () => Promise.reject(new Error('no pictures'))")
    page.goto(f"/memes?q={library['caption']}")
    expect(page.locator("[data-module=memes][data-ready]")).to_be_visible()
    page.get_by_role("searchbox", name="Find memes").press("Alt+1")
    expect(page.locator(".toast")).to_contain_text("Copied the address of picture 1")
    address = page.evaluate("navigator.clipboard.readText()")
    assert page.request.get(address).headers["content-type"] == "image/jpeg"
    context.close()


def test_search_works_without_scripts(browser, url, library):
    context = browser.new_context(base_url=url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/memes")
    page.get_by_role("searchbox", name="Find memes").fill(library["caption"])
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#found .meme").first).to_have_attribute("data-meme", library["chosen"])
    page.locator("#found .meme a").first.click()
    expect(page).to_have_url(re.compile(library["chosen"]))
    context.close()


def test_a_dropped_meme_can_be_found_by_its_words(page, library):
    truth, data = rendered(1, seed=77)[0]
    page.goto("/memes")
    page.dispatch_event(".finder", "drop", {"dataTransfer": transfer(page, "dropped.jpg", data)})
    upload = page.locator(".upload").filter(has_text="dropped.jpg")
    expect(upload.locator("[data-part=state]")).to_have_text(re.compile("Can be found by its words"))
    upload.get_by_role("link", name="dropped.jpg").click()
    expect(page.get_by_label("Words on it")).to_have_value(re.compile(truth["caption"].split()[0], re.IGNORECASE))


def test_what_a_person_writes_counts_until_they_take_it_back(page, library):
    page.goto(f"/memes/{library['chosen']}")
    page.get_by_label("Tags").fill("zebra, crossing")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("written by a person").first).to_be_visible()
    searchable(page.request, "zebra", library["chosen"])
    page.goto("/memes?tag=zebra")
    expect(card(page, library["chosen"])).to_be_visible()
    page.goto(f"/memes/{library['chosen']}")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("button", name="Take it back")).to_have_count(0)
    expect(page.get_by_label("Tags")).to_have_value("")


def test_words_show_on_the_picture_of_one_meme(page, library):
    page.goto(f"/memes/{library['chosen']}")
    expect(page.locator("article .marks")).to_be_hidden()
    page.keyboard.press("w")
    expect(page.locator("article .marks rect").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/memes$"))


def test_memes_without_words_get_tags_by_keyboard(page, library):
    page.goto("/memes/label")
    expect(page.get_by_text("nothing but a file name")).to_be_visible()
    name = page.locator("[data-part=name]").inner_text()
    expect(page.get_by_label("Tags", exact=True)).to_be_focused()
    page.keyboard.type("mountains, dusk")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_have_text(f"Saved {name}")
    expect(page.locator("[data-part=name]")).not_to_have_text(name)
    page.get_by_role("button", name="Undo the last").click()
    expect(page.locator("[data-part=name]")).to_have_text(name)
    boxes = page.get_by_role("checkbox", name=re.compile("Choose landscape"))
    number = boxes.count()
    for box in boxes.all():
        box.check()
    page.get_by_label("Tags for the chosen").fill("mountains")
    page.get_by_role("button", name=f"Tag {number} memes").click()
    expect(page.locator(".toast")).to_have_text(f"Tagged {number} memes")
    page.get_by_role("button", name="Undo these tags").click()
    expect(boxes).to_have_count(number)
    # They are still chosen; one less makes the button choose all.
    boxes.first.uncheck()
    page.get_by_role("button", name="Choose all").click()
    page.get_by_label("Tags for the chosen").fill("mountains")
    page.get_by_role("button", name=f"Tag {number} memes").click()
    expect(boxes).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Every meme has words")).to_be_visible()
    for identifier in library["bare"]:
        searchable(page.request, "mountains", identifier)


def test_a_deleted_meme_is_found_no_more(page, library):
    _, data = rendered(1, seed=78)[0]
    identifier = add(page.request, "unwanted-thing.jpg", data)
    settled(page.request, [identifier])
    searchable(page.request, "unwanted thing", identifier)
    page.goto(f"/memes/{identifier}")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.get_by_role("button", name="Delete for good").click()
    expect(page).to_have_url(re.compile(r"/memes$"))
    page.goto("/memes?q=unwanted+thing&min=none")
    expect(page.locator("#found")).to_be_visible()
    expect(card(page, identifier)).to_have_count(0)
    assert page.request.get(f"/memes/{identifier}").status == 404


def test_scrolling_brings_older_ones_and_keeps_the_digits_with_the_first(page, library):
    for number in range(30):
        add(page.request, f"plain-{number}.png", picture(page, 500 + number, 40, 30, "image/png"), kind="image/png")
    # The answer holds the first thirty; how many more a tall window asks for at once is the browser's affair.
    assert len(re.findall(r'<\w+ [^>]*class="meme[" ]', page.request.get("/memes").text())) == 30
    page.goto("/memes")
    page.keyboard.press("End")
    page.mouse.wheel(0, 20_000)
    for identifier in library["memes"]:
        expect(card(page, identifier)).to_have_count(1)
    expect(page.locator("#found kbd")).to_have_count(9)


def test_a_pasted_picture_is_added(page):
    page.goto("/memes")
    pasted = transfer(page, "pasted.jpg", picture(page, 600, 80, 60))
    page.evaluate("(clipboardData) => document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))", pasted)
    upload = page.locator(".upload").filter(has_text="pasted.jpg")
    expect(upload.locator("[data-part=state]")).to_have_text("No words were found on it: give it tags")
