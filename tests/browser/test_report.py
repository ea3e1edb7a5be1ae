"""report.html in a real browser: `make browser`. Without one these tests fail; they are never skipped."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.reports.counts import Counts, normalize_reason
from contact_import.reports.html.report_page import render_report
from contact_import.reports.html.running_page import render_running_page
from contact_import.reports.html.sample_rows import SampleRows

HOSTILE = (
    "<script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "\"><svg/onload=document.title='run'>",
    "</style><style>body{display:none}</style>",
    "{{ 7 * 7 }}{% include 'report.css' %}",
    "\u202egnp.exe",
    "\u2066\U0001f600 \ud800\x00",
    "javascript:alert(1)\r\nx",
    "&lt;b&gt;",
)
COLUMNS = (Column("Name", "name"), Column("Mobile", "phone_number"), Column(HOSTILE[0], None))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium: `make browser` installs one"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Window:
    """A window on a report, and what the browser complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def rows(self) -> list[str]:
        return [row.inner_text() for row in self.page.locator("#rows tbody tr:visible").all()]


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Window]]:
    contexts = []

    def show(html: str, *, width: int = 1200, scheme: Any = "light", scripts: bool = True) -> Window:
        path = tmp_path / "report.html"
        path.write_bytes(html.encode("utf-8", "replace"))
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            permissions=[],
        )
        contexts.append(context)
        window = Window(context.new_page())
        window.page.on("console", lambda message: window.complaints.append(message.text))
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        window.page.on("request", lambda request: _note(window, request.url))
        window.page.goto(path.as_uri())
        return window

    yield show
    for context in contexts:
        context.close()


def _note(window: Window, url: str) -> None:
    if not url.startswith(("file:", "data:")):
        window.complaints.append(f"asked for {url}")


def report(*outcomes: Outcome, **changes: Any) -> str:
    """Render a page about these rows, with hostile text wherever a file or Cellcast could put some."""
    counts, sample_rows = Counts(), SampleRows(COLUMNS)
    for outcome in outcomes:
        counts.add(outcome)
        if outcome.status is not Status.ACCEPTED:
            sample_rows.add(outcome, normalize_reason(outcome))
    result: dict[str, Any] = {
        "import_id": "04baa2bad3e4233bc9232653",
        "status": "completed_with_failures",
        "dry_run": False,
        "source": {"kind": "s3", "bucket": "contacts", "key": f"incoming/a/{HOSTILE[2]}.csv", "size": 1},
        "started_at": "2026-11-25T02:14:58Z",
        "finished_at": "2026-11-25T02:15:02Z",
        "rows": counts.build_rows(),
        "requests": {"sent": 3, "retried": 1, "throttled": 0, "possibly_repeated": 1},
        "format": {"encoding": "utf-8", "delimiter": ";", "header_line": 1},
        "columns": [{"header": one.header, "field": one.field} for one in COLUMNS],
        "tags": [HOSTILE[1]],
        "list": ["Newsletter"],
        "reasons": counts.build_reasons(),
        "warnings": [{"field": "birthday", "reason": "not a date", "count": 2, "first_row": 7}],
        "messages": list(HOSTILE),
        "error": None,
    }
    return render_report(result | changes, sample_rows)


def _usual() -> str:
    return report(
        Outcome(Row(2, ("Zebedee Quartermain", "0491 570 006", "")), Status.ACCEPTED),
        Outcome(Row(3, ("Ann Lee", "(02) 5550 1234", "x")), Status.INVALID, "phone_number: a landline, not a mobile"),
        Outcome(Row(4, ("Bob Ray", "0491 570 156", "y")), Status.REFUSED, "0491570156 is not valid"),
        Outcome(Row(5, ("Cy Noe", "0491 570 157", "z")), Status.INVALID, "phone_number: missing"),
    )


def _hostile() -> str:
    outcomes = (
        Outcome(Row(number, (word, word, word)), Status.REFUSED, word) for number, word in enumerate(HOSTILE, start=2)
    )
    return report(*outcomes, error=HOSTILE[0], status="failed")


def _running() -> str:
    figures = {
        "stage": "sending",
        "percent": 37.5,
        "rows": {"read": 12_345, "accepted": 12_000, "failed": 45},
        "calls": 31,
        "dry_run": True,
        "started_at": "2026-11-25T02:14:58Z",
        "updated_at": "2026-11-25T02:15:02Z",
    }
    return render_running_page(figures, f"incoming/{HOSTILE[2]}.csv")


def test_hostile_content_is_shown_as_text_and_the_browser_has_nothing_to_complain_of(
    open_report: Callable[..., Window],
) -> None:
    window = open_report(_hostile())
    window.page.get_by_role("button", name="Show people").click()

    assert window.complaints == []
    assert window.page.title() != "run"
    for word in HOSTILE[:5]:
        assert word in window.text
    assert "[U+202E]gnp.exe" in window.text
    assert len(window.rows()) == len(HOSTILE)
    assert window.page.locator("main script, main img, main style").count() == 0


def test_the_policy_lets_nothing_run_that_is_not_the_pages_own(open_report: Callable[..., Window]) -> None:
    html = _usual().replace("</main>", "<script>document.title='run'</script><p style='color:red' id='x'></p></main>")

    window = open_report(html)

    assert window.page.title() != "run"
    assert any("Content Security Policy" in complaint for complaint in window.complaints)


def test_people_are_masked_until_the_reader_asks(open_report: Callable[..., Window]) -> None:
    window = open_report(_usual())
    button = window.page.get_by_role("button", name="Show people")

    masked = window.text
    button.click()
    plain = window.text
    button.click()

    for secret in ("Ann Lee", "5550 1234", "0491570156"):
        assert secret not in masked
        assert secret in plain
    assert window.text == masked


def test_the_rows_are_filtered_from_the_keyboard(open_report: Callable[..., Window]) -> None:
    window = open_report(_usual())
    window.page.get_by_label("Filter").focus()

    window.page.keyboard.type("LANDLINE")

    assert [row.split()[0] for row in window.rows()] == ["3"]
    assert window.page.get_by_role("status").inner_text() == "1 of 3 rows"
    window.page.keyboard.press("Control+A")
    window.page.keyboard.type("bob ray")  # who looks for a person finds the row, masked as it is
    assert [row.split()[0] for row in window.rows()] == ["4"]
    window.page.keyboard.press("Control+A")
    window.page.keyboard.press("Delete")
    window.page.keyboard.press("Tab")
    window.page.keyboard.type("inv")  # a select takes the first letters of its options
    assert [row.split()[0] for row in window.rows()] == ["3", "5"]


@pytest.mark.parametrize(
    ("make", "scheme", "width"),
    [
        (_usual, "light", 1200),
        (_usual, "dark", 360),
        (_hostile, "dark", 1200),
        (_hostile, "light", 360),
        (_running, "dark", 360),
    ],
)
def test_nothing_keeps_anybody_out(
    open_report: Callable[..., Window], make: Callable[[], str], scheme: str, width: int
) -> None:
    window = open_report(make(), scheme=scheme, width=width)

    found = Axe().run(window.page)

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("make", [_usual, _hostile, _running])
def test_a_phone_scrolls_in_one_direction(open_report: Callable[..., Window], make: Callable[[], str]) -> None:
    window = open_report(make(), width=360)

    assert window.page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_scripts_the_page_says_all_and_offers_nothing_that_does_not_work(
    open_report: Callable[..., Window],
) -> None:
    window = open_report(_usual(), scripts=False)

    assert "1 of 4 contacts went in." in window.text
    assert len(window.rows()) == 3
    assert window.page.locator("input:visible, button:visible, select:visible").count() == 0


def test_on_paper_the_controls_are_gone_and_every_row_is_there(open_report: Callable[..., Window]) -> None:
    window = open_report(_usual())

    window.page.emulate_media(media="print")

    assert window.page.locator(".controls").is_hidden()
    scroll = window.page.locator(".scroll")
    assert scroll.evaluate("one => one.scrollHeight <= one.clientHeight")


def test_the_page_of_a_running_import_looks_again_until_it_is_told_not_to(open_report: Callable[..., Window]) -> None:
    window = open_report(_running())
    loads: list[str] = []
    window.page.on("load", lambda page: loads.append(page.url))

    assert "12,345" in window.text
    window.page.wait_for_event("load", timeout=15_000)
    window.page.get_by_label("Look again every 5 seconds").uncheck()
    window.page.wait_for_timeout(6_000)

    assert window.complaints == []
    assert len(loads) == 1
