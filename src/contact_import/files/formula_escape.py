"""Cells that are safe in a spreadsheet, and read back as what they were.

Excel and its kin run a cell that begins with one of these as a formula (owasp.org, "CSV Injection"). An
apostrophe in front makes it text. A plain number stays as it is, so that a phone `+61…` stays readable.
"""

import re
from collections.abc import Iterable, Sequence

MARKER_COLUMNS = ("_row", "_status", "_reason")
REPORT_COLUMNS = (*MARKER_COLUMNS, "_suggestion", "_surplus")

_TRIGGER_CHARS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_TRIGGER_CLASS = _TRIGGER_CHARS.replace("-", "\\-")
_NUMBER = r"[+-]?[0-9]+(?: [0-9]+)*(?:\.[0-9]+)?"
_FORMULA = re.compile(f"'*[{_TRIGGER_CLASS}]")
_PLAIN_NUMBER = re.compile(_NUMBER)
_ANY_FORMULA = re.compile(f"\0(?='*[{_TRIGGER_CLASS}])(?!{_NUMBER}(?:\0|\\Z))")  # of cells that each follow a NUL
_ESCAPED_FORMULA = re.compile(f"''*[{_TRIGGER_CLASS}]")


def escape_formula(cell: str) -> str:
    if _FORMULA.match(cell) and not _PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def escape_column(cells: Sequence[str]) -> Sequence[str]:
    """Each protected: in most columns there is nothing to do, which one look at all of the cells tells."""
    text = "\0" + "\0".join(cells)
    if any(map(text.__contains__, _TRIGGER_CHARS)) and _ANY_FORMULA.search(text):
        return list(map(escape_formula, cells))
    return cells


def unescape_formula(cell: str) -> str:
    """The inverse of `protect`: for every cell, `unprotect(protect(cell)) == cell`."""
    return cell[1:] if _ESCAPED_FORMULA.match(cell) else cell


def is_failed_csv(header: Iterable[str]) -> bool:
    """Whether a file with this header was written by `protect`: a failed.csv that was dropped again."""
    names = set(header)
    return all(marker in names for marker in MARKER_COLUMNS)
