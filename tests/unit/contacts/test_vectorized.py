"""A column at a time is the same as a cell at a time: each test holds the two together."""

import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts import vectorized
from contact_import.fields import text as values
from contact_import.fields.birthday import Birthday, read_birthday
from contact_import.fields.phone import Phone, get_australian_mobile_pattern, read_phone

_PIECES = "; ;  ;';&;&amp;;n/a;N/A;Null;(blanK);|;a;Zoë;Zoe\u0308;\u0308;\xa0;\u200d;,;, ;\n;\r;\t;a@b.au;.;-;\ud800;0"
ODD = st.sampled_from([*_PIECES.split(";"), "x" * 130])
CELLS = st.lists(st.lists(ODD, max_size=4).map("".join), min_size=1, max_size=6)


@given(CELLS, st.sampled_from([20, 255]))
def test_cleaning(cells: list[str], limit: int) -> None:
    assert list(vectorized.clean_column(cells, limit)) == [values.clean_text(cell, limit) for cell in cells]


@given(st.lists(st.tuples(*[st.lists(ODD, max_size=3).map("".join)] * 3), min_size=1, max_size=4))
def test_cleaning_of_several_columns(rows: list[tuple[str, ...]]) -> None:
    columns = list(zip(*rows, strict=True))

    assert list(map(list, vectorized.clean_columns(columns))) == [
        list(map(values.clean_text, cells)) for cells in columns
    ]


def test_a_word_for_nothing_is_one_however_it_is_written() -> None:
    words = "|".join(values.EMPTY_WORDS)
    others = {letter for letter in map(chr, range(128, sys.maxunicode + 1)) if letter.casefold() in words}

    assert others == set(vectorized._CASEFOLD_TO_ASCII_CHARS)
    for word in ("NULL", "nUlL", "(blan\u212a)", "Unde\ufb01ned"):
        assert list(vectorized.clean_column(["a", word])) == ["a", values.clean_text(word)] == ["a", ""]


@given(CELLS)
def test_e_mail_addresses(cells: list[str]) -> None:
    each = [values.normalize_email((cell,)) for cell in cells]

    assert vectorized.normalize_emails(cells) == (
        [text for text, _ in each],
        [n for n, (_, wrong) in enumerate(each) if wrong],
    )


@pytest.mark.parametrize("local", ["ann", "ann.example", "a" * 64, "a" * 65, "a..b", ".a", "a+b"])
@pytest.mark.parametrize("domain", ["example.com", "a.b.example.com.au", "x" * 63 + ".com", "example", "-a.com"])
def test_e_mail_addresses_at_the_edge(local: str, domain: str) -> None:
    address, is_wrong = values.normalize_email((f"{local}@{domain}",))

    assert vectorized.normalize_emails([f"{local}@{domain}"]) == ([address], [0] if is_wrong else [])


@given(st.lists(st.tuples(*[st.lists(ODD, max_size=3).map("".join)] * 3), min_size=1, max_size=4))
def test_addresses(rows: list[tuple[str, ...]]) -> None:
    columns = list(zip(*rows, strict=True))

    assert vectorized.join_addresses(columns) == [values.join_address(parts) for parts in rows]


def _spellings() -> Iterator[str]:
    """Mobiles of the whole range, a few that were never given out among them, as people and machines write them."""
    choose = random.Random(4)
    prefixes = ["", "0", "+61", "61", "+61 ", "+61-", "61 ", "+61 0", "0061", "(0)", " 0", "00"]
    shapes = ["{}{}{}", "{} {} {}", "{}-{}-{}", "{} {}-{}", "{}.{}.{}", "{} {}{}", "{}{} {}", "{}\n{}{}", "{} {} {}0"]
    for digits in (f"{choose.randrange(399_000_000, 501_000_000):09}" for _ in range(20_000)):
        parts = (digits[:3], digits[3:6], digits[6:])
        yield choose.choice(prefixes) + choose.choice(shapes).format(*parts)


def test_mobiles() -> None:
    cells = list(_spellings())

    certain = vectorized.match_common_mobiles([cell for cell in cells if "\n" not in cell])

    found = [read_phone(cell) for cell in cells if "\n" not in cell]
    assert all(not one or two == Phone(one) for one, two in zip(certain, found, strict=True))
    assert sum(map(bool, certain)) > 3_000


def test_the_last_five_digits_do_not_tell_whether_a_mobile_was_given_out() -> None:
    choose, pattern = random.Random(4), get_australian_mobile_pattern()
    for begin in map(str, range(4000, 5000)):
        tails = ["00000", "99999", *(f"{choose.randrange(10**5):05}" for _ in range(20))]
        assert len({bool(pattern.fullmatch(begin + tail)) for tail in tails}) == 1


def test_a_cell_of_several_lines_does_not_move_the_numbers_of_others() -> None:
    assert vectorized.match_common_mobiles(["0491570006", "x\n0491570156", "0491570157"]) == ["", "", ""]
    assert vectorized.match_common_mobiles(["0491570006", "", "0491570157"]) == ["+61491570006", "", "+61491570157"]


DAYS = st.sampled_from(["00", "01", "1", "12", "13", "28", "29", "30", "31", "32", "", "٣"])
YEARS = st.sampled_from(["1905", "1906", "1907", "1992", "2000", "2025", "2026", "2027", "92", "0", ""])


@given(
    st.lists(st.tuples(DAYS, st.sampled_from("/-. x"), DAYS, st.sampled_from("/-."), YEARS).map("".join)),
    st.sampled_from([True, False, None]),
)
def test_birthdays(cells: list[str], day_first: bool | None) -> None:
    today = date(2026, 11, 23)

    certain = vectorized.make_birthday_matcher(today, day_first=day_first)(cells)

    found = [read_birthday(cell, today=today, day_first=day_first) for cell in cells]
    assert all(not one or two == Birthday(one) for one, two in zip(certain, found, strict=True))


@pytest.mark.parametrize("day_first", [True, False])
def test_every_day_is_a_usual_one_but_the_leap_days(day_first: bool) -> None:
    today = date(2026, 11, 23)
    days = [date(1906, 1, 1) + timedelta(days) for days in range(365 * 120)]
    days = [day for day in days if day < date(2026, 1, 1)]

    cells = [day.strftime("%d/%m/%Y" if day_first else "%m/%d/%Y") for day in days]

    leap = [day.isoformat() if (day.month, day.day) != (2, 29) else "" for day in days]
    assert vectorized.make_birthday_matcher(today, day_first=day_first)(cells) == leap


@given(st.lists(st.lists(st.text(max_size=70), max_size=5), max_size=5), st.integers(1, 8))
def test_what_is_remembered(columns: list[list[str]], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectorized, "_MAX_CACHED_VALUES", most)
        read_all, read_pairs = (
            vectorized.memoize_column(partial(map, str.upper)),
            vectorized.memoize_column(partial(map, " ".join)),
        )

        for cells in columns + columns:
            pairs = list(zip(cells, reversed(cells), strict=True))
            assert read_all(cells) == [cell.upper() for cell in cells]
            assert read_pairs(pairs) == [" ".join(pair) for pair in pairs]
