from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.fields.birthday import Birthday, infer_day_first, read_birthday, read_birthday_parts

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "cell",
    [
        "1990-05-14",
        "1990/05/14",
        "19900514",
        "14/05/1990",
        "14.05.1990",
        "14-5-90",
        "05/14/1990",
        "14-May-1990",
        "14 May 1990",
        "14th May 1990",
        "May 14, 1990",
        "14. Mai 1990",
        "14 mai 1990",
        "33007",
        "33007.0",
        "1990-05-14T00:00:00Z",
        "14/05/1990 0:00",
        "14/05/1990 12:00:00 AM",
        "'14/05/1990",
        '="14/05/1990"',
        "14051990",
        "14 / 05 / 1990",
        "14th of May, 1990",
        "14, May 1990",
        "14 de mayo de 1990",
        "1990-May-14",
        "Mon 14 May 1990",
        "Monday, May 14, 1990",
        "Mon May 14 1990 00:00:00 GMT+1000 (Australian Eastern Standard Time)",
        "Mon, 14 May 1990 00:00:00 GMT",
        "1990-05-14 00:00:00+00",
        "14/05/1990 (36)",
        "14\u00a0May\u00a01990",
        "14\u201305\u20131990",
        "\u200e14/05/1990",
        "\uff11\uff14/\uff10\uff15/\uff11\uff19\uff19\uff10",
        "1990\u5e745\u670814\u65e5",
    ],
)
def test_every_spelling_of_a_day(cell: str) -> None:
    assert read_birthday(cell, today=TODAY).iso == "1990-05-14"


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("05/14", "a day without a year"),
        ("14 May", "a day without a year"),
        ("31/02/1990", "not a date"),
        ("junk", "not a date"),
        ("1990", "not a date"),
        ("2030-01-01", "a day that nobody living can have been born on"),
        ("1850-01-01", "a day that nobody living can have been born on"),
    ],
)
def test_what_is_no_birthday_says_why(cell: str, why: str) -> None:
    found = read_birthday(cell, today=TODAY)

    assert (found.iso, found.warning) == ("", why)


def test_the_column_as_a_whole_decides_about_day_and_month() -> None:
    assert infer_day_first(["", "01/02/1990", "13/01/1990"]) is True
    assert infer_day_first(["01/02/1990", "01/13/1990"]) is False
    assert infer_day_first(["01/02/1990", "1990-05-14"]) is None

    assert read_birthday("01/02/1990", today=TODAY, day_first=True).iso == "1990-02-01"
    assert read_birthday("01/02/1990", today=TODAY, day_first=False).iso == "1990-01-02"


def test_an_undecidable_day_is_day_first_and_says_so() -> None:
    found = read_birthday("01/02/1990", today=TODAY)

    assert found.iso == "1990-02-01"
    assert "day first" in found.warning


def test_a_year_of_two_digits_is_never_in_the_future() -> None:
    assert read_birthday("23/11/26", today=TODAY, day_first=True).iso == "2026-11-23"
    assert read_birthday("24/11/26", today=TODAY, day_first=True).iso == "1926-11-24"


def test_three_columns_make_a_day() -> None:
    assert read_birthday_parts("1970", "11", "15", today=TODAY).iso == "1970-11-15"
    assert read_birthday_parts("1970", "Nov", "15.0", today=TODAY).iso == "1970-11-15"
    assert read_birthday_parts("", "", "", today=TODAY).iso == ""


@pytest.mark.parametrize("cell", ["", " ", "-", "--", "n/a", "NULL", "undefined", "NaN", "(blank)", "(none)", "'"])
def test_a_cell_that_says_nothing_is_no_birthday_and_no_mistake(cell: str) -> None:
    assert read_birthday(cell, today=TODAY) == Birthday("")


@given(st.dates(date(1910, 1, 1), TODAY), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_each_day_reads_back_in_the_order_of_its_column(day: date, spelling: str) -> None:
    found = read_birthday(day.strftime(spelling), today=TODAY, day_first=spelling.startswith("%d"))

    assert found == Birthday(day.isoformat())


@given(st.dates(date(1910, 1, 1), TODAY))
def test_each_day_reads_back_from_each_spelling(day: date) -> None:
    for spelling in ("%Y-%m-%d", "%d %B %Y", "%d-%b-%Y", "%Y%m%d"):
        assert read_birthday(day.strftime(spelling), today=TODAY).iso == day.isoformat()


@given(st.text(max_size=30))
def test_no_cell_breaks_the_reader(cell: str) -> None:
    read_birthday(cell, today=TODAY)
