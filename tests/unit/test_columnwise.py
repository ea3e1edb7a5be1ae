"""A column at a time is the same as a cell at a time: each test holds the two together."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import import columnwise, values
from contact_import.phones import Phone, read_phone

_PIECES = "; ;  ;';&;&amp;;n/a;N/A;Null;(blanK);|;a;Zoë;Zoe\u0308;\u0308;\xa0;\u200d;,;, ;\n;\r;\t;a@b.au;.;-;\ud800;0"
ODD = st.sampled_from([*_PIECES.split(";"), "x" * 130])
CELLS = st.lists(st.lists(ODD, max_size=4).map("".join), min_size=1, max_size=6)


@given(CELLS, st.sampled_from([20, 255]))
def test_cleaning(cells: list[str], limit: int) -> None:
    assert list(columnwise.clean(cells, limit)) == [values.clean(cell, limit) for cell in cells]


@given(CELLS)
def test_e_mail_addresses(cells: list[str]) -> None:
    each = [values.email((cell,)) for cell in cells]

    assert columnwise.email(cells) == ([text for text, _ in each], [n for n, (_, wrong) in enumerate(each) if wrong])


@pytest.mark.parametrize("local", ["ann", "ann.example", "a" * 64, "a" * 65, "a..b", ".a", "a+b"])
@pytest.mark.parametrize("domain", ["example.com", "a.b.example.com.au", "x" * 63 + ".com", "example", "-a.com"])
def test_e_mail_addresses_at_the_edge(local: str, domain: str) -> None:
    address, is_wrong = values.email((f"{local}@{domain}",))

    assert columnwise.email([f"{local}@{domain}"]) == ([address], [0] if is_wrong else [])


@given(st.lists(st.tuples(*[st.lists(ODD, max_size=3).map("".join)] * 3), min_size=1, max_size=4))
def test_addresses(rows: list[tuple[str, ...]]) -> None:
    columns = list(zip(*rows, strict=True))

    assert columnwise.address(columns) == [values.address(parts) for parts in rows]


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

    certain = columnwise.mobiles([cell for cell in cells if "\n" not in cell])

    found = [read_phone(cell) for cell in cells if "\n" not in cell]
    assert all(not one or two == Phone(one) for one, two in zip(certain, found, strict=True))
    assert sum(map(bool, certain)) > 3_000


def test_a_cell_of_several_lines_does_not_move_the_numbers_of_others() -> None:
    assert columnwise.mobiles(["0491570006", "x\n0491570156", "0491570157"]) == ["", "", ""]
    assert columnwise.mobiles(["0491570006", "", "0491570157"]) == ["+61491570006", "", "+61491570157"]


@given(st.lists(st.text(max_size=70), min_size=1, max_size=5))
def test_what_is_remembered(cells: list[str]) -> None:
    read_all = columnwise.each(str.upper)

    assert read_all(cells) == read_all(cells) == [cell.upper() for cell in cells]
