"""Looking at pictures, jobs and the dashboard; all of it live and by keyboard."""

import re
import time

from pictures import picture
from playwright.sync_api import expect


def upload(page, number, name, width=900, height=600):
    """Uploads from outside the page and waits for the end of the job."""
    if page.url == "about:blank":
        page.goto("/upload")
    sent = {"name": name, "mimeType": "image/jpeg", "buffer": picture(page, number, width, height)}
    answer = page.request.post("/api/v1/images/upload", multipart={"bucket": "web", "file": sent})
    assert answer.status == 202, answer.text()
    job = answer.json()["job_id"]
    state = page.request.get(f"/api/v1/images/jobs/{job}?wait=30").json()
    assert state["status"] == "completed", state
    return state


def ready(page):
    """Keys work once the page's module has started."""
    expect(page.locator("article.picture[data-ready]")).to_be_visible()


def test_a_picture_is_walked_zoomed_and_deleted_by_keyboard(page):
    older = upload(page, 201, "older.jpg")
    newer = upload(page, 202, "newer.jpg")
    page.goto("/")
    page.locator("#recent a").first.click()
    page.wait_for_url(f"**/images/{newer['image_id']}")
    ready(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/images/{older['image_id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("older.jpg")
    ready(page)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/images/{newer['image_id']}")
    ready(page)
    page.keyboard.press("z")
    expect(page.locator("#zoom")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#zoom")).to_be_hidden()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.get_by_role("button", name="Delete for good").click()
    page.wait_for_url(re.compile(r"/$"))
    assert page.request.get(f"/images/{newer['image_id']}").status == 404
    page.goto(f"/images/{older['image_id']}")
    ready(page)
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/$"))


def test_a_picture_shows_its_placeholder_before_it_arrives(page):
    state = upload(page, 203, "slow.jpg")
    page.route("**/storage/**", lambda route: None)
    page.goto("/", wait_until="commit")
    frame = page.locator(f"#recent a[href='/images/{state['image_id']}']")
    expect(frame).to_be_visible()
    box = frame.bounding_box()
    assert abs(box["width"] / box["height"] - 1.5) < 0.05, box
    expect(frame.locator("canvas")).to_have_count(1)


def test_a_placeholder_has_the_colours_and_the_shape_of_its_picture(page):
    state = upload(page, 207, "hashed.jpg", 1200, 800)
    facts = page.request.get(f"/api/v1/images/{state['image_id']}/all").json()["metadata"]
    module = page.evaluate("document.querySelector('script[type=module]').src").replace("app.js", "thumbhash.js")
    drawn = page.evaluate(
        """async ([module, text]) => {
          const { decode } = await import(module);
          const { width, height, pixels } = decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
          const sums = [0, 0, 0];
          pixels.forEach((value, at) => { if (at % 4 < 3) sums[at % 4] += value; });
          return { width, height, mean: sums.map((sum) => sum / (width * height)) };
        }""",
        [module, facts["thumbhash"]],
    )
    assert abs(drawn["width"] / drawn["height"] - 1.5) < 0.2, drawn
    average = [int(facts["average_color"][at : at + 2], 16) for at in (1, 3, 5)]
    assert all(abs(mean - part) < 16 for mean, part in zip(drawn["mean"], average)), (drawn, average)


def test_the_list_of_jobs_is_live_and_filtered(page):
    name = f"appears-{time.time_ns()}.jpg"
    page.goto("/jobs")
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    state = upload(page, 204, name)
    expect(page.get_by_role("link", name=name).first).to_be_visible()
    page.get_by_role("navigation", name="Status").get_by_role("link", name="failed").click()
    page.wait_for_url("**/jobs?status=failed")
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    page.goto(f"/jobs/{state['job_id']}")
    expect(page.locator(".steps li")).to_have_text([re.compile("Accepted"), re.compile("attempt 1"), re.compile("made")])
    expect(page.locator(".variants .name")).to_have_count(4)


def test_search_finds_a_picture_and_a_job_by_id(page):
    state = upload(page, 205, "wanted.jpg")
    for text, path in [(state["image_id"], "images"), (state["job_id"], "jobs")]:
        page.goto("/")
        page.keyboard.press("/")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/{path}/{text}")
    page.goto("/jobs?q=nothing-has-this-id")
    expect(page.get_by_text("No picture and no job has the id")).to_be_visible()


def test_the_dashboard_counts_while_one_looks(page):
    page.goto("/upload")
    page.goto("/dashboard/")
    done = page.locator("[data-bind='processing.performance.last_24h.completed']")
    expect(page.locator(".live")).to_have_text("Live")
    expect(page.locator(".verdict strong")).to_have_text(re.compile("All is well|Needs a look"))
    before = int(done.inner_text().replace("\u202f", ""))
    upload(page, 206, "counted.jpg")
    expect(done).to_have_text(str(before + 1))
    expect(page.locator("[data-each='processing.recent_jobs'] tr").first).to_contain_text("completed")
    # Drawn again with rows that are there already.
    upload(page, 207, "counted-too.jpg")
    expect(done).to_have_text(str(before + 2))
    expect(page.locator(".live")).to_have_text("Live")


def test_the_dashboard_asks_again_when_events_fail(page):
    page.route("**/dashboard/events", lambda route: route.abort())
    page.goto("/dashboard/")
    expect(page.locator(".live")).to_have_text(re.compile(r"asking again in \d s"))
    expect(page.locator("[data-bind='system.uptime_human']")).not_to_have_text("0 000")


def test_the_theme_is_remembered(page):
    page.goto("/")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(root).to_have_attribute("data-theme", "dark")
    page.goto("/jobs")
    expect(root).to_have_attribute("data-theme", "dark")
    page.keyboard.press("t")
    page.reload()
    expect(root).to_have_attribute("data-theme", "light")


def test_the_question_mark_lists_the_shortcuts_and_g_goes(page):
    page.goto("/")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/dashboard/")


def test_the_contract_can_be_read_and_opened(page):
    page.goto("/docs")
    expect(page.get_by_text("/api/v1/images/upload").first).to_be_visible()
    page.get_by_text("/api/v1/images/upload").first.click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()


def test_an_unknown_address_says_what_to_do(page):
    assert page.goto("/nowhere").status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is here")
    page.get_by_role("link", name="Go home").click()
    page.wait_for_url(re.compile(r"/$"))
