from typing import Any

import pytest

from contact_import.reports.notifications import build_event_detail, build_notification, has_mail

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
    "tags": [],
    "list": ["VIP"],
    "reasons": [
        {"status": "invalid", "reason": "Mobile: empty", "count": 30, "first_rows": [2, 3, 5, 8, 13]},
        {"status": "duplicate", "reason": "Mobile: same number as an earlier row", "count": 16, "first_rows": [21]},
    ],
    "warnings": [],
    "messages": ["words of Cellcast"],
    "error": None,
    "failed_csv": "results/list=VIP/june.csv/3f/failed.csv",
    "report_html": "results/list=VIP/june.csv/3f/report.html",
}


def test_the_mail_has_a_subject_and_links_for_people_without_a_login() -> None:
    mail = build_notification(RESULT, "ap-southeast-2", lambda *names: "https://api/" + "/".join(names), link_days=7)

    assert mail.subject == "Imported with 30 problems: june.csv"
    assert "https://api/3f2a9c0d1e4b5a6978877665/report.html" in mail.text


@pytest.mark.parametrize(("kind", "has_one"), [("s3", True), ("webhook", False)])
def test_a_webhook_fills_nobodys_mailbox(kind: str, has_one: bool) -> None:
    assert has_mail({"source": {"kind": kind}}) is has_one


def test_the_event_has_the_counts_and_the_keys_and_nothing_that_cellcast_or_the_file_said() -> None:
    detail = build_event_detail(RESULT, "results/list=VIP/june.csv/3f/result.json")

    assert (detail["rows"], detail["requests"]) == (ROWS, RESULT["requests"])
    assert detail["result_json"] == "results/list=VIP/june.csv/3f/result.json"
    assert not {"columns", "messages", "reasons"} & set(detail)
