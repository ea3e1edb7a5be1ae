import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
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


@pytest.mark.parametrize(("missing", "tone"), [(0, "good"), (3, "mixed")])
def test_contacts_that_are_not_there_after_all_change_the_tone(missing: int, tone: str) -> None:
    assert _choose_tone({"status": "completed", "verified": {"missing": missing}}) == tone


@pytest.mark.parametrize(("status", "tone"), [("completed_with_failures", "mixed"), ("failed", "bad")])
def test_the_tone_follows_the_status(status: str, tone: str) -> None:
    assert _choose_tone({"status": status}) == tone


def test_a_dry_run_does_not_say_that_anything_went_in() -> None:
    warning = {"field": "email", "reason": "x", "count": 1, "first_row": 2}

    html = render_report(_failed("") | _result(accepted=2) | {"dry_run": True, "warnings": [warning]})

    assert "All 2 contacts would go in." in html
    assert "The contact would be sent." in html
    assert "Cellcast took" not in html
    assert "went in" not in html.lower()


def test_one_row_of_a_million_is_still_seen_on_the_bar() -> None:
    pieces = list(_compute_bar(_result(accepted=999_999, refused=1)["rows"]))

    assert [status for status, _, _ in pieces] == ["accepted", "refused"]
    assert pieces[1][2] > 3
    assert sum(width for _, _, width in pieces) == pytest.approx(1000, abs=1)


def test_the_page_of_an_import_that_failed_at_once_says_why_and_asks_the_network_for_nothing() -> None:
    html = render_report(_failed("The file holds nothing but blank lines."))

    assert "The file holds nothing but blank lines." in html
    assert "1 November 2026, 00:00:01 UTC" in html
    for word in ("http://", "https://", " src=", "@import", "url("):
        assert word not in html


@settings(max_examples=40)
@given(st.text(st.characters(), max_size=40) | st.sampled_from(["</script><script>", "<!--", "]]>", "'\"><b>"]))
def test_whatever_stands_in_a_file_the_page_can_be_written_and_has_no_tag_more(text: str) -> None:
    def page(words: str) -> str:
        sample_rows = SampleRows([Column(f"A{words}", "name"), Column("A", None)])
        sample_rows.add(Outcome(Row(2, (words, words)), Status.REFUSED, words), words, words)
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
    assert "3 of 4 are there" in html
    assert "incoming/mapping.json" in html
    assert "are there" not in render_report(_failed("") | {"verified": asked["verified"] | {"error": "no answer"}})


@pytest.mark.parametrize(
    ("status", "is_to_do"), [(Status.OPTED_OUT, False), (Status.DUPLICATE, False), (Status.INVALID, True)]
)
def test_nobody_is_asked_to_correct_what_is_right(status: Status, is_to_do: bool) -> None:
    sample_rows = SampleRows((Column("Mobile", "phone_number"),))
    sample_rows.add(Outcome(Row(2, ("0491 570 156",)), status, "why"), "why", "")

    page = render_report(_failed("") | _result(**{status.value: 1}), sample_rows)

    assert ("Correct them in" in page, "nothing to correct" in page) == (is_to_do, not is_to_do)


def test_what_came_over_http_is_not_called_a_file() -> None:
    columns = [{"header": "phone", "field": "phone_number"}, {"header": "utm", "field": None}]
    page = render_report(
        _failed("") | _result(accepted=1) | {"columns": columns, "source": {"kind": "webhook", "key": "hooks/wix"}}
    )

    assert "How the delivery was understood" in page
    assert " file" not in re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
