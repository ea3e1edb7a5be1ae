import csv
import io

from contact_import.columns.detect import Column, Columns
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.resubmission.formula_escape import unescape_formula
from tests.make_failed_csv import make_failed_csv


def _make_columns(header: list[str]) -> Columns:
    return Columns(1, tuple(Column(name, None) for name in header), {})


def _write_failed_csv(header: list[str], *rows: Row, suggestion: str = "") -> str:
    outcomes = [Outcome(row, Status.INVALID, "Mobile: empty") for row in rows]
    return "".join(make_failed_csv(_make_columns(header), outcomes, suggestion=suggestion))


def _read(text: str) -> list[list[str]]:
    """Return the cells but those of the last column, which is for the importer."""
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:], newline="")))
    assert rows[0][-1].startswith("_importer ")
    return [row[:-1] for row in rows]


def test_the_columns_of_the_upload_come_first_and_as_they_were() -> None:
    text = _write_failed_csv(["Mobile", "Mobile", ""], Row(2, ("1", "2", "x\ny")))

    assert _read(text) == [
        ["Mobile", "Mobile", "", "_row", "_status", "_reason", "_suggestion", "_surplus", "_list", "_tags"],
        ["1", "2", "x\ny", "2", "invalid", "Mobile: empty", "", "", "", ""],
    ]


def test_a_short_row_is_padded_and_a_long_one_keeps_its_surplus() -> None:
    text = _write_failed_csv(["A", "B"], Row(2, ("1",)), Row(3, ("1", "2", "3", 'f"our')))

    assert _read(text)[1:] == [
        ["1", "", "2", "invalid", "Mobile: empty", "", "", "", ""],
        ["1", "2", "3", "invalid", "Mobile: empty", "", '3,"f""our"', "", ""],
    ]


def test_a_formula_is_harmless_and_reads_back() -> None:
    row = _read(_write_failed_csv(["A"], Row(2, ("=1+1",))))[1]

    assert row[0] == "'=1+1"
    assert unescape_formula(row[0]) == "=1+1"


def test_a_formula_in_the_surplus_or_the_suggestion_is_harmless() -> None:
    row = _read(_write_failed_csv(["A"], Row(2, ("a", "=1+1")), suggestion="@A: 1"))[1]

    assert row[4:6] == ["'@A: 1", "'=1+1"]


def test_a_failed_file_that_fails_again_does_not_grow_columns() -> None:
    header = ["A", "_row", "_status", "_reason", "_surplus", "_mine"]

    text = _write_failed_csv(header, Row(5, ("a", "2", "invalid", "old", "", "m")))

    assert _read(text) == [
        ["A", "_mine", "_row", "_status", "_reason", "_suggestion", "_surplus", "_list", "_tags"],
        ["a", "m", "5", "invalid", "Mobile: empty", "", "", "", ""],
    ]


def test_an_import_without_failed_rows_has_only_the_header() -> None:
    assert _read(_write_failed_csv(["A"])) == [
        ["A", "_row", "_status", "_reason", "_suggestion", "_surplus", "_list", "_tags"]
    ]


def test_rows_are_written_in_pieces_and_each_once() -> None:
    outcomes = [Outcome(Row(number, ("a",)), Status.UNSENT, "no answer") for number in range(2, 503)]

    pieces = make_failed_csv(_make_columns(["A"]), outcomes)

    assert len(pieces) > 2
    assert [row[1] for row in _read("".join(pieces))[1:]] == [str(number) for number in range(2, 503)]
