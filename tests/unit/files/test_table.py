import csv
import gzip
import io
import random
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.errors import FileError
from contact_import.fields.birthday import DateOrder
from contact_import.files import table as table_module
from contact_import.files.table import detect_date_order, open_table
from tests.make_failed_csv import make_failed_csv

RULES = ValidationRules(date(2026, 11, 23))


def _validate(data: bytes) -> list[Contact | Outcome]:
    table = open_table(io.BytesIO(data), region="AU")
    return list(validate_rows(table.rows, table.columns, RULES))


CHUNK = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"Name,Mobile\n", b"0491570006", b"Ann,0491570006\r\n", b'"', b";", b"\xff\xfe", b"\x1f\x8b", b"PK\x03\x04"]
    ),
)


@given(st.lists(CHUNK, max_size=12))
def test_no_bytes_break_the_reading_of_a_file(chunks: list[bytes]) -> None:
    try:
        numbers = [one.row.number for one in _validate(b"".join(chunks))]
    except FileError:
        return
    assert numbers == sorted(set(numbers))


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff\r"), max_size=8)
TRICKY = st.sampled_from(["=1+1", "'=1", "+61491570006", "-5", "@x", "\t=1", '"', ",", ";", "a\nb", "", " ", "'"])


@given(st.lists(st.tuples(CELL | TRICKY, CELL | TRICKY), min_size=1, max_size=10))
def test_failed_csv_reads_back_as_the_rows_that_failed(rows: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("Mobile", "Note", "Name"), *((f"x{one}", two, "Ann") for one, two in rows)])
    table = open_table(io.BytesIO(out.getvalue().encode()), region="AU")
    upload = list(table.rows)
    outcomes = [Outcome(row, Status.INVALID, "Mobile: not a phone number") for row in upload]
    pieces = make_failed_csv(table.columns, outcomes)

    again = open_table(io.BytesIO("".join(pieces).encode()), region="AU")

    assert [row.cells[:3] for row in again.rows] == [row.cells for row in upload]
    assert [column.field for column in again.columns.columns[:3]] == [one.field for one in table.columns.columns]


def test_what_was_guessed_about_a_file_is_told() -> None:
    table = open_table(io.BytesIO("Name,Mobile\nZoë,0491570006\n".encode() + b"Zo\xeb,0491570156\n"), region="AU")
    rows = list(table.rows)

    assert [row.cells[0] for row in rows] == ["Zoë", "Zoë"]
    assert [warning.field for warning in table.summarize().warnings] == ["file"]


@pytest.mark.parametrize(
    ("body", "order"),
    [
        ("Mobile,DOB\n1,01/02/1990\n2,25/12/1990\n", DateOrder.DAY_FIRST),
        ("Mobile,DOB\n1,01/02/1990\n2,12/25/1990\n", DateOrder.MONTH_FIRST),
        ("Mobile,DOB\n1,12/25/1990\n2,01/02/1990\n3,25/12/1990\n", DateOrder.MIXED),
        ("Mobile,DOB\n1,01/02/1990\n", DateOrder.UNKNOWN),
        ("Mobile,DOB\n" + "1,01/02/1990\n" * 5000 + "2,12/25/1990\n", DateOrder.MONTH_FIRST),
        ("Mobile\n1\n", DateOrder.UNKNOWN),
    ],
)
def test_the_whole_column_decides_about_day_and_month(body: str, order: DateOrder) -> None:
    layout = open_table(io.BytesIO(body.encode()), region="AU").layout

    assert detect_date_order(lambda: io.BytesIO(body.encode()), region="AU", layout=layout) is order


@given(st.integers(0, 900), st.integers(1, 300))
def test_an_archive_that_breaks_off_loses_no_row_before_that(rows: int, missing: int) -> None:
    choose = random.Random(rows)
    body = "Name,Mobile\n" + "".join(f"{choose.random()},04{n:08}\n" for n in range(rows))
    packed = gzip.compress(body.encode())[:-missing]
    try:
        table = open_table(io.BytesIO(packed), region="AU")
    except FileError:
        return

    numbers = [row.number for row in table.rows]

    assert numbers == list(range(2, len(numbers) + 2))
    assert table.error


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 450])
def test_no_row_before_an_error_is_lost(count: int) -> None:
    def rows() -> Iterator[Row]:
        yield from (Row(number, ("Ann", "0491 570 156")) for number in range(count))
        raise FileError("broken")

    table = open_table(io.BytesIO(b"Name,Mobile\nAnn,0491 570 156\n"), region="AU")

    given = [row.number for some in table_module._read_rows_until_error(table, rows()) for row in some]

    assert given == list(range(count))
    assert table.error == "broken"
