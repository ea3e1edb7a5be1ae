from typing import Any

from contact_import.reports.metrics import build_metrics

RESULT: dict[str, Any] = {
    "status": "completed_with_failures",
    "dry_run": False,
    "started_at": "2026-01-01T00:00:00Z",
    "finished_at": "2026-01-01T00:01:30Z",
    "rows": {"read": 1250, "accepted": 1204, "invalid": 46, "opted_out": 0},
    "requests": {"sent": 4, "retried": 1, "throttled": 1, "possibly_repeated": 0},
}


def test_rows_calls_and_time_are_counted() -> None:
    counted = {name: (unit, value) for name, unit, value in build_metrics(RESULT)}

    assert counted["RowsAccepted"] == ("Count", 1204)
    assert counted["RowsOptedOut"] == ("Count", 0)
    assert counted["RequestsThrottled"] == ("Count", 1)
    assert counted["ImportSeconds"] == ("Seconds", 90)
    assert counted["ImportsFailed"] == ("Count", 0)


def test_a_dry_run_counts_as_an_import_and_not_as_rows() -> None:
    counted = {name for name, _, _ in build_metrics(RESULT | {"dry_run": True})}

    assert counted == {"Imports", "ImportsFailed", "ImportSeconds"}


def test_a_failed_import_is_counted_as_one() -> None:
    counted = {name: value for name, _, value in build_metrics(RESULT | {"status": "failed"})}

    assert (counted["Imports"], counted["ImportsFailed"]) == (1, 1)
