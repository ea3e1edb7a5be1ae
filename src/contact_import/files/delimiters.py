"""Choose the delimiter of a file: the one that cuts its header into known names."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from contact_import.columns.header_match import is_vague, match_role
from contact_import.domain.roles import CONSENT_ROLES, Role
from contact_import.files.csv_rows import PHONE_OR_EMAIL, Dialect, read_rows

DELIMITERS = ",;\t|"
_RARE_DELIMITERS = "^~\x1f"  # considered only where they cut a header into known names
_HEADER_SEARCH_ROWS = 30
_CLOSE_SCORE = 0.75  # of the best score


class _Reading(NamedTuple):
    """A file as it reads with one delimiter. `score` rates the shape of its rows; the other fields, its best header."""

    dialect: Dialect
    score: float
    known_headers: int = 0
    consent_headers: int = 0
    has_phone_header: bool = False

    @property
    def cuts_header(self) -> tuple[bool, bool]:
        """Return whether one column has the header of a phone, and whether several columns have a known header."""
        return self.has_phone_header, self.known_headers > 1


def find_delimiter(lines: Sequence[str], detect_quote: Callable[[str], Dialect]) -> tuple[Dialect, str]:
    """Return the dialect of the best delimiter, and a second delimiter if it is about as likely, else "".

    `detect_quote` returns the dialect of a delimiter. First, a delimiter that leaves the header in one piece, or the
    header of the phone in one cell with others, loses to one that does not. Second, the shape of the rows decides.
    Where two are close, the one with more consent columns wins, then the one with more known headers: it is safer to
    see a column of consent than to miss it.
    """
    text = "".join(lines)
    readings = [
        reading
        for delimiter in DELIMITERS + _RARE_DELIMITERS
        if delimiter in text
        and (reading := _read(detect_quote(delimiter), lines, text)).score
        and (delimiter in DELIMITERS or reading.cuts_header == (True, True))
    ]
    if not readings:
        return Dialect(), ""
    best_cut = max(reading.cuts_header for reading in readings)
    readings = [reading for reading in readings if reading.cuts_header == best_cut]
    best_score = max(reading.score for reading in readings)
    close = [reading for reading in readings if reading.score >= _CLOSE_SCORE * best_score]
    if len(close) == 1 or best_cut == (False, False):
        return max(close, key=lambda reading: reading.score).dialect, ""
    close.sort(key=lambda reading: (reading.consent_headers, reading.known_headers, reading.score))
    return close[-1].dialect, close[-2].dialect.delimiter


def _read(dialect: Dialect, lines: Sequence[str], text: str) -> _Reading:
    rows = [row.cells for row in read_rows(lines, dialect)]
    score = _score_shape(rows, dialect.delimiter, text)
    headers = (
        _Reading(dialect, score, *_count_headers(cells, dialect.delimiter))
        for cells in rows[:_HEADER_SEARCH_ROWS]
        if len(cells) > 1 and not PHONE_OR_EMAIL.search(" ".join(cells))
    )
    default = _Reading(dialect, score)
    return max(headers, key=lambda reading: (reading.cuts_header, reading.known_headers), default=default)


def _count_headers(cells: Iterable[str], delimiter: str) -> tuple[int, int, bool]:
    """Return how many cells of a row are known headers, how many of these are of consent, and whether one is a phone's.

    A cell that another delimiter would cut counts only if it is known as a whole.
    """
    others = [other for other in DELIMITERS + _RARE_DELIMITERS if other != delimiter]
    roles = [
        role
        for cell in cells
        if (role := match_role(cell)) and not (is_vague(cell) and any(other in cell for other in others))
    ]
    return len(roles), sum(role in CONSENT_ROLES for role in roles), Role.PHONE in roles


def _score_shape(rows: Sequence[tuple[str, ...]], delimiter: str, text: str) -> float:
    """Return a score that grows with the most frequent number of cells and with the share of rows that have it.

    It is 0 for rows of one cell, at most 1.3, and used only to compare delimiters of the same lines.
    """
    widths = Counter(map(len, rows))
    total = widths.total()
    if not total:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))
    if width == 1:
        return 0.0
    # The share counts twice: a delimiter in half of the lines is text. More cells are better, by 30 % at most.
    share = count / total
    # A delimiter before a blank is punctuation: `Smith, Ann;0491…`. So is one inside the quotes of another's cell.
    prose_share = text.count(f"{delimiter} ") / text.count(delimiter)
    quote_share = sum(any('"' in cell for cell in cells) for cells in rows) / total
    return share * share * (1 + min(width, 30) / 100) * (1 - prose_share / 2) * (1 - quote_share / 2)
