"""report.html in a real browser: `make browser`. Without one these tests fail; they are never skipped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.reports.counts import Counts
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
FAILED_CSV = '\ufeffName,Mobile\r\n"Ann, n\u00e9e Lee",(02) 5550 1234\r\n'
COLUMNS = (Column("Name", "name"), Column("Mobile", "phone_number"), Column(HOSTILE[0], None))


@dataclass
class Window:
    """A window on a report, and the errors that the browser reported."""

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
            timezone_id="Australia/Sydney",
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


def report(*outcomes: Outcome, failed_csv: str = "", **changes: Any) -> str:
    """Render a page about these rows, with hostile text wherever a file or Cellcast could put some."""
    counts, sample_rows = Counts(), SampleRows(COLUMNS)
    for outcome in outcomes:
        counts.add(outcome)
        if outcome.status is not Status.ACCEPTED:
            sample_rows.add(outcome)
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
    sample_rows.failed_csv = failed_csv.encode()
    return render_report(result | changes, sample_rows)


def _usual() -> str:
    return report(
        Outcome(Row(2, ("Zebedee Quartermain", "0491 570 006", "")), Status.ACCEPTED),
        Outcome(Row(3, ("Ann Lee", "(02) 5550 1234", "x")), Status.INVALID, "Mobile: a landline, not a mobile"),
        Outcome(Row(4, ("Bob Ray", "0491 570 156", "y")), Status.REFUSED, "0491570156 is not valid"),
        Outcome(Row(5, ("Cy Noe", "0491 570 157", "z")), Status.INVALID, "Mobile: empty"),
        failed_csv=FAILED_CSV,
    )


def _hostile() -> str:
    outcomes = (
        Outcome(Row(number, (word, word, word)), Status.REFUSED, word) for number, word in enumerate(HOSTILE, start=2)
    )
    return report(*outcomes, error=HOSTILE[0], status="failed")


def _running(**changes: Any) -> str:
    figures = {
        "stage": "sending",
        "percent": 37.5,
        "rows": {"read": 12_345, "accepted": 12_000, "failed": 45},
        "calls": 31,
        "dry_run": True,
        "started_at": "2026-11-25T02:14:58Z",
        "updated_at": "2026-11-25T02:15:02Z",
    }
    return render_running_page(figures | changes, f"incoming/{HOSTILE[2]}.csv")


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

    masked = window.text
    window.page.get_by_role("button", name="Show people").click()
    plain = window.text
    window.page.get_by_role("button", name="Hide people").press("Enter")

    for secret in ("Ann Lee", "5550 1234", "0491570156"):
        assert secret not in masked
        assert secret in plain
    assert window.text == masked


def test_the_failed_rows_are_downloaded_from_a_page_that_was_mailed(open_report: Callable[..., Window]) -> None:
    window = open_report(_usual())
    button = window.page.get_by_role("button", name="Download failed rows")
    for _ in range(20):
        window.page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break

    with window.page.expect_download() as download:
        window.page.keyboard.press("Enter")

    assert download.value.suggested_filename == "failed.csv"
    assert download.value.path().read_bytes() == FAILED_CSV.encode()
    assert window.complaints == []


def test_without_the_rows_in_the_page_there_is_a_link_and_no_button(open_report: Callable[..., Window]) -> None:
    window = open_report(report(Outcome(Row(3, ("Ann", "12", "")), Status.INVALID, "Mobile: too short")))

    assert window.page.get_by_role("button", name="Download failed rows").count() == 0
    assert window.page.get_by_role("link", name="failed.csv").first.get_attribute("href") == "failed.csv"


def test_the_split_under_the_headline_leads_to_the_causes(open_report: Callable[..., Window]) -> None:
    window = open_report(_usual())

    window.page.get_by_role("link", name="3 to correct").click()

    assert window.page.locator("#correct").bounding_box()["y"] < 300  # type: ignore[index]


def test_times_are_those_of_the_readers_clock(open_report: Callable[..., Window]) -> None:
    window = open_report(_usual())

    assert "25 November 2026 at 1:15" in window.text.replace("\u202f", " ")
    assert "AEDT" in window.text
    assert "25 November 2026, 02:15:02 UTC" in open_report(_usual(), scripts=False).text


def test_on_a_phone_each_row_is_a_card_with_the_name_in_sight(open_report: Callable[..., Window]) -> None:
    window = open_report(_usual(), width=360)

    for row in window.page.locator("#rows tbody tr").all():
        name = row.locator(".lead").first.bounding_box()
        reason = row.locator(".why").bounding_box()
        assert name
        assert reason
        assert name["x"] + name["width"] <= 360
        assert name["y"] < reason["y"]


def test_a_long_cell_does_not_push_name_and_reason_out_of_sight(open_report: Callable[..., Window]) -> None:
    outcome = Outcome(Row(3, ("x" * 5000, "9" * 5000, "y" * 5000)), Status.REFUSED, "w" * 5000)

    for width in (1280, 390):
        window = open_report(report(outcome), width=width)
        window.page.get_by_role("button", name="Show people").click()
        reason = window.page.locator("#rows .why").bounding_box()
        assert reason
        assert reason["x"] + reason["width"] <= width
        assert window.page.evaluate("document.documentElement.scrollWidth") == width


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
def test_nothing_keeps_anyone_out(
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

    assert "1 of 4 contacts imported." in window.text
    assert len(window.rows()) == 3
    assert window.page.locator("input:visible, button:visible, select:visible").count() == 0


def test_on_paper_the_controls_are_gone_and_every_row_is_there(open_report: Callable[..., Window]) -> None:
    window = open_report(_usual())

    window.page.emulate_media(media="print")

    assert window.page.locator(".controls, .actions, details").locator("visible=true").count() == 0
    assert len(window.rows()) == 3
    scroll = window.page.locator(".scroll")
    assert scroll.evaluate("one => one.scrollHeight <= one.clientHeight")


def test_on_paper_fifty_masked_rows_are_enough_and_a_reader_who_shows_them_prints_all(
    open_report: Callable[..., Window],
) -> None:
    outcomes = [Outcome(Row(n, ("Ann", "12", "")), Status.INVALID, "Mobile: too short") for n in range(2, 82)]
    window = open_report(report(*outcomes))
    note = window.page.get_by_text("Only the first 50 rows are printed")
    assert note.is_hidden()

    window.page.emulate_media(media="print")
    assert (len(window.rows()), note.is_visible()) == (50, True)

    window.page.emulate_media(media="screen")
    window.page.get_by_role("button", name="Show people").click()
    window.page.emulate_media(media="print")
    assert (len(window.rows()), note.is_visible()) == (80, False)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_outlines_that_carry_meaning_can_be_seen(open_report: Callable[..., Window], scheme: str) -> None:
    window = open_report(_usual(), scheme=scheme)
    colours = window.page.evaluate(
        """() => { const style = getComputedStyle(document.documentElement);
        return ["--edge", "--page", "--paper"].map((name) => style.getPropertyValue(name).trim()); }"""
    )

    edge, *backgrounds = map(_compute_luminance, colours)

    for background in backgrounds:
        assert (max(edge, background) + 0.05) / (min(edge, background) + 0.05) >= 3


def _compute_luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.fixture
def serve_page(browser: Browser) -> Iterator[Callable[..., tuple[Window, dict[str, str]]]]:
    """Serve one page at an address. What it is may be changed while it is open."""
    content = {"page": _running(), "status": "200"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(int(content["status"]))
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(content["page"].encode("utf-8", "replace"))

        def log_message(self, *args: object) -> None:
            """Write nothing to the terminal of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(viewport={"width": 1200, "height": 900})

    def show() -> tuple[Window, dict[str, str]]:
        window = Window(context.new_page())
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        window.page.clock.install()
        window.page.goto(f"http://127.0.0.1:{server.server_port}/report.html")
        return window, content

    yield show
    context.close()
    server.shutdown()
    server.server_close()


def test_a_running_page_updates_itself_without_loading_again_and_then_becomes_the_report(
    serve_page: Callable[..., tuple[Window, dict[str, str]]],
) -> None:
    window, content = serve_page()
    window.page.evaluate("window.isFirstPage = true")
    assert "12,345" in window.text

    content["page"] = _running(percent=61.2, rows={"read": 20_000, "accepted": 19_000, "failed": 45}, seconds_left=130)
    window.page.clock.run_for(5_000)
    window.page.get_by_text("about 2 minutes left").wait_for()
    assert "61 %" in window.text
    assert "19,000" in window.text
    assert window.page.get_by_role("progressbar").evaluate("one => one.value") == 61.2
    assert window.page.evaluate("window.isFirstPage") is True

    content["page"] = _usual()
    window.page.clock.run_for(5_000)
    window.page.get_by_role("heading", name="1 of 4 contacts imported.").wait_for()
    assert window.complaints == []


def test_a_running_page_whose_link_has_expired_says_so(
    serve_page: Callable[..., tuple[Window, dict[str, str]]],
) -> None:
    window, content = serve_page()

    content["status"] = "403"
    window.page.clock.run_for(5_000)

    window.page.get_by_text("its link has expired").wait_for()
    assert "12,345" in window.text


def test_a_running_page_stays_as_it_is_when_the_reader_wants_that(
    serve_page: Callable[..., tuple[Window, dict[str, str]]],
) -> None:
    window, content = serve_page()
    window.page.get_by_label("Keep this page up to date").uncheck()

    requests: list[str] = []
    window.page.on("request", lambda request: requests.append(request.url))
    content["page"] = _usual()
    window.page.clock.run_for(60_000)

    assert requests == []
    assert "12,345" in window.text


def test_a_page_behind_a_signed_link_offers_no_link_that_s3_would_refuse(
    serve_page: Callable[..., tuple[Window, dict[str, str]]],
) -> None:
    window, content = serve_page()
    content["page"] = _usual()

    window.page.reload()
    assert window.page.get_by_role("link", name="failed.csv").count() == 2
    window.page.goto(f"{window.page.url}?X-Amz-Signature=0123")

    assert window.page.get_by_role("link", name=".csv").count() == 0
    with window.page.expect_download() as download:
        window.page.get_by_role("button", name="Download failed rows").click()
    assert download.value.path().read_bytes() == FAILED_CSV.encode()
