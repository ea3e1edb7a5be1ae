"""The name under which a result file is saved."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.webhooks.api.download import build_disposition


def _disposition(key: str, file_name: str) -> str:
    return build_disposition(json.dumps({"source": {"key": key}}), file_name)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("incoming/list=News/june.csv", "june-failed.csv"),
        ("contacts", "contacts-failed.csv"),
        ("hooks/website", "website-failed.csv"),
        ("incoming/Kunden März.csv.gz", "Kunden%20M%C3%A4rz-failed.csv"),
        ('incoming/a";b.csv', "a%22%3Bb-failed.csv"),
    ],
)
def test_a_csv_is_saved_by_the_name_of_its_upload(key: str, name: str) -> None:
    assert _disposition(key, "failed.csv") == f"attachment; filename=\"failed.csv\"; filename*=UTF-8''{name}"


def test_the_report_is_shown() -> None:
    assert _disposition("incoming/june.csv", "report.html") == "inline"


@given(st.text())
def test_no_name_breaks_out_of_the_header(key: str) -> None:
    disposition = _disposition(key, "accepted.csv")

    assert disposition.isascii()
    assert disposition.isprintable()
    assert len(disposition) < 1100
    assert disposition.count('"') == 2
