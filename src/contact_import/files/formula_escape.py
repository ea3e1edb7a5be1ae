"""Cells that are safe in a spreadsheet, and read back as what they were.

Excel and its kin run a cell that begins with one of these as a formula (owasp.org, "CSV Injection"). An
apostrophe in front makes it text. A plain number stays as it is, so that a phone `+61…` stays readable.
"""

import re
from collections.abc import Iterable, Sequence

MARKERS = ("_row", "_status", "_reason")
OURS = (*MARKERS, "_suggestion", "_surplus")

_SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_TRIGGERS = _SIGNS.replace("-", "\\-")
_NUMBER = r"[+-]?[0-9]+(?: [0-9]+)*(?:\.[0-9]+)?"
_DANGEROUS = re.compile(f"'*[{_TRIGGERS}]")
_PLAIN_NUMBER = re.compile(_NUMBER)
_ONE_IS_DANGEROUS = re.compile(f"\0(?='*[{_TRIGGERS}])(?!{_NUMBER}(?:\0|\\Z))")  # of cells that each follow a NUL
_PROTECTED = re.compile(f"''*[{_TRIGGERS}]")


def protect(cell: str) -> str:
    if _DANGEROUS.match(cell) and not _PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def protect_all(cells: Sequence[str]) -> Sequence[str]:
    """Each protected: in most columns there is nothing to do, which one look at all of the cells tells."""
    text = "\0" + "\0".join(cells)
    if any(map(text.__contains__, _SIGNS)) and _ONE_IS_DANGEROUS.search(text):
        return list(map(protect, cells))
    return cells


def unprotect(cell: str) -> str:
    """The inverse of `protect`: for every cell, `unprotect(protect(cell)) == cell`."""
    return cell[1:] if _PROTECTED.match(cell) else cell


def is_ours(header: Iterable[str]) -> bool:
    """Whether a file with this header was written by `protect`: a failed.csv that was dropped again."""
    names = set(header)
    return all(marker in names for marker in MARKERS)
