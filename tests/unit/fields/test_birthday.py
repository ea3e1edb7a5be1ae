from datetime import UTC, date, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.fields.birthday import Birthday, DateOrder, infer_date_order, read_birthday, read_birthday_parts

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
        ("7 or so", "not a date"),
        ("1990", "not a date"),
        ("2030-01-01", "an impossible birth date"),
        ("1850-01-01", "an impossible birth date"),
    ],
)
def test_what_is_no_birthday_says_why(cell: str, why: str) -> None:
    found = read_birthday(cell, today=TODAY)

    assert (found.iso, found.warning) == ("", why)


def test_the_column_as_a_whole_decides_about_day_and_month() -> None:
    assert infer_date_order(["", "01/02/1990", "13/01/1990"]) is DateOrder.DAY_FIRST
    assert infer_date_order(["01/02/1990", "01/13/1990"]) is DateOrder.MONTH_FIRST
    assert infer_date_order(["01/02/1990", "1990-05-14"]) is DateOrder.UNKNOWN

    assert read_birthday("01/02/1990", today=TODAY, order=DateOrder.DAY_FIRST).iso == "1990-02-01"
    assert read_birthday("01/02/1990", today=TODAY, order=DateOrder.MONTH_FIRST).iso == "1990-01-02"


def test_an_undecidable_day_is_day_first_and_says_so() -> None:
    found = read_birthday("01/02/1990", today=TODAY)

    assert found.iso == "1990-02-01"
    assert "day first" in found.warning


@given(st.lists(st.dates(date(1910, 1, 1), TODAY), min_size=2), st.randoms(use_true_random=False))
def test_a_column_in_both_orders_gives_only_days_that_are_certain(days: list[date], choose: Random) -> None:
    cells = ["25/12/1990", "12/25/1990"]
    cells += [day.strftime(choose.choice(["%d/%m/%Y", "%m/%d/%Y"])) for day in days]
    choose.shuffle(cells)
    order = infer_date_order(cells)

    found = [read_birthday(cell, today=TODAY, order=order) for cell in cells]

    assert order is DateOrder.MIXED
    for cell, birthday in zip(cells, found, strict=True):
        first, second, _ = map(int, cell.split("/"))
        is_certain = max(first, second) > 12 or first == second
        assert bool(birthday.iso) == is_certain
        assert is_certain or "both orders" in birthday.warning


def test_a_day_in_the_other_order_than_its_column_is_read_and_says_so() -> None:
    found = read_birthday("12/25/1990", today=TODAY, order=DateOrder.DAY_FIRST)

    assert found == Birthday("1990-12-25", "day and month are in the other order than in the rest of the column")


@given(
    st.dates(date(1970, 1, 1), date(2020, 1, 1)),
    st.sampled_from(["Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth"]),
    st.sampled_from(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000Z", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S+00"]),
)
def test_the_beginning_of_a_day_in_australia_is_that_day_in_utc_too(day: date, zone: str, spelling: str) -> None:
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))

    found = read_birthday(begin.astimezone(UTC).strftime(spelling), today=TODAY)

    assert found.iso == day.isoformat()
    assert "UTC" in found.warning


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("1990-05-14T00:00:00Z", "1990-05-14"),
        ("1990-05-14T12:00:00Z", "1990-05-14"),
        ("1990-05-14T14:00:00+10:00", "1990-05-14"),
        ("1990-05-14T14:00:00", "1990-05-14"),
        ("1990-05-14T22:00:00Z", ""),
        ("1990-05-14T14:00:07Z", ""),
    ],
)
def test_another_time_in_utc_is_not_guessed(cell: str, iso: str) -> None:
    assert read_birthday(cell, today=TODAY).iso == iso


@given(st.text("/-. |_", min_size=1))
def test_a_date_without_a_digit_is_empty(cell: str) -> None:
    assert read_birthday(cell, today=TODAY) == Birthday("")


def test_a_year_of_two_digits_is_never_in_the_future() -> None:
    assert read_birthday("23/11/26", today=TODAY, order=DateOrder.DAY_FIRST).iso == "2026-11-23"
    assert read_birthday("24/11/26", today=TODAY, order=DateOrder.DAY_FIRST).iso == "1926-11-24"


def test_three_columns_make_a_day() -> None:
    assert read_birthday_parts("1970", "11", "15", today=TODAY).iso == "1970-11-15"
    assert read_birthday_parts("1970", "Nov", "15.0", today=TODAY).iso == "1970-11-15"
    assert read_birthday_parts("", "", "", today=TODAY).iso == ""


@pytest.mark.parametrize("cell", ["", " ", "-", "--", "n/a", "NULL", "undefined", "NaN", "(blank)", "(none)", "'"])
def test_a_cell_that_says_nothing_is_no_birthday_and_no_mistake(cell: str) -> None:
    assert read_birthday(cell, today=TODAY) == Birthday("")


@given(st.dates(date(1910, 1, 1), TODAY), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_each_day_reads_back_in_the_order_of_its_column(day: date, spelling: str) -> None:
    order = DateOrder.DAY_FIRST if spelling.startswith("%d") else DateOrder.MONTH_FIRST

    found = read_birthday(day.strftime(spelling), today=TODAY, order=order)

    assert found == Birthday(day.isoformat())


@given(st.dates(date(1910, 1, 1), TODAY))
def test_each_day_reads_back_from_each_spelling(day: date) -> None:
    for spelling in ("%Y-%m-%d", "%d %B %Y", "%d-%b-%Y", "%Y%m%d"):
        assert read_birthday(day.strftime(spelling), today=TODAY).iso == day.isoformat()


@given(st.text(max_size=30))
def test_no_cell_breaks_the_reader(cell: str) -> None:
    read_birthday(cell, today=TODAY)
