import csv
import gzip
import io
import random
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from itertools import accumulate

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


def test_what_was_guessed_about_a_file_is_reported() -> None:
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


def _pack(body: bytes, kind: str) -> bytes:
    if kind == "gzip":
        return gzip.compress(body, mtime=0)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__MACOSX/._other.csv"), b"x")
        method = zipfile.ZIP_STORED if kind == "stored zip" else zipfile.ZIP_DEFLATED
        archive.writestr(zipfile.ZipInfo("june.csv"), body, method)
    return out.getvalue()


def _unpack_cut(packed: bytes, body: bytes, kind: str) -> bytes:
    """Return what another reader gets out of the beginning of an archive."""
    if kind == "gzip":
        return zlib.decompressobj(31).decompress(packed)
    start = packed.index(b"june.csv") + len(b"june.csv") if b"june.csv" in packed else len(packed)
    data = packed[start:]
    return data[: len(body)] if kind == "stored zip" else zlib.decompressobj(-15).decompress(data)


@given(st.integers(0, 1200), st.sampled_from(["gzip", "zip", "stored zip"]), st.floats(0, 0.999), st.booleans())
def test_an_archive_that_is_cut_at_any_byte_loses_no_whole_row(
    rows: int, kind: str, share: float, has_line_breaks: bool
) -> None:
    choose = random.Random(rows)
    cells = [f'"{choose.random()}\n Perth"' if has_line_breaks and n % 3 == 0 else f"{n}" for n in range(rows)]
    records = ["Name,Mobile\n", *(f"{cell},04{n:08}\n" for n, cell in enumerate(cells))]
    body = "".join(records).encode()
    packed = _pack(body, kind)
    cut = packed[: max(4, int(len(packed) * share))]
    ends = accumulate(map(len, records[1:]), initial=len(records[0]))
    whole = sum(end <= len(_unpack_cut(cut, body, kind)) for end in ends) - 1
    try:
        table = open_table(io.BytesIO(cut), region="AU")
    except FileError:
        # Not even the header line and a row, or too few bytes to see that it is an archive.
        assert whole < 1
        return

    read = list(table.rows)

    assert [row.cells[1] for row in read if not row.parse_error] == [f"04{n:08}" for n in range(whole)]
    assert all("middle of this row" in row.parse_error for row in read[whole:])
    assert "cut short" in table.error


@pytest.mark.parametrize("damage", [b"\xff" * 8, b"\0" * 64])
def test_a_damaged_archive_gives_the_rows_before_the_damage(damage: bytes) -> None:
    choose = random.Random(1)
    body = "Name,Mobile\n" + "".join(f"{choose.random()},04{n:08}\n" for n in range(5000))
    packed = gzip.compress(body.encode(), mtime=0)
    middle = len(packed) // 2

    table = open_table(io.BytesIO(packed[:middle] + damage + packed[middle:]), region="AU")

    assert len(list(table.rows)) > 2000
    assert "broken" in table.error


def test_a_checksum_that_is_wrong_costs_no_row() -> None:
    packed = gzip.compress(b"Name,Mobile\nAnn,0491 570 156\n", mtime=0)

    table = open_table(io.BytesIO(packed[:-8] + b"\1" * 8), region="AU")

    assert [row.number for row in table.rows] == [2]
    assert "broken" in table.error


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 450])
def test_no_row_before_an_error_is_lost(count: int) -> None:
    def rows() -> Iterator[Row]:
        yield from (Row(number, ("Ann", "0491 570 156")) for number in range(count))
        raise FileError("broken")

    table = open_table(io.BytesIO(b"Name,Mobile\nAnn,0491 570 156\n"), region="AU")

    given = [row.number for some in table_module._read_rows_until_error(table, rows()) for row in some]

    assert given == list(range(count))
    assert table.error == "broken"
