"""The site in headless Chromium, opened from disk: filters, sorting by keyboard, dark and light, narrow."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: chromium)")


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, finished):
    """Open a page of the site by its name; what it complains of fails the test."""
    complaints, contexts = [], []

    def open_page(name, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"not there: {request.url}"))
        page.on(
            "request", lambda r: None if r.url.startswith(("file:", "data:")) else complaints.append(r.url)
        )
        page.goto((finished / "results" / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def shown_claims(page):
    return [row.inner_text().split("\t")[0] for row in page.locator("#matrix tr.row:visible").all()]


def test_the_claims_are_filtered_by_verdict_source_and_paper(visit):
    page = visit("index.html")
    assert len(shown_claims(page)) == 2
    page.get_by_label("verdict", exact=True).select_option("not testable")
    assert len(shown_claims(page)) == 1
    assert page.get_by_role("status").inner_text() == "1 of 2 claims"
    page.get_by_label("verdict", exact=True).select_option("reproduced")
    assert shown_claims(page) == [] and not page.locator("#matrix tbody").is_visible()
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("document.querySelectorAll('#matrix tr.row:not([hidden])').length == 2")
    page.get_by_label("paper", exact=True).select_option("fusion")
    page.get_by_label("judged on", exact=True).select_option("default")
    page.get_by_label("verdict", exact=True).select_option("partly")
    assert len(shown_claims(page)) == 1


def test_why_leads_to_the_claim_on_the_studys_page(visit):
    page = visit("index.html")
    page.get_by_role("link", name="why: fusion-helps, ours, default").click()
    assert page.url.endswith("default/fusion/index.html#claim-fusion-helps")
    assert page.locator("#claim-fusion-helps").is_visible()


def test_topics_are_sorted_by_keyboard_and_say_so(visit):
    page = visit("default/fusion/index.html")
    heading = page.locator("#drill-table th", has_text="left − right")
    differences = page.locator("#drill-table tbody td:last-child")
    page.get_by_label("measure", exact=True).select_option(label="MAP")
    assert heading.get_attribute("aria-sort") == "descending"
    assert (differences.first.inner_text(), differences.last.inner_text()) == ("+0.1000", "−0.1000")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert differences.first.inner_text() == "−0.1000"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert heading.get_attribute("aria-sort") is None
    assert page.locator("#drill-table th[aria-sort=descending]").inner_text().startswith("right")
    assert (
        page.locator("#drill-said").inner_text() == "12 of 12: left is higher in 11, right in 1, equal in 0."
    )


def test_topics_are_found_by_their_words_and_systems_chosen(visit):
    page = visit("default/fusion/index.html")
    page.get_by_label("topic contains", exact=True).fill("SCRIPT> 1")
    assert page.locator("#drill-table tbody tr").count() == 3  # 1, 10 and 11
    page.get_by_label("left", exact=True).select_option(label="dense")
    page.get_by_label("right", exact=True).select_option(label="dense")
    assert page.locator("#drill-said").inner_text().endswith("equal in 3.")


def background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("name", ["index.html", "default/fusion/index.html", "default/fusion/notebook.html"])
def test_dark_light_and_print(visit, name):
    light, dark = (visit(name, color_scheme=scheme) for scheme in ("light", "dark"))
    assert (background(light), background(dark)) == ("rgb(255, 255, 255)", "rgb(21, 23, 26)")
    dark.emulate_media(media="print")
    assert background(dark) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", ["index.html", "default/fusion/index.html", "default/fusion/notebook.html"])
def test_a_narrow_page_does_not_scroll_sideways(visit, name):
    page = visit(name, viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_a_phone_every_source_of_the_front_page_is_in_sight(visit):
    page = visit("index.html", viewport={"width": 390, "height": 844})
    for table in page.locator("table.stack").all():
        assert table.evaluate("e => e.parentElement.scrollWidth <= e.parentElement.clientWidth")
        cells = table.locator("td:visible").all()
        sources = {cell.get_attribute("data-source") for cell in cells}
        assert sources >= {"the paper's numbers", "ours, default"}
        for cell in cells:
            box = cell.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390
            said = cell.evaluate("e => getComputedStyle(e, '::before').content")
            assert said.strip('"') == cell.get_attribute("data-source")
    wide = visit("index.html", viewport={"width": 1200, "height": 900})
    assert wide.locator("#matrix thead").bounding_box()["x"] >= 0


def test_the_first_tab_leads_to_the_content(visit):
    page = visit("default/fusion/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
