"""Write rows as the failed.csv of an import without labels."""

from collections.abc import Iterable
from datetime import date

from contact_import.columns.detect import Columns
from contact_import.contacts.failed_row_marker import FailedRowMarker
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome
from contact_import.fields.birthday import DateOrder
from contact_import.reports.failed_csv import FailedCsv
from contact_import.resubmission.stored_layout import format_importer_header

TODAY = date(2026, 11, 23)


def make_failed_csv(
    columns: Columns,
    outcomes: Iterable[Outcome],
    labels: Labels = Labels(),
    *,
    suggestion: str = "",
    date_order: DateOrder = DateOrder.UNKNOWN,
) -> list[str]:
    """Return the text of failed.csv in the pieces in which it is written."""
    pieces: list[str] = []
    header = format_importer_header(columns, date_order)
    failed_csv = FailedCsv(pieces.append, columns.header, header, FailedRowMarker(columns, labels, TODAY).describe)
    for outcome in outcomes:
        failed_csv.write_row(outcome, suggestion)
    failed_csv.flush()
    return pieces
