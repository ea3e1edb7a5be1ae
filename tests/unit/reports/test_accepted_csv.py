import csv
import io

from contact_import.columns.detect import detect_columns
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.reports.accepted_csv import AcceptedCsv, build_describer, format_accepted_rows
from contact_import.reports.csv_lines import CsvLineFormatter

HEADER = ["A", "B"]
CELLS: list[tuple[str, ...]] = [("=1+1", "+61 491 570 156"), ("a",), ("a", "b", "beyond the header"), ("x\ny", '"')]


def _read(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def _accept_rows(count: int) -> list[Outcome]:
    return [Outcome(Row(number, CELLS[number % 4]), Status.ACCEPTED) for number in range(count)]


def _format_lines(outcomes: list[Outcome]) -> AcceptedLines:
    rows = [one.row for one in outcomes]
    return AcceptedLines(
        tuple(row.number for row in rows),
        tuple(format_accepted_rows(CsvLineFormatter(HEADER), lambda _row: "silent", rows)),
    )


def test_an_accepted_row_keeps_its_number() -> None:
    pieces: list[str] = []

    AcceptedCsv(pieces.append, ["A"]).write_rows([Outcome(Row(7, ("a",)), Status.ACCEPTED)])

    assert _read("".join(pieces)) == [["A", "_row", "_consent"], ["a", "7", "silent"]]


def test_rows_that_were_not_accepted_are_left_out() -> None:
    pieces: list[str] = []

    AcceptedCsv(pieces.append, ["A"]).write_rows(
        [Outcome(Row(number, ("a",)), status, "why") for number, status in enumerate(Status)]
    )

    assert _read("".join(pieces))[1:] == [["a", "0", "silent"]]


def test_accepted_rows_are_the_same_however_they_come_together() -> None:
    outcomes = _accept_rows(900)

    texts = set()
    for size in (1, 7, 450, 900):
        pieces: list[str] = []
        accepted_csv = AcceptedCsv(pieces.append, HEADER)
        for start in range(0, 900, size):
            accepted_csv.write_rows(outcomes[start : start + size])
        texts.add("".join(pieces))

    assert len(texts) == 1
    assert [row[-2] for row in _read(texts.pop())[1:]] == [str(number) for number in range(900)]


def test_rows_that_are_lines_already_are_among_the_others_as_if_they_were_not() -> None:
    outcomes = _accept_rows(12)
    early, late = (_format_lines(outcomes[start::3]) for start in (0, 1))
    plain: list[str] = []
    mixed: list[str] = []

    AcceptedCsv(plain.append, HEADER).write_rows(outcomes)
    AcceptedCsv(mixed.append, HEADER).write_rows(outcomes[2::3], [late, early])

    assert "".join(mixed) == "".join(plain)


def test_the_evidence_of_consent_is_kept() -> None:
    columns, _ = detect_columns([Row(1, ("Mobile", "SMS consent")), Row(2, ("0491570006", "Yes"))])

    describe = build_describer(columns)

    assert describe(Row(2, ("0491570006", "Yes"))) == "yes: SMS consent = Yes"
    assert describe(Row(3, ("0491570006",))) == "silent"
    assert build_describer(None, "hooks/website, 2026-11-29T10:00:00Z")(Row(1, ())) == (
        "silent (hooks/website, 2026-11-29T10:00:00Z)"
    )
