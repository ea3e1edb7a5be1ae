from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles.numbers import is_date_format as is_date_for_openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, to_excel

from contact_import.files.spreadsheets.cells import format_boolean, format_date, format_number, is_date_format


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("491570006", "491570006"),
        ("491570006.0", "491570006"),
        ("4.91570006E8", "491570006"),
        ("6.1491570006E10", "61491570006"),
        ("61491570006", "61491570006"),
        ("-12", "-12"),
        ("12.5", "12.5"),
        ("0.1", "0.1"),
        ("1E+22", "1e+22"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("no number", "no number"),
        ("", ""),
    ],
)
def test_a_number_is_written_with_all_its_digits_and_no_more(stored: str, text: str) -> None:
    assert format_number(stored) == text


@given(st.integers(0, 10**15 - 1))
def test_every_number_that_a_spreadsheet_can_keep_comes_out_digit_by_digit(number: int) -> None:
    assert format_number(repr(float(number))) == str(number)


@pytest.mark.parametrize(
    ("serial", "text"),
    [
        ("33007", "1990-05-14"),
        ("33007.4375", "1990-05-14 10:30:00"),
        ("32999.9999999", "1990-05-07"),
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("61", "1900-03-01"),
        ("0.5", "12:00:00"),
        ("2958465", "9999-12-31"),
        ("491570006", "491570006"),
        ("-1", "-1"),
        ("nan", "nan"),
        ("0", "0"),
        ("soon", "soon"),
    ],
)
def test_a_date_is_the_day_that_excel_shows_and_a_phone_in_a_column_of_dates_keeps_its_digits(
    serial: str, text: str
) -> None:
    assert format_date(serial, is_1904=False) == text


@given(st.dates(date(1904, 1, 2), date(9995, 1, 1)), st.booleans())
def test_a_day_is_read_as_openpyxl_writes_it(day: date, is_1904: bool) -> None:
    epoch = CALENDAR_MAC_1904 if is_1904 else CALENDAR_WINDOWS_1900

    assert format_date(str(to_excel(day, epoch)), is_1904=is_1904) == day.isoformat()


@given(st.floats(61, 100_000).filter(lambda value: value % 1 < 0.99999))
def test_a_moment_is_read_as_openpyxl_reads_it(serial: float) -> None:
    moment = from_excel(serial)

    text = format_date(repr(serial), is_1904=False)

    assert abs(datetime.fromisoformat(text) - moment) <= timedelta(seconds=1)


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("dd/mm/yyyy", True),
        ("d-mmm-yy", True),
        ("[$-C09]dddd, d mmmm yyyy;@", True),
        ("yyyy\\-mm\\-dd", True),
        ("h:mm AM/PM", True),
        ("General", False),
        ("0000 000 000", False),
        ("@", False),
        ('"days" 0', False),
        ('#,##0.00 "USD"', False),
        ("[Red]0", False),
        ("[h]:mm", False),
        ("0.00E+00", False),
    ],
)
def test_a_format_is_a_date_by_its_codes(code: str, is_date: bool) -> None:
    assert is_date_format(code) is is_date
    if "[h]" not in code:
        assert is_date_for_openpyxl(code) is is_date


@pytest.mark.parametrize(("stored", "text"), [("1", "TRUE"), ("0", "FALSE"), ("true", "TRUE"), ("2", "2")])
def test_a_boolean_is_a_word(stored: str, text: str) -> None:
    assert format_boolean(stored) == text
