"""The columns that failed.csv and accepted.csv add to those of the upload. People send failed.csv back with them."""

from collections.abc import Mapping, Sequence

ROW = "_row"
STATUS = "_status"
REASON = "_reason"
SUGGESTION = "_suggestion"
SURPLUS = "_surplus"
LISTS = "_list"
TAGS = "_tags"
CONSENT = "_consent"
# Its header also carries how the columns of the upload were read (see `stored_layout`).
IMPORTER = "_importer"

FAILED_COLUMNS = (ROW, STATUS, REASON, SUGGESTION, SURPLUS, LISTS, TAGS)
_NAMES = frozenset((*FAILED_COLUMNS, CONSENT, IMPORTER))


def find_report_column(header: str) -> str:
    """Return which report column a header names, "" for a column of the user's own."""
    name = header.split(None, 1)[0].lower() if header.lstrip().startswith("_") else ""
    if name not in _NAMES or (name != IMPORTER and name != header.strip().lower()):
        return ""
    return name


def find_report_indexes(header: Sequence[str]) -> Mapping[str, int]:
    """Return the indexes of the report columns by name if this is the header of a failed.csv, else nothing.

    A person may have deleted some of them: the status and one more are enough.
    """
    indexes = {name: index for index, cell in enumerate(header) if (name := find_report_column(cell))}
    return indexes if STATUS in indexes and (ROW in indexes or REASON in indexes) else {}
