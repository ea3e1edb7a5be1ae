from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from contact_import.reports.notifications import Notification, build_event_detail, build_notification

ROWS = {
    "read": 1250, "accepted": 1204, "invalid": 30, "duplicate": 16, "opted_out": 0, "refused": 0, "unsent": 0,
    "unknown": 0,
}  # fmt: skip
RESULT: dict[str, Any] = {
    "import_id": "3f2a9c0d1e4b5a6978877665",
    "status": "completed_with_failures",
    "dry_run": False,
    "source": {"kind": "s3", "bucket": "contacts", "key": "incoming/list=VIP/june.csv", "etag": "", "size": 9},
    "started_at": "2026-01-01T00:00:00Z",
    "finished_at": "2026-01-01T00:01:30Z",
    "rows": ROWS,
    "requests": {"sent": 4, "retried": 1, "throttled": 1, "possibly_repeated": 0},
    "columns": [{"header": "Mobile", "field": "phone_number"}],
    "messages": ["words of Cellcast"],
    "error": None,
    "failed_csv": "results/list=VIP/june.csv/3f/failed.csv",
    "report_html": "results/list=VIP/june.csv/3f/report.html",
}


def _build_mail(**changes: Any) -> Notification:
    mail = build_notification(RESULT | changes, "ap-southeast-2")
    assert mail
    return mail


def test_the_mail_says_how_many_went_in_and_why_the_others_did_not() -> None:
    text = _build_mail().text

    assert "1,204 of 1,250 contacts went in." in text
    assert "30 invalid: The row cannot be a contact." in text
    assert "16 duplicate: " in text
    assert "opted_out" not in text


def test_the_mail_leads_to_the_report_and_to_the_failed_rows() -> None:
    links = [urlsplit(line) for line in _build_mail().text.splitlines() if line.startswith("https://")]

    assert [parse_qs(link.query)["prefix"][0] for link in links] == [RESULT["report_html"], RESULT["failed_csv"]]
    assert all(link.path == "/s3/object/contacts" for link in links)


def test_when_every_row_went_in_nobody_is_sent_to_the_failed_ones() -> None:
    mail = _build_mail(status="completed", rows=ROWS | {"read": 1204, "invalid": 0, "duplicate": 0})

    assert mail.subject == "Imported: june.csv"
    assert RESULT["failed_csv"] not in mail.text


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({}, "Imported, but not every row: june.csv"),
        ({"status": "failed", "error": "Cellcast does not take the key."}, "Import failed: june.csv"),
        ({"dry_run": True}, "Checked, nothing was sent: june.csv"),
    ],
)
def test_the_subject_says_how_it_ended(changes: dict[str, Any], subject: str) -> None:
    assert _build_mail(**changes).subject == subject


def test_a_dry_run_does_not_say_that_cellcast_took_anybody() -> None:
    text = _build_mail(dry_run=True).text

    assert "Cellcast took" not in text
    assert "1,204 accepted: The contact would be sent." in text


def test_a_failed_import_tells_why() -> None:
    assert (
        "Cellcast does not take the key." in _build_mail(status="failed", error="Cellcast does not take the key.").text
    )


@pytest.mark.parametrize("name", ["juné.csv", "a\r\nBcc: everybody@example.com\n.csv", "x" * 300, "\u202egnp.csv"])
def test_no_name_of_a_file_makes_a_subject_that_sns_turns_down(name: str) -> None:
    subject = _build_mail(source=RESULT["source"] | {"key": f"incoming/{name}"}).subject

    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100


def test_a_webhook_fills_nobodys_mailbox() -> None:
    assert build_notification(RESULT | {"source": RESULT["source"] | {"kind": "webhook"}}, "ap-southeast-2") is None


def test_the_event_has_the_counts_and_the_keys_and_nothing_that_cellcast_or_the_file_said() -> None:
    detail = build_event_detail(RESULT, "results/list=VIP/june.csv/3f/result.json")

    assert (detail["rows"], detail["requests"]) == (ROWS, RESULT["requests"])
    assert detail["result_json"] == "results/list=VIP/june.csv/3f/result.json"
    assert not {"columns", "messages", "reasons"} & set(detail)
