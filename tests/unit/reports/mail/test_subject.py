from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.reports.mail.subject import build_subject
from tests.unit.reports.test_notifications import RESULT


def _build(name: str = "june.csv", *, status: str = "", verified: Any = None, dry: bool = False, **rows: int) -> str:
    every = dict.fromkeys("accepted invalid duplicate opted_out refused unsent unknown".split(), 0) | rows
    return build_subject(
        RESULT
        | {
            "status": status or ("completed" if rows.keys() <= {"accepted"} else "completed_with_failures"),
            "rows": {"read": sum(every.values())} | every,
            "reasons": [{"status": key, "reason": "why", "count": n} for key, n in rows.items() if key != "accepted"],
            "source": RESULT["source"] | {"key": f"incoming/{name}"},
            "verified": verified,
            "dry_run": dry,
        }
    )


@pytest.mark.parametrize(
    ("rows", "status", "subject"),
    [
        ({"accepted": 3}, "", "Imported: june.csv"),
        ({"accepted": 3, "duplicate": 2, "opted_out": 1}, "", "Imported: june.csv"),
        ({"accepted": 3, "invalid": 5, "unsent": 4, "unknown": 1}, "", "Imported with 10 problems: june.csv"),
        ({"accepted": 3, "refused": 1}, "", "Imported with 1 problem: june.csv"),
        ({"invalid": 180}, "", "Not imported: june.csv"),
        ({}, "failed", "Not imported: june.csv"),
        ({"unsent": 9}, "failed", "Not imported: june.csv"),
        ({"accepted": 1200, "unsent": 9}, "failed", "Stopped after 1,200 of 1,209 contacts: june.csv"),
        ({"unknown": 9}, "", "Could not be confirmed: june.csv"),
        ({"duplicate": 2, "opted_out": 1}, "", "Nothing new to import: june.csv"),
    ],
)
def test_the_subject_is_true(rows: Any, status: str, subject: str) -> None:
    assert _build(status=status, **rows) == subject


def test_a_check_says_that_nothing_was_sent() -> None:
    assert _build(dry=True, accepted=3) == "Checked, nothing sent: june.csv"
    assert _build(dry=True, accepted=3, invalid=2) == "Checked, 2 problems, nothing sent: june.csv"
    assert _build(dry=True, status="failed") == "Checked, cannot be imported: june.csv"


def test_contacts_that_are_missing_after_all_are_in_the_subject() -> None:
    assert _build(accepted=9, verified={"missing": 3}) == "Imported, 3 not found in Cellcast: june.csv"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("juné.csv", "june.csv"),
        ("contacts \u202egnp.csv", "contacts gnp.csv"),
        ("\u5e74\u5ea6.csv", "your file.csv"),
        ("\u0642\u0627\u0626\u0645\u0629", "your file"),
        ("a\r\nBcc: everybody@example.com\n.csv", "a Bcc: everybody@example.com .csv"),
        (f"{'x' * 300}.csv.gz", f"{'x' * 74}...{'x' * 5}.csv.gz"),
    ],
)
def test_the_name_of_the_file_can_be_read_in_ascii(name: str, shown: str) -> None:
    assert _build(name, accepted=1) == f"Imported: {shown}"[:99]


@given(st.text(st.characters(exclude_characters="/"), max_size=400))
def test_no_name_of_a_file_makes_a_subject_that_sns_turns_down(name: str) -> None:
    subject = _build(name, accepted=1_000_000, unsent=1_000_000, status="failed")

    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100
