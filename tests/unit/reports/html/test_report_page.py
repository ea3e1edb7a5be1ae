import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.files.file_types import identify_non_csv, identify_office_document
from contact_import.files.spreadsheets.parts import DAMAGED, TOO_LARGE
from contact_import.reports.html.report_page import _choose_tone, _compute_bar, render_report
from contact_import.reports.html.sample_rows import SampleRows


def _result(**rows: int) -> dict[str, Any]:
    every = dict.fromkeys("accepted invalid duplicate opted_out refused unsent unknown".split(), 0) | rows
    return {"dry_run": False, "rows": {"read": sum(every.values())} | every}


def _failed(error: str) -> dict[str, Any]:
    """Return the result of an import that failed before the first row."""
    return _result() | {
        "import_id": "1",
        "status": "failed",
        "source": {"kind": "s3", "key": "incoming/june.csv"},
        "started_at": "2026-11-01T00:00:00Z",
        "finished_at": "2026-11-01T00:00:01Z",
        "requests": {"sent": 0, "retried": 0, "throttled": 0, "possibly_repeated": 0},
        "format": {"encoding": None, "delimiter": None, "header_line": None},
        "error": error,
        **{name: [] for name in ("columns", "tags", "list", "reasons", "warnings", "messages")},
    }


class _Tags(HTMLParser):
    """The names of all tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)


@pytest.mark.parametrize(
    ("status", "rows", "missing", "tone"),
    [
        ("completed", {"accepted": 9}, 0, "good"),
        ("completed", {"accepted": 9}, 3, "mixed"),
        ("completed_with_failures", {"accepted": 9, "invalid": 1}, 0, "mixed"),
        ("completed_with_failures", {"accepted": 9, "duplicate": 1, "opted_out": 1}, 0, "good"),
        ("completed_with_failures", {"invalid": 180}, 0, "bad"),
        ("completed_with_failures", {"duplicate": 2}, 0, "good"),  # an unchanged failed.csv
        ("failed", {"accepted": 9, "unsent": 1}, 0, "bad"),
        ("failed", {}, 0, "bad"),
    ],
)
def test_the_colour_of_the_head_says_how_it_ended(status: str, rows: dict[str, int], missing: int, tone: str) -> None:
    reasons = [{"status": name, "reason": "why", "count": n} for name, n in rows.items() if name != "accepted"]

    assert (
        _choose_tone(_result(**rows) | {"status": status, "reasons": reasons, "verified": {"missing": missing}}) == tone
    )


def test_a_dry_run_does_not_say_that_anything_was_imported() -> None:
    warning = {"field": "email", "reason": "x", "count": 1, "first_row": 2}

    html = render_report(_failed("") | _result(accepted=2) | {"dry_run": True, "warnings": [warning]})

    assert "All 2 contacts would be imported." in html
    assert "Would be imported with warnings" in html
    assert "(rows that would be imported)" in html
    assert " imported with" not in html.replace("Would be imported with", "")


def test_one_row_of_a_million_is_still_seen_on_the_bar() -> None:
    pieces = list(_compute_bar(_result(accepted=999_999, refused=1)["rows"]))

    assert [status for status, _, _ in pieces] == ["accepted", "refused"]
    assert pieces[1][2] > 3
    assert sum(width for _, _, width in pieces) == pytest.approx(1000, abs=1)


def test_the_page_of_an_import_that_failed_at_once_says_why_and_asks_the_network_for_nothing() -> None:
    html = render_report(_failed("The file contains only blank lines."))

    assert "The file contains only blank lines." in html
    assert "1 November 2026, 00:00:01 UTC" in html
    for word in ("http://", "https://", " src=", "@import", "url("):
        assert word not in html


@settings(max_examples=40)
@given(st.text(st.characters(), max_size=40) | st.sampled_from(["</script><script>", "<!--", "]]>", "'\"><b>"]))
def test_whatever_is_in_a_file_the_page_can_be_written_and_has_no_tag_more(text: str) -> None:
    def page(words: str) -> str:
        sample_rows = SampleRows([Column(f"A{words}", "name"), Column("A", None)])
        sample_rows.add(Outcome(Row(2, (words, words)), Status.REFUSED, words), words)
        refused = [{"status": "refused", "reason": words, "count": 1}]
        columns = [{"header": words, "field": "name"}, {"header": f"A{words}", "field": None}]
        changes = {"messages": [words], "tags": [f"A{words}"], "source": {"kind": "s3", "key": f"incoming/{words}"}}
        return render_report(_failed(words or "why") | changes | {"reasons": refused, "columns": columns}, sample_rows)

    assert [tag for tag in _Tags(page(text)).seen if tag not in ("span", "br")] == [
        tag for tag in _Tags(page("plain words")).seen if tag not in ("span", "br")
    ]


def test_the_page_says_whose_account_was_filled_and_who_was_found_there() -> None:
    asked: dict[str, Any] = {
        "account": {"name": "Smith & Sons", "balance": "12.50"},
        "mapping": "incoming/mapping.json",
        "verified": {"found": 3, "missing": 1, "missing_rows": [7], "unknown_found_rows": [], "error": None},
    }

    html = render_report(_failed("") | asked)

    assert "Smith &amp; Sons" in html
    assert "<dd><bdi>3 of 4</bdi></dd>" in html
    assert "incoming/mapping.json" in html
    assert "Found in Cellcast" not in render_report(
        _failed("") | {"verified": asked["verified"] | {"error": "no answer"}}
    )


@pytest.mark.parametrize(
    ("status", "is_to_do"), [(Status.OPTED_OUT, False), (Status.DUPLICATE, False), (Status.INVALID, True)]
)
def test_no_one_is_asked_to_correct_what_is_right(status: Status, is_to_do: bool) -> None:
    sample_rows = SampleRows((Column("Mobile", "phone_number"),))
    sample_rows.add(Outcome(Row(2, ("0491 570 156",)), status, "why"))
    reasons = [{"status": status.value, "reason": "why", "count": 1, "first_rows": [2]}]

    page = render_report(_failed("") | _result(**{status.value: 1}) | {"reasons": reasons}, sample_rows)

    assert ("1</strong> to correct" in page, "1</strong> needs nothing" in page) == (is_to_do, not is_to_do)
    assert ("Correct these rows" in page, "Leave these rows as they are" in page) == (is_to_do, not is_to_do)


def test_what_came_over_http_is_not_called_a_file() -> None:
    columns = [{"header": "phone", "field": "phone_number"}, {"header": "utm", "field": None}]
    page = render_report(
        _failed("") | _result(accepted=1) | {"columns": columns, "source": {"kind": "webhook", "key": "hooks/wix"}}
    )

    assert "Field of the delivery" in page
    words = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    assert "of the file" not in words
    assert "upload" not in words


def test_the_head_says_where_the_contacts_are_and_how_long_it_took() -> None:
    page = render_report(_failed("") | _result(accepted=1) | {"list": ["Newsletter"], "status": "completed"})

    head = page.partition("</header>")[0]
    for words in ("Newsletter", "no tags", '<time datetime="2026-11-01T00:00:01Z">', "took 1 s"):
        assert words in head


def test_no_word_of_developers_is_outside_the_technical_details() -> None:
    columns = [{"header": "Mobile", "field": "phone_number"}, {"header": "Born", "field": "birthday"}]
    warnings = [{"field": "birthday", "reason": "not a date", "count": 1, "first_row": 7}]
    details = {"format": {"encoding": "utf-8", "delimiter": ",", "header_line": 1}, "import_id": "04baa2bad3e4233bc923"}
    page = render_report(
        _failed("") | _result(accepted=1) | details | {"columns": columns, "warnings": warnings, "mapping": "metadata"}
    )

    words = re.sub(r"<(head|script|details)>.*?</\1>", "", page, flags=re.DOTALL)
    for word in ("phone_number", "utf-8", "comma", "04baa2bad3e4233bc923", "birthday", "metadata", "Requests"):
        assert word not in words
        assert word in page or word in ("phone_number", "birthday", "Requests")
    assert "<td><bdi>Born</bdi></td><td>not a date</td>" in words


@pytest.mark.parametrize(
    ("error", "first_step"),
    [
        (f"The file is {identify_non_csv(bytes.fromhex('d0cf11e0'))}.", "Excel Workbook (*.xlsx)"),
        (f"The file is {identify_office_document(['xl/workbook.bin'])}.", "Excel Workbook (*.xlsx)"),
        (f"The file is {identify_office_document(['content.xml'])}.", "Open the file in LibreOffice"),
        (f"The file is {identify_office_document(['Index/x'])}.", "Open the file in Numbers"),
        (DAMAGED, "Excel Workbook (*.xlsx)"),
        (TOO_LARGE, "CSV UTF-8"),
        ("The file is a PDF document; export the contacts as CSV.", ""),
    ],
)
def test_the_page_of_a_spreadsheet_says_where_to_click(error: str, first_step: str) -> None:
    page = render_report(_failed(error))

    assert ("What to do" in page) == bool(first_step)
    assert first_step in page


def test_with_one_status_nothing_is_said_twice() -> None:
    page = render_report(_failed("") | _result(accepted=3) | {"status": "completed"})

    assert "All 3 contacts imported." in page
    assert 'class="legend"' not in page
    assert "Why " not in page.partition("</header>")[2]


def test_the_columns_of_a_failed_csv_are_not_called_left_out() -> None:
    columns = [{"header": name, "field": None} for name in ("_row", "_status", "_reason", "Notes")]

    page = render_report(_failed("") | _result(accepted=3) | {"columns": columns})

    assert '<bdi class="name">Notes</bdi>' in page
    assert "_status" not in page


def test_the_page_stays_small_whatever_the_number_of_failed_rows() -> None:
    sample_rows = SampleRows([Column(f"column {n}", None) for n in range(500)])
    for number in range(2, 100_002):
        sample_rows.add(Outcome(Row(number, ("x" * 5000,) * 20), Status.REFUSED, "w" * 5000), "s" * 200)
    reasons = [{"status": "refused", "reason": f"{n} {'w' * 500}", "count": 200, "first_rows": [2]} for n in range(500)]

    page = render_report(_failed("") | _result(refused=100_000) | {"reasons": reasons}, sample_rows)

    assert len(page) < 2_500_000


def test_success_is_no_message() -> None:
    page = render_report(_failed("") | _result(accepted=3) | {"messages": ["Successful.", "Your plan ends soon"]})

    assert page.count("<blockquote>") == 1
    assert "Your plan ends soon" in page


def test_where_nothing_was_imported_no_file_of_imported_rows_is_offered() -> None:
    assert "accepted.csv" not in render_report(_failed("The file is empty."))
    assert "accepted.csv" in render_report(_failed("") | _result(accepted=3))


@pytest.mark.parametrize("address", ["https://api.example.com", "https://api.example.com/"])
def test_the_report_links_to_the_import_page_where_its_address_is_known(address: str) -> None:
    assert 'href="https://api.example.com/#import=1"' in render_report(_failed("No."), page_address=address)
    assert "import page" not in render_report(_failed("No."))
