"""Combine the consent columns of one row."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.detect import detect_columns
from contact_import.contacts.consent_reader import ConsentReader, RefusalReader
from contact_import.contacts.row_block import RowBlock
from contact_import.domain.consent import Consent, ConsentEvidence
from contact_import.domain.row import Row

_TODAY = date(2026, 11, 23)


def _read(row: dict[str, str]) -> ConsentEvidence:
    columns, _ = detect_columns([Row(1, ("Mobile", *row)), Row(2, ("0491570006", *row.values()))])
    reader = ConsentReader(columns, _TODAY)
    return reader.read_row(tuple([*row.values()][column.index - 1] for column in reader.columns))


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"SMS opt-in": "Yes", "Status": "Unsubscribed"}, Consent.UNCLEAR),
        ({"SMS consent": "Yes", "Do not SMS": "Yes"}, Consent.UNCLEAR),
        ({"SMS consent": "No", "Status": "Subscribed"}, Consent.UNCLEAR),
        ({"Subscribed": "Yes", "SMS consent": "No"}, Consent.NO),
        ({"Accepts Marketing": "No", "Accepts SMS Marketing": "Yes"}, Consent.YES),
        ({"Accepts Marketing": "No", "Accepts SMS Marketing": ""}, Consent.NO),
        ({"SMS consent": "Yes", "Opted out": "No"}, Consent.YES),
        ({"SMS consent": "Yes", "Email opt out": "Yes"}, Consent.YES),
        ({"SMS consent": "", "Status": "Lead"}, Consent.SILENT),
        ({"subscribed_at": "2024-01-01T00:00:00Z", "unsubscribed_at": "2025-01-01T00:00:00Z"}, Consent.NO),
        ({"subscribed_at": "2025-01-01T00:00:00Z", "unsubscribed_at": "2024-01-01T00:00:00Z"}, Consent.YES),
        # 1 March begins in Sydney at 13:00 of the day before in UTC: the person may have left after it.
        ({"subscribed_at": "2025-03-01", "unsubscribed_at": "2025-02-28T23:30:00Z"}, Consent.NO),
        ({"subscribed_at": "2025-03-01T09:00:00", "unsubscribed_at": "2025-03-01T02:00:00Z"}, Consent.NO),
        ({"subscribed_at": "2024-01-01", "Status": "Unsubscribed"}, Consent.NO),
        ({"SMS consent": "Yes", "Opt-out date": "2025-01-01"}, Consent.NO),
        ({"SMS consent": "Yes", "SMS consent date": "2025-06-01", "Opt-out date": "2025-01-01"}, Consent.YES),
        ({"SMS Marketing Consent": "UNSUBSCRIBED", "SMS Marketing Consent Timestamp": "2025-02-02"}, Consent.NO),
        ({"SMS Marketing Consent": "", "SMS Marketing Consent Timestamp": "2025-02-02"}, Consent.YES),
        ({"Unsubscribed": "No", "Unsubscribed at": "2025-02-02"}, Consent.NO),
        ({"SMS Consent (Consent)": "Checked", "SMS Consent (Text)": "Tick to get texts."}, Consent.YES),
        ({"SMS Consent (Consent)": "Not Checked", "SMS Consent (Text)": "Tick to get texts."}, Consent.NO),
        ({"SMS marketing": "Yes", "SMS reminders": "No"}, Consent.YES),
        ({"SMS marketing": "", "SMS reminders": "No"}, Consent.NO),
        ({"SMS marketing": "Yes", "Communication preferences": "None"}, Consent.UNCLEAR),
        ({"Consent level": "None"}, Consent.NO),
        ({"Consent level": "Full"}, Consent.SILENT),
        ({"State": "Unsubscribed"}, Consent.NO),
        ({"State": "WA"}, Consent.SILENT),
    ],
)
def test_columns_of_one_row_are_weighed_together(row: dict[str, str], verdict: Consent) -> None:
    assert _read(row).verdict is verdict
    assert _read(dict(reversed(row.items()))).verdict is verdict  # whatever the order of the columns


def test_the_evidence_names_column_and_value() -> None:
    assert _read({"SMS consent": " Pending ", "Status": "New"})[:3] == (Consent.UNCLEAR, "SMS consent", "Pending")


_NOTATIONS = st.sampled_from(
    [
        "%Y-%m-%d",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S+00",
        "%d %B %Y",
        "%b %d, %Y %I:%M %p",
        "%Y%m%d",
        "%d.%m.%Y",
        "%a, %d %b %Y %H:%M:%S +0000",
        "%A, %B %d, %Y",
        "%Y/%m/%d",
        "%d/%m/%Y %H:%M",
        "%s",
        "%s000",
        "%Y-%m-%dT%H:%M",
        "%Y%m%dT%H%M%SZ",
        "%d-%b-%y",
        "%a %b %d %Y %H:%M:%S GMT+1100 (Australian Eastern Daylight Time)",
    ]
)


_MOMENTS = st.datetimes(datetime.fromisoformat("2010-01-01"), datetime.fromisoformat("2025-12-31"))


@given(_MOMENTS, _NOTATIONS)
def test_a_moment_in_any_notation_means_that_it_happened(moment: datetime, notation: str) -> None:
    text = moment.strftime(notation)

    assert _read({"Unsubscribed at": text}).verdict is Consent.NO
    assert _read({"SMS consent at": text}).verdict is Consent.YES
    assert _read({"Unsubscribed at": text, "Status": "Active", "SMS consent": "yes"}).verdict is Consent.NO


def _read_refusals(header: str, cell: str) -> dict[int, ConsentEvidence]:
    rows = [
        Row(1, ("Name", "Mobile", header)),
        Row(2, ("Bo Lee", "0491570006", cell)),
        Row(3, ("Cy", "0491570156", "")),
    ]
    columns, skip = detect_columns(rows)
    return RefusalReader(columns).read_block(RowBlock(rows[skip:], columns))


@pytest.mark.parametrize("header", ["Notes", "Privacy", "Comment", "Category", "Tags", "Group", "List", "Field 7", ""])
@pytest.mark.parametrize("cell", ["Do not contact", "<b>STOP</b>", "opted out 3/2/2025", "DNC"])
def test_a_refusal_counts_in_any_column_that_gives_no_field(header: str, cell: str) -> None:
    refusals = _read_refusals(header, cell)

    assert {index: (one.verdict, one.value) for index, one in refusals.items()} == {0: (Consent.NO, cell)}


@pytest.mark.parametrize("header", ["Email status", "Spouse", "Emergency contact", "Disclaimer", "Address", "_reason"])
def test_a_refusal_of_someone_or_something_else_says_nothing(header: str) -> None:
    assert _read_refusals(header, "Do not contact") == {}


def test_each_label_is_read_by_itself() -> None:
    assert _read_refusals("Tags", "VIP, sms-optout; Perth")
    assert not _read_refusals("Tags", "VIP, email-unsubscribed; non-smoker")
