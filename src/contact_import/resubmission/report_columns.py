"""Name the columns that failed.csv and accepted.csv add to those of the upload, and find them in a resubmission."""

from collections.abc import Mapping, Sequence

ROW = "_row"
STATUS = "_status"
REASON = "_reason"
SUGGESTION = "_suggestion"
SURPLUS = "_surplus"
LISTS = "_list"
TAGS = "_tags"
CONSENT = "_consent"
# Its cells are the marks of rows (`contacts.returned_rows`). Its header also has the columns of the upload
# (`stored_layout`).
IMPORTER = "_importer"

FAILED_COLUMNS = (ROW, STATUS, REASON, SUGGESTION, SURPLUS, LISTS, TAGS)
_NAMES = frozenset((*FAILED_COLUMNS, CONSENT, IMPORTER))


def find_report_column(header: str) -> str:
    """Return the name of the report column in a header, "" for a column of the user."""
    # The header of IMPORTER continues after the name; all others are only the name.
    name = header.split(None, 1)[0].lower() if header.lstrip().startswith("_") else ""
    if name not in _NAMES or (name != IMPORTER and name != header.strip().lower()):
        return ""
    return name


def find_report_indexes(header: Sequence[str]) -> Mapping[str, int]:
    """Return the indexes of the report columns by name if this is the header of a failed.csv, else an empty mapping.

    A person may have deleted some of them: `_status` with `_row` or `_reason` is enough.
    """
    indexes = {name: index for index, cell in enumerate(header) if (name := find_report_column(cell))}
    return indexes if STATUS in indexes and (ROW in indexes or REASON in indexes) else {}
