from typing import Any

import pytest

from contact_import.reports.mail.body import build_body
from contact_import.reports.mail.links import ResultLinks
from tests.unit.reports.test_notifications import RESULT, ROWS


def _build(page_address: str = "", **changes: Any) -> str:
    result = RESULT | changes
    links = ResultLinks(result, "ap-southeast-2", lambda _, name: f"https://api/{name}", 7, page_address)
    return build_body(result, links)


def _reason(status: str, reason: str, count: int, *first_rows: int) -> dict[str, Any]:
    return {"status": status, "reason": reason, "count": count, "first_rows": list(first_rows)}


def test_the_mail_says_how_many_were_imported_and_what_to_do() -> None:
    text = _build()

    assert text.startswith("june.csv: 1,204 of 1,250 contacts imported.\n30 to correct · 16 need nothing\n")
    assert "Correct the rows in failed.csv (not in june.csv) and upload failed.csv to incoming/list=VIP/." in text
    assert "https://api/report.html" in text
    assert "https://api/failed.csv" in text


def test_the_five_commonest_reasons_have_their_lines() -> None:
    reasons = [_reason("invalid", f"Mobile: reason {n}", n, *range(2, 2 + min(n, 5))) for n in range(1, 9)]

    text = _build(reasons=reasons)

    assert "  8 rows: Mobile: reason 8 (rows 2, 3, 4, 5, 6, …)\n  7 rows: Mobile: reason 7" in text
    assert "  4 rows: Mobile: reason 4 (rows 2, 3, 4, 5)\n  and 3 more reasons in the report\n" in text
    assert "reason 3 " not in text


def test_of_equally_common_reasons_those_to_correct_come_first() -> None:
    text = _build(reasons=[_reason("duplicate", "the same", 2, 3, 4), _reason("invalid", "Mobile: empty", 2, 5, 6)])

    assert text.index("Mobile: empty") < text.index("the same")


def test_list_tags_account_duration_warnings_and_id_are_in_it() -> None:
    warning = {"field": "phone_number", "reason": "leading zero restored", "count": 9, "first_row": 4}

    text = _build(tags=["VIP", "Winter"], account={"name": "Smith & Sons", "balance": "1"}, warnings=[warning])

    for words in (
        "List: VIP", "Tags: VIP, Winter", "Cellcast account: Smith & Sons", "Took: 1 min 30 s",
        "  9 rows: Mobile: leading zero restored (first in row 4)", f"Import ID: {RESULT['import_id']}",
    ):  # fmt: skip
        assert words in text


def test_what_there_is_nothing_to_say_about_is_left_out() -> None:
    rows = dict.fromkeys(ROWS, 0)
    text = _build(rows=rows | {"read": 1, "accepted": 1}, reasons=[], status="completed", list=[])
    failed = _build(rows=rows, reasons=[], status="failed", error="The file is a PDF document.")

    assert "\n\n\n" not in text + failed
    assert "failed.csv" not in text + failed
    assert "Why rows" not in text + failed
    assert "warnings" not in text + failed
    assert "List: no list" in text
    assert failed.startswith("june.csv: Nothing was imported.\n\nThe file is a PDF document.\n\nReport:")


def test_no_word_about_one_person_leaves_in_a_mail() -> None:
    reasons = [
        _reason("refused", "Ann Lee, 0491570156, is blocked", 1, 2),
        _reason("refused", "0491570157 is not valid", 3, 3, 4, 5),
        _reason("opted_out", "SMS: cannot tell whether “ask Bob Ray first” is a yes or a no", 1, 6),
        _reason("opted_out", "SMS: cannot tell whether “Pending” is a yes or a no", 2, 7, 8),
    ]

    text = _build(reasons=reasons, error="Cellcast said: ann@example.com is unknown", messages=["Zed Quartz"])

    for secret in ("Ann", "0491570156", "0491570157", "Bob", "ann@example.com", "Zed"):
        assert secret not in text
    assert "“Pending”" in text
    assert "(row 2)" in text


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        ([("unsent", 2)], "Upload failed.csv to incoming/list=VIP/ when the cause is fixed."),
        ([("unknown", 1)], "The rows to look up may already be in Cellcast."),
        ([("duplicate", 1)], ""),
    ],
)
def test_what_to_do_fits_the_rows(reasons: list[tuple[str, int]], words: str) -> None:
    text = _build(reasons=[_reason(status, "why", count, 2) for status, count in reasons])

    assert words in text
    assert "Correct the rows" not in text


def test_after_a_check_the_whole_file_is_uploaded_since_nothing_of_it_was_sent() -> None:
    text = _build(dry_run=True, source=RESULT["source"] | {"key": "validate/list=VIP/june.csv"})

    assert "This was a check: nothing was sent." in text
    assert "Correct the rows in june.csv, then upload june.csv to incoming/list=VIP/." in text
    assert "upload failed.csv" not in text


@pytest.mark.parametrize(
    ("key", "page_address", "place"),
    [
        ("incoming/list=VIP/june.csv", "", "to incoming/list=VIP/."),
        ("incoming/june.csv", "https://api", "to incoming/ or on the import page."),
        ("incoming/upload=0123456789abcdef01234567/june.csv", "https://api", "on the import page."),
    ],
)
def test_failed_rows_are_uploaded_where_the_reader_can_upload_files(key: str, page_address: str, place: str) -> None:
    text = _build(page_address, source=RESULT["source"] | {"key": key})

    assert f"upload failed.csv {place}" in text


def test_a_file_that_was_checked_on_the_import_page_is_imported_there() -> None:
    key = "validate/upload=0123456789abcdef01234567/0a1b/june.csv"

    text = _build("https://api", dry_run=True, source=RESULT["source"] | {"key": key})

    assert "then upload june.csv on the import page." in text


def test_the_name_of_a_file_cannot_add_lines() -> None:
    text = _build(source=RESULT["source"] | {"key": "incoming/a\r\n\r\nReport:\nhttps://evil.example\n.csv"})

    assert "\nhttps://evil.example" not in text
