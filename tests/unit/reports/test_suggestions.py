from datetime import date

import pytest

from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.fields.phone import Phone, read_phone
from contact_import.fields.phone_reasons import NoPhone
from contact_import.reports.suggestions import Suggestions

COLUMNS = (
    Column("Name", "name"),
    Column("Mobile", "phone_number"),
    Column("Born", "birthday"),
    Column("Text to", None),
    Column("Partner", None),
)
TODAY = date(2026, 11, 25)


def _suggest(*cells: str, status: Status = Status.INVALID, reason: str = "Mobile: empty", region: str = "AU") -> str:
    return Suggestions(COLUMNS, region, TODAY).suggest(Outcome(Row(2, cells), status, reason))


@pytest.mark.parametrize(
    ("cells", "suggestion"),
    [
        (("Ann", "O491 57O l56"), "Mobile: 0491570156 (a letter was typed for a digit)"),
        (("Ann", "+61 61 491 570 156"), "Mobile: 0491570156 (the country code was there twice)"),
        (("Ann", "(02) 5550 1234", "", "0491 570 156"), "Mobile: 0491570156 (found under Text to)"),
        (("Smith, Ann", "", "", "", "", "0491570156"), "Mobile: 0491570156 (found in a column without a name)"),
    ],
)
def test_a_safe_repair_of_the_number_is_reported(cells: tuple[str, ...], suggestion: str) -> None:
    assert _suggest(*cells) == suggestion


@pytest.mark.parametrize(
    "cells",
    [
        ("Ann", "6.14E+10"),  # the digits are gone
        ("Ann", "0491 570 1"),
        ("Ann", "", "", "", "0491570156"),  # somebody else's
        ("0491570157", "", "", "0491570156"),  # which of the two?
        ("Ann", "0491 57x 804"),
        (),
    ],
)
def test_what_is_not_certain_is_not_suggested(cells: tuple[str, ...]) -> None:
    assert _suggest(*cells) == ""


def test_the_zero_that_a_spreadsheet_took_is_restored_when_cellcast_refused_the_number() -> None:
    suggestion = _suggest("Ann", "491570156", status=Status.REFUSED, reason="phone_number is not valid")

    assert suggestion == "Mobile: 0491570156 (the leading zero was lost)"


@pytest.mark.parametrize(
    ("cell", "day"),
    [("1990-31-12", "1990-12-31"), ("03/12/2026", "2026-03-12"), ("31/12/1990", ""), ("1990-31-31", "")],
)
def test_a_birthday_with_day_and_month_swapped_is_put_right(cell: str, day: str) -> None:
    suggestion = _suggest("Ann", "", cell)

    assert suggestion == (f"Born: {day} (day and month are swapped)" if day else "")


@pytest.mark.parametrize("status", [Status.DUPLICATE, Status.OPTED_OUT])
def test_rows_that_are_to_stay_out_get_no_suggestion(status: Status) -> None:
    assert _suggest("Ann", "O491570156", "1990-31-12", status=status, reason="whatever") == ""


def test_numbers_of_other_countries_are_not_repaired_by_australias_rules() -> None:
    assert _suggest("Ann", "", "", "0491570156", region="NZ") == ""


@pytest.mark.parametrize("cells", [("Ann", "O491 57O l56"), ("Ann", "+61 61 491 570 156")])
def test_what_is_suggested_would_go_in_and_what_stood_there_would_not(cells: tuple[str, str]) -> None:
    number = _suggest(*cells).split()[1]

    assert isinstance(read_phone(cells[1]), NoPhone)
    assert read_phone(number) == Phone("+61491570156")
