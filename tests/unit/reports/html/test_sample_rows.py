from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.reports.html.sample_rows import MAX_ROWS, SampleRows


def _outcome(number: int, *cells: str) -> Outcome:
    return Outcome(Row(number, cells), Status.INVALID, "why")


def test_the_columns_that_were_understood_are_shown_before_others_and_ours_never() -> None:
    header = [Column(f"x{n}", None) for n in range(10)] + [Column("Mobile", "phone_number"), Column("_row", None)]
    sample_rows = SampleRows(header)

    sample_rows.add(_outcome(2, *map(str, range(12))))

    assert sample_rows.column_names == ("Mobile", "x0", "x1", "x2", "x3", "x4", "x5", "x6")
    assert sample_rows.rows[0].cells == ("10", "0", "1", "2", "3", "4", "5", "6")


def test_name_and_number_come_first_and_columns_that_were_not_imported_last() -> None:
    fields = {"Notes": None, "Phone": "phone_number", "Mail": "email", "Last": "last_name", "Work": "phone_number"}

    sample_rows = SampleRows([Column(header, field) for header, field in fields.items()])

    assert sample_rows.column_names == ("Last", "Phone", "Mail", "Work", "Notes")
    assert sample_rows.lead_count == 2


def test_endless_rows_of_endless_cells_do_not_fill_the_memory() -> None:
    sample_rows = SampleRows([Column("A", None)])

    for number in range(2000):
        sample_rows.add(_outcome(number, "x" * 10_000))

    assert len(sample_rows.rows) == MAX_ROWS
    assert len(sample_rows.rows[0].cells[0]) < 100


def test_a_short_row_is_padded() -> None:
    sample_rows = SampleRows([Column("A", None), Column("B", None)])

    sample_rows.add(_outcome(2, "a"))

    assert sample_rows.rows[0].cells == ("a", "")
