"""Large files, workbooks and several people on the import page: what is shown is what arrived."""

import csv
import datetime as dt
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import Workbook
from playwright.sync_api import Download, Page, expect

from local.sandbox.endpoint import Exchange, Sandbox
from tests.browser.page_window import TOKEN, Server, Window, start_server
from tests.make_workbook import save_workbook

FRONT_DESK, MARKETING = "front-desk-token-4711", "marketing-token-0815"
HOOKS = {
    "tokens": {"front-desk": FRONT_DESK, "marketing": MARKETING},
    "senders": {"site": {"scheme": "token", "secrets": ["site-secret-9923"]}},
}


def _check(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def _write_large(path: Path, rows: int, bytes_per_row: int) -> Path:
    """Write a CSV of different people."""
    pad = "n" * (bytes_per_row - 30)
    with path.open("w", encoding="ascii") as file:
        file.write("Name,Mobile,Notes\n")
        for start in range(0, rows, 1000):
            file.writelines(f"Person {n:06d},04{n:08d},{pad}\n" for n in range(start, start + 1000))
    return path


def _read_result(server: Server, page: Page) -> Any:
    path = next(server.out.rglob(f"{_find_import_id(page)}/result.json"))
    return json.loads(path.read_text("utf-8"))


def _find_import_id(page: Page) -> str:
    return page.url.partition("#import=")[2]


def _stop(page: Page) -> None:
    page.get_by_role("button", name="Stop the import").click()
    _check(page)
    page.get_by_role("dialog").get_by_role("button", name="Stop", exact=True).click()


def test_a_file_of_300_mb_is_uploaded_and_checked_in_seconds_and_flat_memory(
    open_page: Callable[..., Window], tmp_path: Path
) -> None:
    """Its import begins, and is left to itself: the large path is the same for fewer rows, see below."""
    path = _write_large(tmp_path / "large.csv", 150_000, 2_000)
    assert path.stat().st_size > 290_000_000
    with start_server(tmp_path / "out") as server:
        window = open_page(address=server.address)
        page, memory = window.page, server.read_peak_memory()

        window.choose(path, seconds=30)
        _check(page)
        assert page.locator("#check-lead").inner_text() == "200 of the first 200 rows would be imported."
        assert server.read_peak_memory() - memory < 60
        window.begin()
        expect(page.locator("#run-numbers")).to_contain_text("Reading the file", timeout=30_000)
        _check(page)
        assert window.complaints == []
        server.process.kill()


@pytest.fixture
def slow_sandbox() -> Iterator[tuple[Sandbox, str]]:
    def answer_late(exchange: Exchange) -> None:
        time.sleep(0.3)
        exchange.respond()

    with Sandbox(key="k") as sandbox:
        sandbox.default_fault = ("late", answer_late)
        yield sandbox, sandbox.start()


def test_a_large_import_that_is_stopped_accounts_for_each_row_exactly_once(
    open_page: Callable[..., Window], tmp_path: Path, slow_sandbox: tuple[Sandbox, str]
) -> None:
    """Over the state machine: what is in flight ends, the rest is unsent, and nobody is in both files."""
    sandbox, url = slow_sandbox
    options = ("--token", TOKEN, "--cellcast-url", url, "--api-key", "k")
    rows = 20_000
    path = _write_large(tmp_path / "members.csv", rows, 60)
    with start_server(tmp_path / "out", options, INLINE_MAX_BYTES="1", CONCURRENCY="2") as server:
        window = open_page(address=server.address)
        page = window.page
        window.choose(path)
        window.begin()
        expect(page.locator("#run-numbers")).to_contain_text("Sending to Cellcast", timeout=30_000)
        while len(sandbox.numbers) < 1000:
            time.sleep(0.05)
        _stop(page)
        expect(page.locator("#title-done")).to_be_visible(timeout=60_000)
        title = page.locator("#title-done").inner_text()
        with page.expect_download() as failed:
            page.get_by_role("button", name="Failed rows (.csv)").click()
        with page.expect_download() as accepted:
            page.get_by_role("button", name="What was imported (.csv)").click()
        result = _read_result(server, page)
        unsent, sent = _read_numbers(failed.value), _read_numbers(accepted.value)

    counts = result["rows"]
    assert 1000 <= counts["accepted"] < rows
    assert (counts["read"], counts["accepted"] + counts["unsent"]) == (rows, rows)
    assert f"{counts['accepted']:,} of {rows:,}" in title
    assert sorted(sandbox.numbers) == sorted(f"+61{number[1:]}" for number in sent)
    assert (len(sent), len(unsent)) == (counts["accepted"], counts["unsent"])
    assert set(sent).isdisjoint(unsent)
    assert window.complaints == []


def _read_numbers(download: Download) -> list[str]:
    with Path(download.path()).open(encoding="utf-8-sig", newline="") as file:
        return [row["Mobile"] for row in csv.DictReader(file)]


def _make_messy_workbook() -> bytes:
    """Return what people have: lines above the header, other sheets, typed cells, and a parent's number."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Kids club"
    sheet.append(["Bondi Swim School: members"])
    sheet.append([])
    sheet.append(["Child", "Parent / Guardian", "Child mobile", "Parent Mobile", "DOB", "E-mail", "Opt out?"])
    sheet.append(["Mia Chen", "Wei Chen", None, 491570006, dt.date(2015, 3, 4), "wei@example.com", "no"])
    sheet.append(
        ["Jack O'Brien", "Sinead O'Brien", 491570156, 491570157, dt.date(2014, 11, 30), "s@example.com", "perhaps"]
    )
    sheet.append(["Ava Singh", "Priya Singh", None, "+61 491 570 158", None, "priya@example.com", "STOP pls"])
    hidden = workbook.create_sheet("2019")
    hidden.append(["Name", "Mobile"])
    hidden.append(["Old Member", "0491570110"])
    hidden.sheet_state = "hidden"
    return save_workbook(workbook)


def test_a_messy_workbook_is_corrected_in_the_page_and_arrives_right(open_page: Callable[..., Window]) -> None:
    window = open_page(width=390)
    page = window.page

    window.choose(_make_messy_workbook(), "Members (final).xlsx", "Members")
    assert "choose \u201cMobile number\u201d" in page.locator("#check-problem").inner_text()
    assert "mapping.json" not in page.locator("body").inner_text()
    assert page.locator("#import").is_hidden()
    page.get_by_label("Column Parent Mobile is imported as").select_option("phone_number")
    expect(page.locator("#check-problem")).to_be_hidden()
    page.get_by_label("Column Parent / Guardian is imported as").select_option("name")
    expect(page.locator("#contacts")).to_contain_text("Wei")
    expect(page.locator("#failures")).to_contain_text("perhaps")
    _check(page)
    page.get_by_label("In column Opt out?, perhaps means").select_option("silent")
    expect(page.locator("#check-lead")).to_have_text("2 of 3 rows would be imported.")
    window.start()
    _check(page)
    with page.expect_download() as accepted:
        page.get_by_role("button", name="What was imported (.csv)").click()

    rows = list(csv.DictReader(Path(accepted.value.path()).read_text("utf-8-sig").splitlines()))
    assert [(row["Parent / Guardian"], row["Parent Mobile"]) for row in rows] == [
        ("Wei Chen", "491570006"),
        ("Sinead O'Brien", "491570157"),
    ]
    assert "Old Member" not in Path(accepted.value.path()).read_text("utf-8")
    assert window.complaints == []


def test_two_people_at_once_see_each_their_own_import_and_both_in_the_history(
    open_page: Callable[..., Window], tmp_path: Path, slow_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = slow_sandbox
    hooks = tmp_path / "hooks.json"
    hooks.write_text(json.dumps(HOOKS), "utf-8")
    options = ("--hooks", str(hooks), "--cellcast-url", url, "--api-key", "k")
    with start_server(tmp_path / "out", options, BATCH_MAX_CONTACTS="10", CONCURRENCY="1") as server:
        windows = [open_page(f"#token={token}", address=server.address) for token in (FRONT_DESK, MARKETING)]
        for number, window in enumerate(windows):
            numbers = range(400 * number, 400 * number + 400)
            content = "Name,Mobile\n" + "".join(f"P{n},04{n:08d}\n" for n in numbers)
            window.choose(content, f"file-{number}.csv", f"List {number}")
        for window in windows:
            window.begin()
        for number, window in enumerate(windows):
            expect(window.page.locator("#run-file")).to_have_text(f"file-{number}.csv")
            # On one machine the second file waits for the first.
            expect(window.page.locator("#run-numbers")).to_contain_text("imported", timeout=40_000)
        for number, window in enumerate(windows):
            expect(window.page.locator("#title-done")).to_be_visible(timeout=60_000)
            assert window.page.locator("#done-file").inner_text() == f"file-{number}.csv"
            assert "400" in window.page.locator("#title-done").inner_text()
        for window in windows:
            window.page.get_by_role("button", name="History").click()
            expect(window.page.locator("#history tbody tr")).to_have_count(2)
            lines = window.page.locator("#history tbody tr").all_inner_texts()
            assert sorted(re.findall(r"file-\d|front-desk|marketing", " ".join(lines))) == [
                "file-0", "file-1", "front-desk", "marketing"
            ]  # fmt: skip
            assert [("front-desk" in one) == ("file-0" in one) for one in lines] == [True, True]
            _check(window.page)

    assert len(set(sandbox.numbers)) == len(sandbox.numbers) == 800
    lists = {seen.contacts[0]["phone_number"] < "+61400000400": seen.lists for seen in sandbox.log}
    assert lists == {True: ("List 0",), False: ("List 1",)}
    assert [window.complaints for window in windows] == [[], []]


def test_a_connection_that_breaks_in_the_middle_is_said_and_the_file_is_imported_once(
    open_page: Callable[..., Window], tmp_path: Path
) -> None:
    """Of the upload, where the server dies, and of the progress, where the network goes."""
    path = _write_large(tmp_path / "members.csv", 20_000, 5_000)
    with start_server(tmp_path / "out") as server:
        window = open_page(address=server.address)
        page = window.page
        page.get_by_label("Contact list").set_input_files(path)
        page.get_by_role("button", name="Upload and check").click()
        while page.locator("#upload-bar").evaluate("(bar) => bar.value") == 0:
            pass
        server.process.kill()
        expect(page.locator("#alert")).to_contain_text("interrupted", timeout=20_000)
        _check(page)
    with start_server(tmp_path / "out", port=server.port):
        page.reload()
        window.choose(path, seconds=20)
        window.begin()
        expect(page.locator("#run-numbers")).not_to_be_empty(timeout=20_000)
        page.context.set_offline(True)
        expect(page.locator("#alert")).to_contain_text("The import itself continues", timeout=20_000)
        _check(page)
        page.context.set_offline(False)
        expect(page.locator("#title-done")).to_be_visible(timeout=90_000)
        expect(page.locator("#alert")).to_be_hidden()
        result = _read_result(server, page)
        page.get_by_role("button", name="History").click()
        expect(page.locator("#history tbody tr")).to_have_count(1)

    assert result["rows"]["accepted"] == result["rows"]["read"] == 20_000
    # The browser itself reports requests that fail; nothing else may be in its console.
    assert {one for one in window.complaints if "ERR_" not in one} == set()


@pytest.mark.parametrize("token", ["", "wrong-token-0000", "site-secret-9923"])
def test_without_a_token_of_the_api_the_page_shows_nothing(
    open_page: Callable[..., Window], tmp_path: Path, token: str
) -> None:
    """The secret of a webhook sender is none."""
    hooks = tmp_path / "hooks.json"
    hooks.write_text(json.dumps(HOOKS), "utf-8")
    with start_server(tmp_path / "out", ("--hooks", str(hooks))) as server:
        windows = [
            open_page(f"#token={token}{rest}" if token else f"#{rest}", address=server.address)
            for rest in ("&history", f"&import={'0' * 24}")
        ]
        for window in windows:
            expect(window.page.locator("#title-token")).to_be_visible()
            _check(window.page)
            assert window.page.evaluate("sessionStorage.length") == 0
            assert window.page.locator("#view-history").is_hidden()


def test_the_way_with_a_workbook_by_keyboard_alone(open_page: Callable[..., Window], tmp_path: Path) -> None:
    """From the token to the report, the history, and back to an import; the file chooser is the browser's own."""
    window = open_page("")
    page = window.page
    path = tmp_path / "keys.xlsx"
    path.write_bytes(_make_messy_workbook())

    def tab_to(selector: str, key: str = "Tab") -> None:
        for _ in range(80):
            if page.locator(selector).first.evaluate("(node) => node === document.activeElement"):
                return
            page.keyboard.press(key)
        raise AssertionError(f"the keyboard does not reach {selector}")

    tab_to("#token")
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    expect(page.locator("#title-choose")).to_be_focused()
    tab_to("#file")
    page.set_input_files("#file", path)
    tab_to("#list")
    page.keyboard.type("Members")
    page.keyboard.press("Enter")
    expect(page.locator("#title-check")).to_be_focused()
    tab_to("#column-3")
    page.keyboard.press("m")  # the only field of that letter; a slow second one would begin a new search
    expect(page.locator("#check-problem")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "column-3"
    tab_to("#permission")
    page.keyboard.press("Space")
    tab_to("#import")
    page.keyboard.press("Enter")
    expect(page.locator("#title-done")).to_be_focused(timeout=30_000)
    tab_to('[data-file="failed.csv"]')
    with page.expect_download():
        page.keyboard.press("Enter")
    tab_to('[data-file="report.html"]')
    with page.context.expect_page() as report:
        page.keyboard.press("Enter")
    report.value.close()
    tab_to("#go-history", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#title-history")).to_be_focused()
    expect(page.locator("#history tbody tr").first).to_be_visible()
    tab_to("#history tbody button")
    page.keyboard.press("Enter")
    expect(page.locator("#title-done")).to_be_focused(timeout=30_000)
    assert window.complaints == []
