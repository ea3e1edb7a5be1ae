import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.outcomes import AcceptedLines, Outcome, Status
from contact_import.domain.row import Row
from contact_import.files.formula_escape import unescape_formula
from contact_import.reports.csv_files import AcceptedCsv, FailedCsv, build_accepted_formatter, format_csv_lines

cells = st.text(st.sampled_from(",\"'\r\n\t ;x\u2028é"), max_size=4) | st.text(max_size=6)


def _failed(header: list[str], *rows: Row) -> str:
    pieces: list[str] = []
    sheet = FailedCsv(pieces.append, header)
    for row in rows:
        sheet.write_row(Outcome(row, Status.INVALID, "phone_number: missing"))
    sheet.flush()
    return "".join(pieces)


def _read(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_the_columns_of_the_upload_come_first_and_as_they_were() -> None:
    text = _failed(["Mobile", "Mobile", ""], Row(2, ("1", "2", "x\ny")))

    assert _read(text) == [
        ["Mobile", "Mobile", "", "_row", "_status", "_reason", "_suggestion", "_surplus"],
        ["1", "2", "x\ny", "2", "invalid", "phone_number: missing", "", ""],
    ]


def test_a_short_row_is_padded_and_a_long_one_keeps_its_surplus() -> None:
    text = _failed(["A", "B"], Row(2, ("1",)), Row(3, ("1", "2", "3", 'f"our')))

    assert _read(text)[1:] == [
        ["1", "", "2", "invalid", "phone_number: missing", "", ""],
        ["1", "2", "3", "invalid", "phone_number: missing", "", '3,"f""our"'],
    ]


def test_a_formula_is_harmless_and_reads_back() -> None:
    row = _read(_failed(["A"], Row(2, ("=1+1",))))[1]

    assert row[0] == "'=1+1"
    assert unescape_formula(row[0]) == "=1+1"


def test_a_failed_file_that_fails_again_does_not_grow_columns() -> None:
    header = ["A", "_row", "_status", "_reason", "_surplus", "_mine"]

    text = _failed(header, Row(5, ("a", "2", "invalid", "old", "", "m")))

    assert _read(text) == [
        ["A", "_mine", "_row", "_status", "_reason", "_suggestion", "_surplus"],
        ["a", "m", "5", "invalid", "phone_number: missing", "", ""],
    ]


def test_an_accepted_row_keeps_its_number() -> None:
    pieces: list[str] = []
    sheet = AcceptedCsv(pieces.append, ["A"])
    sheet.write_rows([Outcome(Row(7, ("a",)), Status.ACCEPTED)])

    assert _read("".join(pieces)) == [["A", "_row"], ["a", "7"]]


def test_accepted_rows_are_the_same_however_they_come_together() -> None:
    cells: list[tuple[str, ...]] = [("=1+1", "+61 491 570 156"), ("a",), ("a", "b", "beyond the header"), ("x\ny", '"')]
    outcomes = [Outcome(Row(number, cells[number % 4]), Status.ACCEPTED) for number in range(900)]

    texts = set()
    for size in (1, 7, 450, 900):
        pieces: list[str] = []
        sheet = AcceptedCsv(pieces.append, ["A", "B"])
        for start in range(0, 900, size):
            sheet.write_rows(outcomes[start : start + size])
        texts.add("".join(pieces))

    assert len(texts) == 1
    assert [row[-1] for row in _read(texts.pop())[1:]] == [str(number) for number in range(900)]


@given(st.lists(st.tuples(cells, cells, cells), max_size=9))
def test_lines_are_those_of_the_csv_module(rows: list[tuple[str, ...]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)

    assert "".join(format_csv_lines(rows)) == file.getvalue()


def test_rows_that_are_lines_already_stand_among_the_others_as_if_they_were_not() -> None:
    cells: list[tuple[str, ...]] = [("=1+1", "+61 491 570 156"), ("a",), ("a", "b", "beyond the header"), ("x\ny", '"')]
    outcomes = [Outcome(Row(number, cells[number % 4]), Status.ACCEPTED) for number in range(12)]
    early, late = (_lines(outcomes[start::3]) for start in (0, 1))
    plain: list[str] = []
    mixed: list[str] = []

    AcceptedCsv(plain.append, ["A", "B"]).write_rows(outcomes)
    AcceptedCsv(mixed.append, ["A", "B"]).write_rows(outcomes[2::3], [late, early])

    assert "".join(mixed) == "".join(plain)


def _lines(outcomes: list[Outcome]) -> AcceptedLines:
    return AcceptedLines(
        tuple(one.row.number for one in outcomes),
        tuple(build_accepted_formatter(["A", "B"])([one.row for one in outcomes])),
    )
