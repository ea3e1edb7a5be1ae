"""The import page in a real browser, against `serve`: from a file to its report, by mouse and by keyboard alone."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Download, expect

from tests.browser.page_window import TOKEN, Window

HOSTILE = "<img src=x onerror=\"document.title='run'\">"
FILE = (
    "Full,Handset,Landline,SMS OK\n"
    "Ann Lee,0491 570 006,(02) 5550 1234,yes\n"
    "Bo Quartermain,0491 570 156,,Pending\n"
    "Cy Moss,12,,yes\n"
    f'"{HOSTILE.replace(chr(34), chr(34) * 2)}",0491 570 157,,no\n'
)


def _read(download: Download) -> str:
    return Path(download.path()).read_text("utf-8-sig")


def test_the_whole_way_by_mouse(open_page: Callable[..., Window]) -> None:
    window = open_page()
    page = window.page

    window.choose(FILE, labels="News")
    lead = page.locator("#check-lead").inner_text()
    cards = page.locator("#contacts li").all_inner_texts()
    facts = page.locator("#check-facts").inner_text()
    window.start()
    title = page.locator("#title-done").inner_text()
    todos = page.locator("#done-todos li").all_inner_texts()
    with page.expect_download() as failed:
        page.get_by_role("button", name="Failed rows (.csv)").click()
    with page.expect_download() as accepted:
        page.get_by_role("button", name="What was imported (.csv)").click()
    with page.context.expect_page() as report:
        page.get_by_role("button", name="Full report").click()
    report.value.wait_for_url(re.compile("report.html"))

    assert lead == "1 of 4 rows would be imported."
    assert "+61491570006" in cards[0]
    assert "Practice run" in facts
    assert "News" in facts
    assert title.startswith("1 of 4 contacts")
    assert todos == ["2 to correct", "1 needs nothing"]
    assert "Bo Quartermain" in _read(failed.value)
    assert "Ann Lee" in _read(accepted.value)
    assert "june.csv" in report.value.title() + report.value.content()
    assert window.complaints == []


def test_the_whole_way_by_keyboard_alone(open_page: Callable[..., Window]) -> None:
    window = open_page()
    page = window.page

    def tab_to(selector: str) -> None:
        for _ in range(60):
            if page.locator(selector).evaluate("(node) => node === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {selector}")

    tab_to("#file")
    page.set_input_files("#file", {"name": "keys.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    tab_to("#upload")
    page.keyboard.press("Enter")
    expect(page.locator("#title-check")).to_be_focused()
    tab_to("#consent-0-1")
    assert page.locator("#consent-0-1").get_attribute("aria-label") == "In column SMS OK, Pending means"
    page.keyboard.press("y")
    expect(page.locator("#check-lead")).to_have_text("2 of 4 rows would be imported.")
    assert page.evaluate("document.activeElement.id") == "consent-0-1"
    tab_to("#import")
    page.keyboard.press("Enter")  # without the box
    expect(page.locator("#permission")).to_be_focused()
    assert page.locator("#permission-error").is_visible()
    page.keyboard.press("Space")
    tab_to("#import")
    page.keyboard.press("Enter")
    expect(page.locator("#title-done")).to_be_focused(timeout=30_000)
    assert page.locator("#title-done").inner_text().startswith("2 of 4 contacts")
    assert window.complaints == []


def test_a_corrected_column_and_a_settled_consent_arrive_so(open_page: Callable[..., Window]) -> None:
    window = open_page()
    page = window.page
    window.choose("Col A,Col B,Status\nAnn,0491 570 006,Mitglied\nBo,0491 570 156,Mitglied\n", "columns.csv")

    page.get_by_label("Column Col A is imported as").select_option("last_name")
    expect(page.locator("#contacts li").first).to_contain_text("Last name")
    window.start()
    with page.expect_download() as accepted:
        page.get_by_role("button", name="What was imported (.csv)").click()

    assert _read(accepted.value).count("Mitglied") == 2
    assert window.complaints == []


def test_hostile_cells_and_names_are_text(open_page: Callable[..., Window]) -> None:
    window = open_page()
    page = window.page

    window.choose(f'Name,Mobile\n"{HOSTILE.replace(chr(34), chr(34) * 2)}",0491 570 006\n', f"{HOSTILE[:9]}\u202e.csv")
    expect(page.locator("#contacts")).to_contain_text("<img")
    window.start()
    page.get_by_role("button", name="History").click()
    expect(page.locator("#history tbody tr").first).to_be_visible()

    assert page.locator("main img").count() == 0
    assert "\u202e" not in page.locator("body").inner_text()
    assert "run" not in page.title()
    assert window.complaints == []


def test_the_token_leaves_the_address_and_stays_in_the_tab(open_page: Callable[..., Window]) -> None:
    window = open_page()
    page = window.page

    assert TOKEN not in page.url
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("document.cookie") == ""
    page.reload()
    expect(page.locator("#title-choose")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.locator("#title-token")).to_be_visible()


def test_a_wrong_token_is_asked_for_again_and_shows_nothing(open_page: Callable[..., Window]) -> None:
    window = open_page("#token=wrong")
    page = window.page

    page.get_by_role("button", name="History").click()
    expect(page.locator("#alert")).to_contain_text("not valid")
    assert page.locator("#view-history").is_hidden()
    page.get_by_role("textbox", name="Token").fill(TOKEN)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#title-history")).to_be_visible()
    expect(page.locator("#alert")).to_be_hidden()


def test_a_lost_connection_is_said_and_the_import_is_found_again(open_page: Callable[..., Window]) -> None:
    window = open_page()
    page = window.page
    window.choose(FILE, "lost.csv")
    page.get_by_label("I have permission to text these people").check()
    page.route(re.compile(r".*/imports/[0-9a-f]{24}$"), lambda route: route.abort())
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#alert")).to_contain_text("No connection", timeout=10_000)

    page.unroute_all()
    expect(page.locator("#title-done")).to_be_visible(timeout=20_000)
    address_of_import = page.url
    page.goto("about:blank")
    page.goto(address_of_import)
    expect(page.locator("#title-done")).to_be_visible(timeout=20_000)


def test_an_upload_that_breaks_off_can_be_repeated(open_page: Callable[..., Window]) -> None:
    window = open_page()
    page = window.page
    page.get_by_label("Contact list").set_input_files(
        {"name": "x.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    page.route(re.compile(r".*:\d+/form$"), lambda route: route.abort())

    page.get_by_role("button", name="Upload and check").click()
    expect(page.locator("#alert")).to_contain_text("interrupted")
    page.unroute_all()
    page.get_by_role("button", name="Upload and check").click()
    expect(page.locator("#title-check")).to_be_focused()


def test_what_is_no_list_says_so_and_another_file_can_be_chosen(open_page: Callable[..., Window]) -> None:
    window = open_page()
    page = window.page
    page.get_by_label("Contact list").set_input_files({"name": "x.pdf", "mimeType": "", "buffer": b"%PDF-1.7 ..."})

    page.get_by_role("button", name="Upload and check").click()
    expect(page.locator("#alert")).to_contain_text("PDF")
    window.choose(FILE)


def test_a_file_without_rows_cannot_be_imported(open_page: Callable[..., Window]) -> None:
    page = open_page().page
    page.get_by_label("Contact list").set_input_files({"name": "a.csv", "mimeType": "", "buffer": b"Name,Mobile\n"})

    page.get_by_role("button", name="Upload and check").click()

    expect(page.get_by_text("The file has no rows with contacts.")).to_be_visible()
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Choose another file")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_step_is_accessible_and_fits(
    open_page: Callable[..., Window], tmp_path: Path, width: int, scheme: str
) -> None:
    window = open_page("", width=width, scheme=scheme)
    page = window.page
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))

    def look(name: str) -> None:
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)

    look("1-token")
    page.get_by_role("textbox", name="Token").fill(TOKEN)
    page.get_by_role("button", name="Continue").click()
    look("2-choose")
    window.choose(FILE, labels="News")
    look("3-check")
    window.start()
    look("5-done")
    page.get_by_role("button", name="History").click()
    expect(page.locator("#history tbody tr").first).to_be_visible()
    look("6-history")
    assert window.complaints == []
