"""How the cells of a file are written, told by its first lines."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from contact_import.files.csv_rows import Dialect, read_rows, unwrapped

DELIMITERS = ",;\t|"

_END = "unexpected end of data"  # the csv module has one error class and tells by words


def sniff(lines: Sequence[str]) -> Dialect:
    """The dialect of a file by its first lines: the delimiter that cuts most of them into equally many cells."""
    if lines and (told := re.fullmatch(r'"?sep=(.?)"?\s*', lines[0], re.IGNORECASE)):
        # Excel takes any character; a letter, a quote or a blank is no delimiter but a slip.
        usable = told[1] and (told[1] == "\t" or not (told[1].isalnum() or told[1].isspace() or told[1] in '"\\'))
        return replace(_of(lines[1:], told[1] if usable else ""), first_line=2)
    return _of(lines)


def _of(lines: Sequence[str], told: str = "") -> Dialect:
    inner = [unwrapped(line) for line in lines]
    if all(line != bare or not line.strip() for line, bare in zip(lines, inner, strict=True)):
        dialect = _bare(inner, told)
        # A single column of addresses is quoted line by line too, but not cut into a table by its commas.
        if dialect.width and {len(row.cells) for row in read_rows(inner, dialect)} == {dialect.width}:
            return replace(dialect, is_wrapped=True)
    return _bare(lines, told)


def _bare(lines: Sequence[str], told: str) -> Dialect:
    return _finish(_with_quote(told, lines) if told else _best(lines), lines)


def _best(lines: Sequence[str]) -> Dialect:
    best, best_score = Dialect(), 0.0
    for delimiter in DELIMITERS:
        dialect = _with_quote(delimiter, lines)
        if (score := _score(dialect, lines)) > best_score:
            best, best_score = dialect, score
    return best


def _with_quote(delimiter: str, lines: Sequence[str]) -> Dialect:
    """Single quotes are marks only where every line has them so: `'Ann','O''Neil'`. Elsewhere they are letters."""
    filled = [line.strip(" \r\n") for line in lines if line.strip()]
    if not filled or not all("'" in line for line in filled):
        return Dialect(delimiter)
    mark = re.escape(delimiter)
    cell = rf"""(?:'(?:[^'\\]|''|\\.)*+'|[^'"{mark}]*+)"""
    line_of_cells = re.compile(rf"{cell}(?:{mark} *+{cell})++")
    return Dialect(delimiter, quote="'" if all(map(line_of_cells.fullmatch, filled)) else '"')


def _finish(dialect: Dialect, lines: Sequence[str]) -> Dialect:
    text = "".join(lines)
    quote = dialect.quote
    blank = re.search(rf"{re.escape(dialect.delimiter)} +{quote}", text) is not None and dialect.delimiter != "\t"
    dialect = replace(dialect, blank_before_quote=blank)
    escaped = replace(dialect, backslash=True)
    if f"\\{quote}" in text and not _is_well_formed(lines, dialect) and _is_well_formed(lines, escaped):
        dialect = escaped
    widths = Counter(len(row.cells) for row in read_rows(lines, dialect))
    if widths and (width := max(widths, key=lambda cells: (widths[cells], cells))) > 1:
        return replace(dialect, width=width)
    return dialect


def _is_well_formed(lines: Sequence[str], dialect: Dialect) -> bool:
    try:
        list(dialect.reader(lines, strict=True))
    except csv.Error as error:
        return _END in str(error)  # the sample may end inside a cell
    return True


def _score(dialect: Dialect, lines: Sequence[str]) -> float:
    """How many cells the usual row has, weighed by how usual it is."""
    widths = Counter(len(row.cells) for row in read_rows(lines, dialect))
    total = widths.total()
    if not total:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))
    if width == 1:
        return 0.0
    share = count / total
    text = "".join(lines)
    prose = text.count(f"{dialect.delimiter} ") / text.count(dialect.delimiter)  # `Smith, Ann;0491…`
    return share * share * (1 + min(width, 30) / 100) * (1 - prose / 2)
