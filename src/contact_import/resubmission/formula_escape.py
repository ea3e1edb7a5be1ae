"""Escape cells that a spreadsheet would run as formulas, and undo that when the file comes back.

Spreadsheets run a cell that begins with one of `_TRIGGER_CHARS` as a formula (owasp.org, "CSV Injection"). An
apostrophe in front makes it text: `=1+1` becomes `'=1+1`. A plain number is not escaped, so that a phone `+61…` stays
readable.
"""

import re
from collections.abc import Sequence

# The last four are the full-width forms, which Excel in East Asian languages reads like the others.
_TRIGGER_CHARS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_TRIGGER_CLASS = _TRIGGER_CHARS.replace("-", "\\-")
_NUMBER = r"[+-]?[0-9]+(?: [0-9]+)*(?:\.[0-9]+)?"
_FORMULA = re.compile(f"'*[{_TRIGGER_CLASS}]")
_PLAIN_NUMBER = re.compile(_NUMBER)
# In all cells of a column, each after a NUL: a formula that is not a plain number.
_ANY_FORMULA = re.compile(f"\0(?='*[{_TRIGGER_CLASS}])(?!{_NUMBER}(?:\0|\\Z))")
_ESCAPED_FORMULA = re.compile(f"''*[{_TRIGGER_CLASS}]")


def escape_formula(cell: str) -> str:
    """Return a formula with an apostrophe in front, and so a cell that looks escaped: `'=1`. Others are unchanged."""
    if _FORMULA.match(cell) and not _PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def escape_column(cells: Sequence[str]) -> Sequence[str]:
    """Return the cells of a column as `escape_formula` does."""
    # Most columns have no formula: one search of all cells takes less time than one of each.
    text = "\0" + "\0".join(cells)
    if any(map(text.__contains__, _TRIGGER_CHARS)) and _ANY_FORMULA.search(text):
        return list(map(escape_formula, cells))
    return cells


def unescape_formula(cell: str) -> str:
    """Return the cell before `escape_formula`: for every cell, `unescape_formula(escape_formula(cell)) == cell`."""
    return cell[1:] if _ESCAPED_FORMULA.match(cell) else cell
