"""The end of a consent: a day that has passed is a no, a later day says nothing, anything else is unclear."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.consent import Consent
from contact_import.fields.consent.expiry import read_expiry

TODAY = date(2026, 11, 23)
_NOTATIONS = st.sampled_from(
    [
        "%Y-%m-%d",
        "%Y-%m-%dT00:00:00Z",
        "%d %B %Y",
        "%b %d, %Y",
        "%Y%m%d",
        "%A, %d %B %Y",
        "%Y/%m/%d",
        "%Y-%m-%d 00:00:00",
    ]
)


@given(st.dates(date(1990, 1, 1), TODAY), _NOTATIONS)
def test_a_consent_that_ended_is_a_no(day: date, notation: str) -> None:
    assert read_expiry(day.strftime(notation), TODAY) is Consent.NO


@given(st.dates(TODAY + timedelta(days=1), date(2090, 12, 31)), _NOTATIONS)
def test_a_consent_that_ends_later_says_nothing(day: date, notation: str) -> None:
    assert read_expiry(day.strftime(notation), TODAY) is Consent.SILENT


@pytest.mark.parametrize("cell", ["", "never", "No expiry", "N/A", "31/12/9999", "9999-12-31T00:00:00Z", "0000-00-00"])
def test_a_consent_without_an_end_says_nothing(cell: str) -> None:
    assert read_expiry(cell, TODAY) is Consent.SILENT


@pytest.mark.parametrize("cell", ["soon", "12 months", "?", "2026", "end of year", "32/13/2027"])
def test_an_end_that_cannot_be_read_is_unclear(cell: str) -> None:
    assert read_expiry(cell, TODAY) is Consent.UNCLEAR


def test_a_day_that_may_have_passed_is_unclear() -> None:
    assert read_expiry("05/12/2026", TODAY) is Consent.UNCLEAR  # 5 December, or 12 May


@given(st.text(max_size=90))
def test_no_text_breaks_the_reading(cell: str) -> None:
    assert read_expiry(cell, TODAY) in (Consent.NO, Consent.UNCLEAR, Consent.SILENT)
